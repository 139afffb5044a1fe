"""Rows of cells as a terminal shows them: where two versions differ, and which rows moved up or down together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias

from tui.terminal.pen import Pen

Cell: TypeAlias = "tuple[str, Pen] | None"
"""Character and pen; None where it is not known what the terminal shows."""
Row: TypeAlias = "list[Cell]"

_SKIP: Final = 4
"""So many unchanged cells are sent again rather than jumped over."""
_BORDER: Final = 2
"""The last columns of a row may hold a scrollbar, which does not move with the text."""
_MOVED: Final = 2
"""So many rows have to have moved together to be scrolled."""


def runs(old: Row, new: Row) -> Iterator[tuple[int, int]]:
    """The stretches that differ, those with little between them joined."""
    start = end = -1
    for x, (before, cell) in enumerate(zip(old, new, strict=False)):
        if cell is None or cell == before:
            continue
        if (start >= 0 and x - end > _SKIP) or None in new[end:x]:
            yield start, end
            start = x
        if start < 0:
            start = x
        end = x + 1
    if start >= 0:
        yield start, end


def moved_rows(old: Mapping[int, Row], new: Mapping[int, Row]) -> tuple[int, int, int] | None:
    """By how many rows most of the new ones stand higher than before, the first and the last row of what moved."""
    places = {key: y for y, row in old.items() if (key := _key(row))}
    votes = Counter(places[key] - y for y, row in new.items() if (key := _key(row)) and key in places)
    by, count = next(iter(votes.most_common(1)), (0, 0))
    if by == 0 or count < _MOVED or count <= votes[0]:
        return None
    rows = [y for y, row in new.items() if (key := _key(row)) and places.get(key) == y + by]
    first, last = min(rows), max(rows)
    if any(None in old.get(y, [None]) for y in range(min(first, first + by), max(last, last + by) + 1)):
        return None
    while _grown(old, new, last + 1, by):
        last += 1
    while _grown(old, new, first - 1, by):
        first -= 1
    return by, min(first, first + by), max(last, last + by)


def _grown(old: Mapping[int, Row], new: Mapping[int, Row], y: int, by: int) -> bool:
    """Whether the row moved with the others and got something added, as the last line of an answer does.

    A blank one between them moved too.
    """
    before = old.get(y + by, [None])
    if y not in new or None in before:
        return False
    return before[:-_BORDER] == new[y][:-_BORDER] or _alike(before, new[y])


def _alike(old: Row, new: Row) -> bool:
    """Whether most of what stood there still does."""
    stood = [(before, cell) for before, cell in zip(old, new, strict=False) if before and before[0] != " "]
    return len(stood) > _SKIP and 2 * sum(before == cell for before, cell in stood) > len(stood)


def _key(row: Row) -> tuple[Cell, ...] | None:
    """What tells a row from others; None for one that is blank or not wholly known."""
    key = tuple(row[:-_BORDER])
    return key if None not in key and any(cell and cell[0] not in " │" for cell in key) else None
