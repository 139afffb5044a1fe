"""A dialog in which a longer text is edited."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import TextArea

from tui.screens.dialog import Answer, Dialog
from tui.widgets.bindings import hidden

USE: Final = Answer("use", "Use it")
NONE: Final = Answer("none", "Remove it")


class TextDialog(Dialog):
    """Answers "use" or "none"; `text` is what stands in the field. Enter begins a line, so Tab goes to the answers."""

    DEFAULT_CSS = """
    TextDialog TextArea {
        height: auto;
        min-height: 6;
        max-height: 35vh;
        border: round $border;
        padding: 0 1;
        &:focus { border: round $primary; }
    }
    """
    HINT: ClassVar[str] = "^s use it   esc back"
    BINDINGS: ClassVar[list[BindingType]] = [hidden("ctrl+s", "dismiss('use')", "text.use", "Use the text")]

    def __init__(self, title: str, text: str, edited: str) -> None:
        """`edited` is the text as it is."""
        super().__init__(title, text, (USE, NONE) if edited else (USE,))
        self._area = TextArea(edited, soft_wrap=True, show_line_numbers=False, tab_behavior="focus")

    @property
    def text(self) -> str:
        """What was typed."""
        return self._area.text

    def content(self) -> Sequence[Widget]:
        """The text and the field."""
        return [*super().content(), self._area]

    def first(self) -> Widget:
        """The field, at its end."""
        self._area.move_cursor(self._area.document.end)
        return self._area
