"""The figures of a comparison's round: a line for each side, as many columns as there is room for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from textual.content import Content
from textual.geometry import Size
from textual.reactive import reactive
from textual.widget import Widget

from tui.chat.results import HEADINGS, Standing
from tui.text import visible_line

_GAP: Final = 2
_LONGEST: Final = 28
"""A longer name or model is cut."""
_GIVE_WAY: Final = ("model", "tok/s", "tokens", "first token")
"""Columns that go where it is narrow, in this order: they stand elsewhere on the screen too."""
_LEFT: Final = ("profile", "model", "")
"""Columns of words; the others are figures and end in line."""


class StandingsTable(Widget):
    """Nothing until there are standings."""

    DEFAULT_CSS = """
    StandingsTable { height: auto; padding: 0 1; display: none; border-top: solid $border; }
    StandingsTable.-some { display: block; }
    """

    standings: reactive[tuple[Standing, ...]] = reactive((), layout=True)

    def watch_standings(self, standings: tuple[Standing, ...]) -> None:
        """Take no room without any."""
        self.set_class(bool(standings), "-some")

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002  # Textual's signature
        """A line for each side and one for the headings."""
        return len(self.standings) + 1

    def render(self) -> Content:
        """Headings and rows in columns."""
        rows = [[*map(_shown, one.cells[:-1]), one.marks] for one in self.standings]
        columns = _fitting([HEADINGS, *rows], self.size.width)
        lines = [_line(HEADINGS, columns, "$quiet", "$quiet")]
        lines += [_line(row, columns, "", "bold $primary") for row in rows]
        return Content("\n").join(lines)


def _shown(text: str) -> str:
    line = visible_line(text)
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def _fitting(rows: Sequence[Sequence[str]], width: int) -> dict[int, int]:
    """Columns that fit beside each other, by index, with their widths; some words may be cut in the end."""
    widths = {at: max(len(row[at]) for row in rows) for at in range(len(HEADINGS))}
    for name in _GIVE_WAY:
        if sum(widths.values()) + _GAP * (len(widths) - 1) <= width:
            break
        del widths[HEADINGS.index(name)]
    return widths


def _line(row: Sequence[str], columns: dict[int, int], style: str, marked: str) -> Content:
    parts = []
    for at, width in columns.items():
        text = row[at].ljust(width) if HEADINGS[at] in _LEFT else row[at].rjust(width)
        parts.append(Content.styled(text, marked if not HEADINGS[at] else style))
    return Content(" " * _GAP).join(parts)
