"""A terminal that gets the small output shows what one that gets all of it shows."""

from __future__ import annotations

import pyte
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.terminal.pen import Pen, change
from tui.terminal.slim import Slim

COLUMNS, ROWS = 24, 8
_PENS = (
    "",
    "\x1b[2;3;9;32m",
    "\x1b[38;2;9;8;7;48;2;1;2;3m",
    "\x1b[1;38;5;44m",
    "\x1b[4m",
    "\x1b[7;31m",
    "\x1b[48;2;1;2;3m",
)
_LINES = ("", "a line", "another one", "more of it ─ │", "  indented", "ein Wort ★", "漢字 wide", "x" * COLUMNS)

pieces = st.tuples(
    st.integers(0, ROWS - 1), st.integers(0, COLUMNS - 1), st.sampled_from(_PENS), st.text("ab █漢", max_size=12)
)
lines = st.lists(st.tuples(st.sampled_from(_PENS), st.sampled_from(_LINES)), min_size=12, max_size=20)


def drawn(row: int, column: int, pen: str, text: str) -> str:
    """A piece of a line as Textual sends it, cut at the edge of the screen."""
    kept, width = "", 0
    for char in text:
        width += 2 if char in "漢字" else 1
        if column + width > COLUMNS:
            break
        kept += char
    return f"\x1b[{row + 1};{column + 1}H{pen}{kept}\x1b[0m"


class Terminals:
    """The same output, once as it is and once made small."""

    def __init__(self, *, erases: bool = False) -> None:
        self.slim = Slim(erases=erases)
        self.whole, self.small = pyte.Screen(COLUMNS, ROWS), pyte.Screen(COLUMNS, ROWS)
        self.sent = [0, 0]

    def show(self, output: str) -> None:
        small = self.slim.slim(output)
        pyte.Stream(self.whole).feed(output)
        pyte.Stream(self.small).feed(small)
        self.sent = [self.sent[0] + len(output), self.sent[1] + len(small)]
        assert look(self.whole) == look(self.small)


def look(screen: pyte.Screen) -> list[list[object]]:
    """What a person sees: of an empty cell only its ground and its lines."""
    rows: list[list[object]] = []
    for y in range(ROWS):
        cells = [screen.buffer[y][x] for x in range(COLUMNS)]
        rows.append([tuple(cell) if cell.data != " " or cell.underscore or cell.reverse else cell.bg for cell in cells])
    return rows


def page(shown: list[tuple[str, str]], first: int) -> str:
    """A whole screen of lines, each as wide as the screen, as Textual draws a transcript."""
    out = []
    for y in range(ROWS):
        pen, text = shown[(first + y) % len(shown)]
        cells = len(text) + sum(char in "漢字" for char in text)
        out.append(f"\x1b[{y + 1};1H{pen}{text}{' ' * (COLUMNS - cells)}\x1b[0m")
    return "\n".join(out)


@given(frames=st.lists(st.lists(pieces, max_size=6), max_size=8), erases=st.booleans())
@settings(max_examples=80, deadline=None)
def test_pieces_anywhere_look_the_same(frames: list[list[tuple[int, int, str, str]]], *, erases: bool) -> None:
    terminals = Terminals(erases=erases)
    for frame in frames:
        terminals.show("".join(drawn(*piece) for piece in frame) + "\x1b[2;3H")


@given(
    shown=lines,
    firsts=st.lists(st.integers(0, 12), min_size=2, max_size=6),
    modes=st.booleans(),
    erases=st.booleans(),
)
@settings(max_examples=80, deadline=None)
def test_lines_that_move_look_the_same(
    shown: list[tuple[str, str]], firsts: list[int], *, modes: bool, erases: bool
) -> None:
    terminals = Terminals(erases=erases)
    for first in firsts:
        terminals.show(("\x1b[?2026h" if modes else "") + page(shown, first) + "\x1b[1;1H")


def test_a_transcript_that_scrolls_by_a_line_costs_a_line() -> None:
    shown = [("\x1b[38;2;200;200;200;48;2;20;20;20m", f"this is line {number}") for number in range(40)]
    terminals = Terminals()
    terminals.show(page(shown, 0))
    before = terminals.sent[1]
    terminals.show(page(shown, 1))
    assert terminals.sent[1] - before < 3 * COLUMNS


def test_what_stays_is_not_sent_again() -> None:
    terminals = Terminals()
    shown = [("\x1b[1m", "a line")] * 12
    terminals.show(page(shown, 0))
    before = terminals.sent[1]
    terminals.show(page(shown, 0))
    assert terminals.sent[1] == before


def test_what_is_not_understood_goes_out_as_it_is_and_all_is_drawn_anew() -> None:
    slim = Slim()
    line = "\x1b[1;1Hhello\x1b[0m"
    slim.slim(line)
    assert slim.slim("\x1b[2J").endswith("\x1b[2J")
    assert "hello" in slim.slim(line)


def test_after_a_change_of_size_all_is_drawn_anew() -> None:
    slim = Slim()
    slim.slim("\x1b[1;1Hhello\x1b[0m")
    slim.forget()
    assert "hello" in slim.slim("\x1b[1;1Hhello\x1b[0m")


def test_modes_titles_and_queries_pass() -> None:
    slim = Slim()
    for sequence in ("\x1b[?2026h", "\x1b]52;c;YQ==\x07", "\x1b[6n", "\x1b[>1u", "\x1b[?2026$p", "\x07"):
        assert slim.slim(sequence) == sequence


def test_an_attribute_is_ended_without_the_colours_being_sent_again() -> None:
    colours = Pen(fg="38;2;9;8;7", bg="48;2;1;2;3")
    assert change(colours._replace(attributes=frozenset("1")), colours) == "\x1b[22m"


def test_what_ends_bold_ends_dim_too_so_dim_is_begun_again() -> None:
    assert change(Pen(frozenset("12"), fg="31"), Pen(frozenset("2"), fg="31")) in ("\x1b[22;2m", "\x1b[0;2;31m")


def test_a_blank_row_among_rows_that_moved_moves_with_them() -> None:
    terminals = Terminals(erases=True)
    shown = ["one line", "two lines", "three of them", "a fourth line", "", "the end of", "", ""]
    terminals.show(page([("", line) for line in shown], 0))
    before = terminals.sent[1]
    moved = [*shown[1:5], "the end of it", "", "", ""]
    terminals.show(page([("", line) for line in moved], 0))
    assert terminals.sent[1] - before < 50
