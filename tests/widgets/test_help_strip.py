"""The strip at the bottom."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from textual.geometry import Size

from tui.widgets.help_strip import HelpStrip
from tui.widgets.row import Help

KEYS = (("↑", "earlier prompts"), ("^n", "another answer"), ("^b", "copy code"), ("^y", "save, load, …"))


class _Strip(HelpStrip):
    """One of a size that nobody has to lay out."""

    def __init__(self, width: int, height: int) -> None:
        super().__init__()
        self._given = Size(width, height)

    @property
    def size(self) -> Size:
        return self._given


@given(width=st.integers(20, 120), words=st.integers(0, 40))
def test_a_key_stands_on_the_line_of_its_words(width: int, words: int) -> None:
    strip = _Strip(width, 40)
    strip.set_reactive(HelpStrip.help_, Help("chat", (), " ".join(["word"] * words), keys=KEYS))
    lines = strip.render().plain.splitlines()
    assert all(any(f"{key} {what}" in line for line in lines) for key, what in KEYS)
    assert all(len(line) <= width for line in lines)
