"""What is drawn where the terminal shows no Unicode, or no colour."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color

from tests.app.fakes import running
from tui.basic_theme import BASIC, has_colours
from tui.widgets.mono import MonoFilter
from tui.widgets.signs import ascii_only, shows_unicode

BLACK = Color(0, 0, 0)


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"])))
def test_every_line_stays_as_wide_as_it_was_and_becomes_ascii(text: str) -> None:
    drawn = ascii_only(text)
    assert drawn.isascii()
    assert len(drawn) == sum(cell_len(sign) for sign in text)


def test_the_signs_of_the_app_keep_their_sense() -> None:
    assert ascii_only("▌ ★ verified · 1 … ✗ ┌──┐ │ é ß 日") == "> * verified - 1 . x +--+ | e ? ??"


@pytest.mark.parametrize(
    ("env", "utf8_mode", "expected"),
    [
        ({"LANG": "de_DE.UTF-8"}, False, True),
        ({"LANG": "C.utf8"}, False, True),
        ({"LC_CTYPE": "C.UTF-8", "LANG": "C"}, True, False),  # as Python shows LANG=C
        ({"LC_CTYPE": "C.UTF-8", "LANG": "C"}, False, True),
        ({"LC_ALL": "POSIX", "LANG": "C.UTF-8"}, True, False),
        ({"LC_ALL": "de_DE.ISO-8859-1"}, False, False),
        ({"LC_CTYPE": "C.UTF-8"}, True, True),  # no locale at all, as in a container
        ({}, False, True),
        ({"LANG": "C.UTF-8", "TERM": "linux"}, False, False),
        ({"LANG": "C.UTF-8", "TERM": "vt100"}, False, False),
        ({"LANG": "C.UTF-8", "TERM": "xterm"}, False, True),
    ],
)
def test_the_locale_and_the_kind_of_terminal_say_what_it_shows(
    env: dict[str, str], *, utf8_mode: bool, expected: bool
) -> None:
    assert shows_unicode(env, utf8_mode=utf8_mode) is expected


@pytest.mark.parametrize(
    ("style", "reverse"),
    [("#ffffff on #000000", False), ("#000000 on #55ffff", True), ("black on white", True),
     ("default on default", False), ("reverse #ffffff on #000000", True), ("bold red", False)],
)  # fmt: skip
def test_without_colours_what_stands_on_a_light_ground_is_reversed(style: str, *, reverse: bool) -> None:
    (segment,) = MonoFilter().apply([Segment("x", Style.parse(style))], BLACK)
    assert segment.style is not None
    assert (segment.style.color, segment.style.bgcolor) == (None, None)
    assert bool(segment.style.reverse) is reverse
    assert bool(segment.style.bold) is style.startswith("bold")


async def test_with_few_signs_and_no_colours_the_state_is_in_words_and_the_focus_is_seen(tmp_path: Path) -> None:
    env = {"TERM": "vt100", "LANG": "C"}
    assert not has_colours(env)
    async with running(tmp_path / "config.toml", env=env, size=(80, 24)) as bench:
        assert bench.app.theme == BASIC.name
        await bench.replace("num_retries", "7")
        assert bench.row("num_retries").has_focus_within
        shown = bench.text
        assert shown.isascii()
        assert "> Retries" in shown
        assert "edited" in shown
        assert "1 unsaved" in shown
