"""A key in any form in which it may come back."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.config.secret import Secret
from tui.llm.masking import DETAIL_CHARS, MASK, detail, masked

KEY = "sk-proj-A+b/9=xyz_7f3b9c51e2d84a60"
ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"


@given(key=st.text(ALPHABET, min_size=8, max_size=60), before=st.text(max_size=30), after=st.text(max_size=30))
def test_no_eight_characters_of_a_key_survive(key: str, before: str, after: str) -> None:
    hidden = masked(before + key + after, [Secret(key)])
    assert not any(key[start : start + 8] in hidden for start in range(len(key) - 7))


@pytest.mark.parametrize(
    "text",
    [
        f"Incorrect API key provided: {KEY}.",
        f"GET /?key={quote(KEY, safe='')}",
        "Incorrect API key provided: sk-proj-****4a60. Find it at",
        "key sk-p...4a60 is wrong",
        "key ****************4a60",
        f"part {KEY[5:17]} of it",
        KEY.upper(),
    ],
)
def test_an_echo_of_the_key_is_hidden(text: str) -> None:
    hidden = masked(text, [Secret(KEY)])
    assert MASK in hidden
    assert "4a60" not in hidden.lower()
    assert "sk-p" not in hidden


def test_words_that_are_no_key_stay() -> None:
    words = "Wait... the model gpt-4o is **very** busy: 8 requests/min, try in 2.5s"
    assert masked(words, [Secret(KEY)]) == words


def test_a_detail_is_bounded_and_can_not_control_the_terminal() -> None:
    hostile = "\x1b]52;c;aGk=\x07\u202e" + "x" * 10_000
    shown = detail(hostile, [])
    assert len(shown) <= DETAIL_CHARS
    assert not set(shown) & {"\x1b", "\x07", "\u202e"}


def test_a_key_across_the_bound_is_hidden_as_well() -> None:
    assert KEY[:8] not in detail("y" * (DETAIL_CHARS - 12) + KEY, [Secret(KEY)])
