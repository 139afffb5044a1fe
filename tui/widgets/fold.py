"""Text that most readers skip, one line high until it is opened: a model's thinking, a provider's own words."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static


class Fold(Vertical, can_focus=True):
    """A line with a title; Enter or a click opens and closes the text below. Closed, longer text costs nothing."""

    DEFAULT_CSS = """
    Fold {
        height: auto;
        color: $text-muted;
        & > Static { height: auto; }
        & > .fold--title { max-height: 3; }
        & > .fold--body { display: none; padding: 0 0 0 2; max-height: 16; overflow-y: auto; }
        &.-open > .fold--body { display: block; }
        &:focus > .fold--title { background: $surface-lighten-1; text-style: bold; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "fold", "Open", id="fold.toggle", tooltip="Open or close this text", show=False),
    ]

    def __init__(self, title: str, text: str = "", *, preview: bool = False) -> None:
        """`text` is safe to show. With `preview` the start of the text stands in the title's line."""
        super().__init__()
        self._title = title
        self._texts = [text] if text else []
        self._preview = " ".join(text[:400].split()) if preview else ""

    def compose(self) -> ComposeResult:
        """The title's line and the text."""
        yield Static(self._line(), classes="fold--title")
        yield Static(classes="fold--body")

    @property
    def open(self) -> bool:
        """Whether the text is shown."""
        return self.has_class("-open")

    def add(self, text: str) -> None:
        """More text; nothing is drawn before `refresh_text`."""
        self._texts.append(text)

    def refresh_text(self, title: str) -> None:
        """Draw the new title and, if open, the text so far."""
        self._title = title
        if self.is_mounted:
            self._draw()

    def on_click(self, event: events.Click) -> None:
        """Open or close."""
        event.stop()
        self.action_fold()

    def action_fold(self) -> None:
        """Open or close."""
        self.toggle_class("-open")
        self._draw()

    def _line(self) -> Content:
        return Content(f"▾ {self._title}" if self.open else f"▸ {self._title} {self._preview}".rstrip())

    def _draw(self) -> None:
        self.query_one(".fold--title", Static).update(self._line())
        if self.open:
            self._texts = ["".join(self._texts)]
            self.query_one(".fold--body", Static).update(Content(self._texts[0]))
