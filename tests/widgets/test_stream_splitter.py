"""How a streamed answer is cut."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tui.widgets.markdown.stream_splitter import PART_CHARS, Break, Cutter, Hold, Keep, Piece, Settle, Show

LINES = st.sampled_from(
    [
        "```py\n",
        "```\n",
        "~~~~\n",
        "text\n",
        "\n",
        "- item\n",
        "  more\n",
        "1. one\n",
        "> ```\n",
        "| a | b |\n",
        "`x` y\n",
    ]
)
ANSWERS = st.lists(LINES | st.text("`~|-\n ab", max_size=30) | st.just("word " * 900), max_size=40).map("".join)


def cut(*texts: str) -> list[Piece]:
    cutter = Cutter()
    return [piece for text in texts for piece in cutter.take(text)] + list(cutter.end())


def text_of(pieces: list[Piece]) -> str:
    return "".join(piece.text for piece in pieces if isinstance(piece, Show | Hold))


@given(ANSWERS, st.lists(st.integers(0, 5000)))
def test_nothing_is_lost_doubled_or_moved_wherever_the_stream_is_split(answer: str, cuts: list[int]) -> None:
    edges = [0, *sorted(min(cut, len(answer)) for cut in cuts), len(answer)]
    pieces = cut(*(answer[a:b] for a, b in pairwise(edges)))
    assert text_of(pieces) == answer


@given(ANSWERS)
def test_what_is_held_is_always_settled_or_kept_before_anything_else_is_shown(answer: str) -> None:
    held = False
    for piece in cut(*answer):
        assert not (held and isinstance(piece, Show | Break))
        held = isinstance(piece, Hold) or (held and not isinstance(piece, Settle | Keep))
    assert not held


def test_an_open_fence_is_held_until_it_closes() -> None:
    cutter = Cutter()
    assert list(cutter.take("Hi\n``")) == [Show("Hi\n")]
    assert list(cutter.take("`py\nx = 1\n``")) == [Hold("```py\n"), Hold("x = 1\n")]
    assert list(cutter.take("`\nDone")) == [Hold("```\n"), Settle(), Show("Done")]


def test_inline_code_at_the_start_of_a_line_is_no_fence() -> None:
    assert cut("`x` is code") == [Show("`x` is code")]


def test_a_shorter_or_other_mark_does_not_close_a_fence() -> None:
    assert Settle() not in list(Cutter().take("````\n```\n~~~~\n"))


def test_a_table_is_held_until_its_last_row() -> None:
    assert cut("| a |\n", "| - |\n", "\n") == [Hold("| a |\n"), Hold("| - |\n"), Settle(), Show("\n")]


def test_a_huge_table_stays_plain() -> None:
    assert Keep() in cut("| a | b |\n" * 1000, "end")


def test_a_long_answer_becomes_parts_that_begin_at_blocks() -> None:
    pieces = cut("A paragraph.\n\n" * 1000)
    assert pieces.count(Break()) >= 14_000 // PART_CHARS - 1
    starts = [pieces[at + 1] for at, piece in enumerate(pieces) if piece == Break()]
    assert all(piece == Show("A paragraph.\n") for piece in starts)


def test_a_long_list_is_continued_in_the_next_part() -> None:
    assert Break(in_list=True) in cut("- item\n" * 200)


def test_a_paragraph_without_end_is_held_once_it_is_very_long() -> None:
    pieces = cut(*["word " * 100 + "\n"] * 20, "\nend")
    assert isinstance(pieces[-3], Settle)
    assert pieces[-2:] == [Break(), Show("end")]
