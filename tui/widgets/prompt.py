"""Where a prompt is typed: Enter sends, Shift+Enter or Ctrl+J starts a line, Up in an empty one recalls the last."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Final

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.strip import Strip
from textual.widgets import TextArea

_TAKEN: Final = frozenset({"up", "down", "pageup", "pagedown", "f6", "f7", "ctrl+y,super+y"})
"""Keys of the text area that have another meaning here, or belong to the app."""


def _inherited() -> list[BindingType]:
    return [one for one in TextArea.BINDINGS if not (isinstance(one, Binding) and one.key in _TAKEN)]


class Prompt(TextArea, inherit_bindings=False):
    """A text area as high as its text, up to six lines. Enter posts `Submitted` and leaves the text where it is."""

    DEFAULT_CSS = """
    Prompt {
        height: auto;
        max-height: 8;
        border: round $border;
        padding: 0 1;
        background: transparent;
        &:focus { border: round $primary; }
        & .text-area--cursor-line { background: transparent; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *_inherited(),
        Binding("enter", "submit", "Send", id="chat.send", tooltip="Send the prompt"),
        Binding("shift+enter,ctrl+j,alt+enter", "newline", "Line", id="chat.newline", tooltip="New line", show=False),
        Binding("up", "up", "Recall", id="chat.recall", tooltip="Recall an earlier prompt", show=False),
        Binding("down", "down", "Next", id="chat.next", tooltip="Go on to the next prompt", show=False),
        Binding("pageup", "page(-1)", "Scroll up", id="chat.page_up", tooltip="Scroll the chat up", show=False),
        Binding("pagedown", "page(1)", "Scroll down", id="chat.page_down", tooltip="Scroll the chat down", show=False),
    ]  # fmt: skip

    @dataclass
    class Submitted(Message):
        """Enter was pressed on a prompt that is not empty."""

        text: str

    @dataclass
    class Paged(Message):
        """The transcript should move by a page."""

        direction: int
        """-1 up, 1 down."""

    def __init__(self, ask: str = "Ask the model…", *, id: str | None = None) -> None:  # noqa: A002  # Textual's name
        """`ask` stands there while nothing is typed."""
        super().__init__(id=id, soft_wrap=True, show_line_numbers=False, placeholder=Content(ask))
        self.cursor_blink = False  # each blink goes over the line, and the line may be slow
        self._sent: list[str] = []
        self._recalled: int | None = None

    def render_line(self, y: int) -> Strip:
        """One line; none where there is no room, into which Textual can't wrap the placeholder."""
        return super().render_line(y) if self.content_size.width > 0 else Strip.blank(0)

    async def _on_key(self, event: events.Key) -> None:
        if event.key != "enter":
            await super()._on_key(event)
            return
        event.stop()
        event.prevent_default()
        self.action_submit()

    def accept(self, text: str) -> None:
        """The prompt was sent: empty the area and remember it."""
        self._sent.append(text)
        self._recalled = None
        self.clear()

    def remember(self, prompts: Iterable[str]) -> None:
        """Prompts of another time can be recalled, the last one first."""
        self._sent = list(prompts)
        self._recalled = None

    def put(self, text: str) -> None:
        """Show a text to be edited; what was being typed can be recalled."""
        if self.text.strip() and self.text not in self._sent:
            self._sent.append(self.text)
        self._recalled = None
        self.text = text
        self.move_cursor(self.document.end)

    def suggest(self, text: str) -> None:
        """Put `text` there, as if selected: typing replaces it, Enter sends it. What was typed stays instead."""
        if not self.text:
            self.text = text
            self.select_all()

    def action_submit(self) -> None:
        """Post the text, unless it is blank."""
        if self.text.strip():
            self.post_message(self.Submitted(self.text))

    def action_newline(self) -> None:
        """Start a new line at the cursor."""
        start, end = self.selection
        self._replace_via_keyboard("\n", start, end)

    def action_up(self) -> None:
        """Move up a line; in an empty or recalled prompt, go back to the one before."""
        older = (len(self._sent) if self._recalled is None else self._recalled) - 1
        if older >= 0 and self._may_recall():
            self._recall(older)
        else:
            self.action_cursor_up()

    def action_down(self) -> None:
        """Move down a line; in a recalled prompt, go on to the one after."""
        if self._recalled is None or not self._may_recall():
            self.action_cursor_down()
        elif self._recalled + 1 < len(self._sent):
            self._recall(self._recalled + 1)
        else:
            self._recalled = None
            self.clear()

    def action_page(self, direction: int) -> None:
        """Ask for the transcript to be scrolled."""
        self.post_message(self.Paged(direction))

    def _may_recall(self) -> bool:
        return not self.text or (self._recalled is not None and self.text == self._sent[self._recalled])

    def _recall(self, index: int) -> None:
        self._recalled = index
        self.text = self._sent[index]
        self.move_cursor(self.document.end)
