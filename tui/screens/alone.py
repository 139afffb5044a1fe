"""What stands on the Compare page where the file has nobody to compare."""

from __future__ import annotations

from typing import Final

from textual import getters
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

_ALONE: Final = """\
There is nothing to compare yet: the file has no profile beside [llm].

A profile is a table of its own. It inherits what it does not set:

  [llm.cheap]
  model = "openai/gpt-4o-mini"

"""
_IN_FILE: Final = "Add one to the file (^p, “Open the file in your editor”), then come back."
_IN_APP: Final = "F9 Profiles makes one."
_UNREADABLE: Final = "The file can't be read, so its profiles are not known. F2 shows what is wrong with it."


class Alone(VerticalScroll):
    """Hidden until the page needs it; scrolls with the focus where the terminal is small."""

    DEFAULT_CSS = """
    Alone {
        display: none; height: 1fr; padding: 0 1;
        & > Static { height: auto; }
    }
    """

    _text = getters.query_one(Static)

    def __init__(self, *, profiles_page: bool) -> None:
        """`profiles_page`: whether there is a page that makes profiles."""
        super().__init__(id="nothing")
        self._words = _ALONE + (_IN_APP if profiles_page else _IN_FILE)

    def compose(self) -> ComposeResult:
        """The text."""
        yield Static(markup=False)

    def say(self, *, unreadable: bool) -> None:
        """Say it; `unreadable`: nobody knows what the file has."""
        self._text.update(Content(_UNREADABLE if unreadable else self._words))
