"""A table of Markdown as lines of text: frames, columns as wide as they need to be, cells broken between words.

┌───────┬───────┐
│ name  │ value │      too narrow for its columns side by side, each row becomes lines of "name: value"
├───────┼───────┤
│ alpha │     1 │
└───────┴───────┘
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, TypeAlias

import msgspec
from rich.cells import cell_len
from textual.content import Content

from tui.widgets.markdown.lines import BLANK, Line, wrapped

Side: TypeAlias = Literal["left", "center", "right"]
Row: TypeAlias = tuple[Content, ...]

_PADDING: Final = 2
_NARROWEST: Final = 3
"""Columns in a row of the table that it takes to be readable."""
_MIDDLE: Final = ("├", "┼", "┤")
_FRAME: Final = ".prose--frame"
_WORD: Final = 16
"""A longer word is broken rather than giving it all the room."""


class Table(msgspec.Struct, frozen=True):
    """Cells in rows, the header's apart."""

    header: Row
    rows: tuple[Row, ...]
    sides: tuple[Side, ...]
    """How each column is aligned."""
    below: int = 1
    above: int = 1

    def lines(self, width: int) -> list[Line]:
        """Side by side if they fit."""
        count = len(self.header)
        room = width - count * (_PADDING + 1) - 1
        if room < _NARROWEST * count:
            return self._listed(width)
        widths = shares([self._wanted(index) for index in range(count)], room)
        between = Line(_ruled(_MIDDLE, widths), copied=False)
        lines = [Line(_ruled(("┌", "┬", "┐"), widths), copied=False)]
        lines += self._row([cell.stylize_before(".prose--header") for cell in self.header], widths)
        lines.append(Line(_ruled(_MIDDLE, widths), framed=True))
        for index, row in enumerate(self.rows):
            lines += [between] if index else []
            lines += self._row(row, widths)
        return [*lines, Line(_ruled(("└", "┴", "┘"), widths), copied=False)]

    def _wanted(self, index: int) -> tuple[int, int]:
        """The longest word and the longest cell of a column."""
        cells = [row[index].plain for row in (self.header, *self.rows) if index < len(row)]
        words = max((cell_len(word) for cell in cells for word in cell.split()), default=1)
        return min(words, _WORD), max(1, *map(cell_len, cells))

    def _row(self, cells: Sequence[Content], widths: Sequence[int]) -> list[Line]:
        broken = [[line.content for line in wrapped(cell, width)] for cell, width in zip(cells, widths, strict=True)]
        bar = Content.styled("│", _FRAME)
        lines = []
        for y in range(max(map(len, broken))):
            parts = [bar]
            for rows, width, side in zip(broken, widths, self.sides, strict=True):
                text = rows[y] if y < len(rows) else Content("")
                parts += [_aligned(text, width, side), bar]
            lines.append(Line(Content("").join(parts), framed=True))
        return lines

    def _listed(self, width: int) -> list[Line]:
        lines: list[Line] = []
        for row in self.rows or ((Content(""),) * len(self.header),):
            lines += [BLANK] if lines else []
            for name, cell in zip(self.header, row, strict=True):
                lines += wrapped(Content.assemble(name.stylize_before(".prose--header"), ": ", cell), width)
        return lines


def shares(wanted: Sequence[tuple[int, int]], room: int) -> list[int]:
    """Widths of columns that want (for the longest word, for all) columns: at most `room` together.

    A column never gets more than it wants; what is too little for all is shared so that the narrow ones fit.
    """
    least = _leveled([words for words, _ in wanted], room)
    rest = _leveled([whole - low for (_, whole), low in zip(wanted, least, strict=True)], room - sum(least))
    return [max(1, low + more) for low, more in zip(least, rest, strict=True)]


def _leveled(wanted: Sequence[int], room: int) -> list[int]:
    """Cut the largest down to one level, so that the sum is at most `room`."""
    given = [0] * len(wanted)
    left = room
    order = sorted(range(len(wanted)), key=lambda index: wanted[index])
    for place, index in enumerate(order):
        given[index] = max(0, min(wanted[index], left // (len(order) - place)))
        left -= given[index]
    return given


def _aligned(text: Content, width: int, side: Side) -> Content:
    free = max(0, width - text.cell_length)
    left = {"left": 0, "center": free // 2, "right": free}[side]
    return text.pad(1 + left, 1 + free - left)


def _ruled(marks: tuple[str, str, str], widths: Sequence[int]) -> Content:
    start, middle, end = marks
    return Content.styled(start + middle.join("─" * (width + _PADDING) for width in widths) + end, _FRAME)
