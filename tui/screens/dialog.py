"""The questions that the app asks, each on a screen of its own over the form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Button, Static

from tui.screens.answer import Answer
from tui.text import visible
from tui.widgets.bindings import hidden
from tui.widgets.box import Box
from tui.widgets.diff_view import DiffView

__all__ = ["Answer", "Dialog", "DiffDialog"]

_MOST: Final = 0.9
"""Share of the screen's height that a question may take, as the styles of `Box` say."""
_LEAST_DIFF: Final = 3


class Dialog(ModalScreen[str]):
    """A title, a text and answers; the first one has the focus. Esc answers "", which is always "no, go back"."""

    DEFAULT_CSS = """
    Dialog {
        align: center middle;
        #dialog-title { color: $primary; text-style: bold; margin-bottom: 1; }
        #dialog-text { height: auto; margin-bottom: 1; }
        #answers { height: 1; margin-top: 1; & > Button { margin-right: 2; } }
        #dialog-hint { width: auto; color: $quiet; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss('')", "Back", id="dialog.back", tooltip="Go back and change nothing"),
        hidden("right,down", "app.focus_next", "dialog.next", "The next answer"),
        hidden("left,up", "app.focus_previous", "dialog.previous", "The previous answer"),
    ]

    HINT: ClassVar[str] = "esc back"

    def __init__(self, title: str, text: str, answers: Sequence[Answer]) -> None:
        super().__init__()
        self._title = title
        self._text = text
        self._answers = tuple(answers)

    def compose(self) -> ComposeResult:
        """Title, content, answers, and the key that goes back."""
        with Box(id="dialog"):
            yield Static(Content(visible(self._title)), id="dialog-title")
            yield from self.content()
            with Horizontal(id="answers"):
                for answer in self._answers:
                    yield Button(Content(answer.label), id=f"answer-{answer.value}", compact=True)
                yield Static(self.HINT, id="dialog-hint", markup=False)

    def content(self) -> Sequence[Widget]:
        """What stands between the title and the answers."""
        return [Static(Content(visible(self._text)), id="dialog-text")] if self._text else []

    def first(self) -> Widget:
        """What has the focus at first: with the first answer, Enter takes it."""
        return self.query(Button).first()

    def on_mount(self) -> None:
        """Put the focus where it belongs."""
        self.first().focus()

    @on(Button.Pressed)
    def _answered(self, event: Button.Pressed) -> None:
        event.stop()
        self.dismiss((event.button.id or "").removeprefix("answer-"))


class DiffDialog(Dialog):
    """A question about a change of the file, with the change."""

    def __init__(self, title: str, text: str, answers: Sequence[Answer], diff: Sequence[str]) -> None:
        super().__init__(title, text, answers)
        self._diff = tuple(diff)

    BINDINGS: ClassVar[list[BindingType]] = [
        hidden("pagedown", "scroll(1)", "diff.down", "A page down the change"),
        hidden("pageup", "scroll(-1)", "diff.up", "A page up the change"),
    ]

    def content(self) -> Sequence[Widget]:
        """The text, then the diff."""
        return [*super().content(), DiffView(self._diff)]

    def on_resize(self) -> None:
        """The change takes what room the rest leaves, so that the answers are always in sight."""
        self.call_after_refresh(self._fit)

    def _fit(self) -> None:
        view, box = self.query_one(DiffView), self.query_one("#dialog")
        others = [node for node in box.children if node is not view]
        taken = sum(node.outer_size.height + node.styles.margin.height for node in others)
        frame = box.gutter.height
        view.styles.max_height = max(_LEAST_DIFF, int(self.size.height * _MOST) - frame - taken)

    def action_scroll(self, pages: int) -> None:
        """Scroll the change."""
        view = self.query_one(DiffView)
        view.scroll_relative(y=pages * max(1, view.size.height - 1), animate=False)
