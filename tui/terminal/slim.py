"""Makes output for a terminal small: keeps what the screen shows, and sends only what changes.

Textual sends a widget anew when anything in it changes, and the whole transcript for each line that it scrolls: 80 to
100 bytes for each byte of a streamed answer. `Slim` reads what would be sent, as a terminal does, into rows of cells,
and writes the cells that differ; rows that moved together are scrolled by the terminal itself.

    cells      (character, pen); None where it is not known what the screen shows
    in         moves (ESC [ y ; x H), pens (ESC [ … m), text, line feeds; modes and queries pass as they are
    text of wide characters goes out as it came, and its row is unknown from then on; so does anything else, and then
    all rows are
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import groupby
from typing import Final

from rich.cells import get_character_cell_size

from tui.terminal.pen import PLAIN, Pen, UnsureError, after, change
from tui.terminal.rows import Cell, Row, moved_rows, runs

_TOKEN: Final = re.compile(
    r"\x1b\[(?P<pen>[0-9;]*)m"
    r"|\x1b\[(?P<y>\d*);(?P<x>\d*)H"
    r"|(?P<feed>\n)"
    r"|(?P<text>[^\x00-\x1f\x7f-\x9f]+)"
    r"|(?P<harmless>\x07|\x1b\[[?<>=](?!1049|1047|47[hl])[0-9;]*(?:\$p|[hlucqnt])|\x1b\[[0-9;]*[nct]|\x1b\].*?(?:\x07|\x1b\\))"
    r"|(?P<other>\x1b.|.)",
    re.DOTALL,
)
_SIMPLE: Final = re.compile("[\x20-\x7e\u2500-\u259f]*")
"""Characters that need no look into a table: each takes one cell."""
_ERASED: Final = 8
"""So many blanks are erased rather than sent."""


class Slim:
    """The screen as it is shown, and how to change it."""

    def __init__(self, *, erases: bool = False) -> None:
        """`erases`: whether the terminal erases cells in the pen's colour (bce), so that blanks need not be sent."""
        self._erases = erases
        self._rows: dict[int, Row] = {}
        self._fresh: dict[int, Row] = {}
        self._pen: Pen = PLAIN
        """As the incoming text has it."""
        self._sent_pen: Pen | None = None
        """As the terminal has it; None where that is not known."""
        self._at: tuple[int, int] | None = None  # x, y as the incoming text has it
        self._cursor: tuple[int, int] | None = None
        """Where the terminal was told to leave its cursor."""
        self._raw = False
        """Whether text goes out as it comes until the next move."""
        self._out: list[str] = []

    def forget(self) -> None:
        """It is not known any more what the screen shows."""
        self._rows.clear()
        self._fresh.clear()
        self._sent_pen = self._at = self._cursor = None
        self._raw = False

    def slim(self, data: str) -> str:
        """What to send instead of `data`."""
        self._out = []
        try:
            for token in _TOKEN.finditer(data):
                self._read(token)
        except UnsureError:
            self.forget()
            self._pen = PLAIN
            return f"\x1b[0m{data}"
        self._flush()
        if self._at is not None and self._at != self._cursor:
            self._out.append(_move(*self._at))
            self._cursor = self._at
        return "".join(self._out)

    def _read(self, token: re.Match[str]) -> None:
        match token.lastgroup:
            case "pen":
                self._pen = after(self._pen, token["pen"])
            case "x":
                self._at = (int(token["x"] or 1) - 1, int(token["y"] or 1) - 1)
                self._raw = False
            case "feed":
                self._at = None  # a move follows
                self._raw = False
            case "text":
                self._write(token["text"])
            case "harmless":
                self._flush()
                self._out.append(token[0])
            case _:
                raise UnsureError(token[0])

    def _write(self, text: str) -> None:
        if self._raw:
            self._pass(text)
            return
        if self._at is None:
            raise UnsureError(text)
        x, y = self._at
        if not (_SIMPLE.fullmatch(text) or _narrow(text)):
            self._flush()
            self._rows[y] = [None] * len(self._rows.get(y, ()))
            self._out.append(_move(x, y))
            self._at, self._raw = None, True
            self._pass(text)
            return
        row = self._fresh.get(y)
        if row is None:
            row = self._fresh[y] = list(self._rows.get(y, ()))
        if len(row) < x + len(text):
            row.extend([None] * (x + len(text) - len(row)))
        blank = (" ", self._pen.on_blank)
        row[x : x + len(text)] = [blank if char == " " else (char, self._pen) for char in text]
        self._at = (x + len(text), y)

    def _pass(self, text: str) -> None:
        self._out.append(change(self._sent_pen, self._pen) + text)
        self._sent_pen, self._cursor = self._pen, None

    def _flush(self) -> None:
        """Send what differs."""
        if not self._fresh:
            return
        self._scroll()
        for y, row in sorted(self._fresh.items()):
            self._row(y, row)
            self._rows[y] = row
        self._fresh = {}

    def _row(self, y: int, row: Row) -> None:
        old = self._rows.get(y, [])
        old = old + [None] * (len(row) - len(old))
        at = -1  # where the terminal's cursor is in this row
        for start, end in runs(old, row):
            self._out.append(_move(start, y) if at < 0 else f"\x1b[{start - at}C")
            at = end - self._stretch(row[start:end])
            self._cursor = None

    def _stretch(self, cells: Row) -> int:
        """Send these cells; how many of the last were erased, which leaves the cursor before them."""
        behind = 0
        groups = [(cell, len(list(same))) for cell, same in groupby(cells)]
        for index, (cell, count) in enumerate(groups):
            if behind:
                self._out.append(f"\x1b[{behind}C")
                behind = 0
            following = groups[index + 1][0] if index + 1 < len(groups) else None
            first = self._cell(cell or (" ", PLAIN), following)
            if self._erases and count >= _ERASED and cell and cell[0] == " " and not cell[1].attributes:
                self._out.append(first[:-1] + f"\x1b[{count}X")
                behind = count
            else:
                self._out.append(first + first[-1] * (count - 1))
        return behind

    def _cell(self, cell: tuple[str, Pen], following: Cell) -> str:
        """One cell; a blank that needs another pen takes the one of the cell after it if that will do."""
        char, pen = cell
        sent = self._sent_pen
        if char == " " and sent is not None:
            if sent.on_blank == pen:
                return char
            pen = following[1] if following is not None and following[1].on_blank == pen else sent.over(pen)
        sequence = change(sent, pen)
        self._sent_pen = pen
        return sequence + char

    def _scroll(self) -> None:
        """Let the terminal move the rows that stand a little higher or lower than before."""
        moved = moved_rows(self._rows, self._fresh)
        if moved is None:
            return
        by, top, bottom = moved
        self._out.append(f"\x1b[{top + 1};{bottom + 1}r")
        self._out.append(_move(0, bottom) + "\n" * by if by > 0 else _move(0, top) + "\x1bM" * -by)
        self._out.append("\x1b[r")
        self._cursor = None
        old = {y: self._rows.get(y, []) for y in range(top, bottom + 1)}
        for y in range(top, bottom + 1):
            self._fresh.setdefault(y, old[y])
            self._rows[y] = old.get(y + by, [None] * len(old[y]))


@lru_cache(maxsize=4096)
def _narrow(text: str) -> bool:
    """Whether each character takes one cell."""
    return all(get_character_cell_size(char) == 1 for char in text)


def _move(x: int, y: int) -> str:
    return f"\x1b[{y + 1};{x + 1}H"
