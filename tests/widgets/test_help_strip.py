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


@given(
    width=st.integers(56, 120),
    height=st.integers(1, 4),
    words=st.integers(120, 160),
    problem=st.sampled_from(["", "It is wrong."]),
)
def test_a_text_that_is_too_long_gives_way_to_the_keys(width: int, height: int, words: int, problem: str) -> None:
    strip = _Strip(width, height)
    text, wrong = " ".join(["word"] * words), problem if height > 1 else ""
    strip.set_reactive(HelpStrip.help_, Help("field", (), text, wrong, keys=(("^o", "back to saved"), ("^l", "clear"))))
    lines = strip.render().plain.splitlines()
    assert len(lines) == height
    assert lines[-1].endswith("…  ^o back to saved  ^l clear")
    assert all(len(line) <= width for line in lines)


def test_keys_that_leave_no_room_for_the_text_follow_it() -> None:
    strip = _Strip(58, 2)
    strip.set_reactive(HelpStrip.help_, Help("chat", (), " ".join(["word"] * 12), keys=KEYS))
    lines = strip.render().plain.splitlines()
    assert "↑ earlier prompts" in lines[1]
    assert lines[1].endswith("…")
