"""A table that fits the terminal: the first column is never cut, though it may need a line; the last gives way."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence
from typing import Final

_GAP: Final = "  "
_LAST: Final = 4
"""So much of the last column is seen in any case."""
_WIDE: Final = 200
"""Where the output is no terminal."""


def table(head: Sequence[str], rows: Sequence[Sequence[str]], width: int | None = None) -> Iterator[str]:
    """Lines for a head and rows of texts; all columns but the first and the last are set to the right.

    Args:
        head: the columns' titles; the last is left out if it has nothing under it.
        rows: as many texts each; one character counts as one column.
        width: of the terminal; asked for if it is not given.
    """
    width = width or (shutil.get_terminal_size().columns if sys.stdout.isatty() else _WIDE)
    if not any(row[-1] for row in rows):
        head = (*head[:-1], "")
    widths = [max(len(row[at]) for row in (head, *rows)) for at in range(len(head))]
    first = min(widths[0], max(width - sum(widths[1:-1]) - len(_GAP) * (len(head) - 1) - _LAST, width // 3))
    for row in (head, *rows):
        middle = [f"{text:>{size}}" for text, size in zip(row[1:-1], widths[1:-1], strict=True)]
        rest = _GAP.join([*middle, row[-1]]).rstrip()
        if len(row[0]) > first:
            yield row[0]
            yield _cut(f"{'':<{first}}{_GAP}{rest}", width)
        else:
            yield _cut(f"{row[0]:<{first}}{_GAP}{rest}", width)


def _cut(line: str, width: int) -> str:
    line = line.rstrip()
    return line if len(line) <= width else line[: width - 1] + "…"
