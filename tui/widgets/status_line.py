"""A line of text that costs nothing to say again."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from tui.text import visible_line


class Said(Static):
    """Shows text from anywhere, as text. Saying the same once more does not lay the screen out anew."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002  # Textual's name
        super().__init__("", id=id, classes=classes, markup=False)
        self._said = ""

    def say(self, text: str) -> None:
        """Show `text`."""
        if text != self._said:
            self._said = text
            self.update(Content(visible_line(text)))
