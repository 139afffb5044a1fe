"""A text field of one line without a border."""

from __future__ import annotations

from rich.cells import cell_len
from rich.text import Text
from textual.geometry import Size
from textual.reactive import reactive
from textual.widgets import Input

from tui.text import visible_line


class LineInput(Input):
    """An `Input` as a form of many lines wants it: one line high, on the ground of its row."""

    DEFAULT_CSS = """
    LineInput, LineInput.-textual-compact {
        width: 1fr;
        height: 1;
        border: none;
        padding: 0;
        background: transparent;
        background-tint: transparent;
        &:focus { background-tint: transparent; border: none; }
        & > .input--placeholder { color: $faint; }
        &.-wrong { color: $error; text-style: underline; }
        &:disabled { opacity: 60%; }
    }
    """

    virtual_size: reactive[Size] = reactive(Size(0, 0))
    """Textual's, but for the layout of the whole screen at each key: the size of this field is not that of its text."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  # Textual's name
        super().__init__(compact=True, validate_on=(), id=id)  # rows check what is typed themselves
        self.cursor_blink = False

    def put(self, text: str, placeholder: str) -> None:
        """Show `text` without telling anybody that it changed."""
        self.placeholder = placeholder
        if text != self.value:
            with self.prevent(Input.Changed):
                self.value = text
            self.cursor_position = len(text)
            if self.has_focus:
                self.select_all()  # as if the focus had come now: typing replaces it

    @property
    def _value(self) -> Text:
        """What is drawn: controls as signs, one for one, because a character that nobody sees is still in the value."""
        return Text(visible_line(self.value), no_wrap=True, overflow="ignore", end="")

    def _position_to_cell(self, position: int) -> int:
        return cell_len(visible_line(self.value[:position]))
