"""The line above a prompt that says what is the matter, and is not there when nothing is."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from tui.text import visible


class Hint(Static):
    """Holds until the next thing happens."""

    DEFAULT_CSS = """
    Hint { height: auto; padding: 0 1; color: $text-warning; display: none; }
    """

    def __init__(self) -> None:
        super().__init__(id="hint", markup=False)

    def say(self, words: str) -> None:
        """Show this; "" takes the line away."""
        self.update(Content(visible(words)))
        self.display = bool(words)
