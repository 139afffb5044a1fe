"""The blocks of Markdown as lines of text: paragraphs, headings, lists, quotes, rules, and code inside of others.

Styles are named by component classes of `Prose`: `.prose--quote`. Room above and below is Textual's.
"""

from __future__ import annotations

from typing import Final

import msgspec
from textual.content import Content

from tui.widgets.markdown.lines import BLANK, Block, Line, stacked, wrapped

_BAR: Final = Content.styled("▌ ", ".prose--bar")
_CODE_PADDING: Final = 2


class Text(msgspec.Struct, frozen=True):
    """A paragraph, or any text."""

    content: Content
    below: int = 1
    above: int = 0

    def lines(self, width: int) -> list[Line]:
        """Broken between words."""
        return wrapped(self.content, width)


class Heading(msgspec.Struct, frozen=True):
    """A heading of level 1 to 6."""

    content: Content
    level: int
    below: int = 1

    @property
    def above(self) -> int:
        """Large ones stand off."""
        return 2 if self.level <= 2 else 1  # noqa: PLR2004  # as Textual has it

    def lines(self, width: int) -> list[Line]:
        """The first level in the middle."""
        lines = wrapped(self.content.stylize_before(f".prose--h{self.level}"), width)
        if self.level > 1:
            return lines
        rooms = [max(0, width - line.content.cell_length) // 2 for line in lines]
        return [
            line._replace(content=line.content.pad_left(room), skip=room)
            for line, room in zip(lines, rooms, strict=True)
        ]


class Rule(msgspec.Struct, frozen=True):
    """A line from side to side."""

    below: int = 1
    above: int = 1

    def lines(self, width: int) -> list[Line]:
        """One."""
        return [Line(Content.styled("─" * width, ".prose--rule"), copied=False)]


class Items(msgspec.Struct, frozen=True):
    """A list: marks of the same width, and what stands at each."""

    items: tuple[tuple[str, tuple[Block, ...]], ...]
    below: int = 1
    above: int = 0

    def lines(self, width: int) -> list[Line]:
        """Each item beside its mark."""
        lines: list[Line] = []
        room = 0
        for mark, blocks in self.items:
            lines += [BLANK] * room + _item(mark, blocks, width)
            room = blocks[-1].below if blocks else 0
        return lines


def _item(mark: str, blocks: tuple[Block, ...], width: int) -> list[Line]:
    size = len(mark)
    inner = stacked(blocks, max(1, width - size)) or [BLANK]
    bullet = Content.styled(mark, ".prose--bullet")
    first = inner[0]
    lines = [first._replace(content=bullet + first.content)]
    return lines + [line._replace(content=line.content.pad_left(size), skip=line.skip + size) for line in inner[1:]]


class Quote(msgspec.Struct, frozen=True):
    """Other blocks beside a bar."""

    blocks: tuple[Block, ...]
    below: int = 1
    above: int = 1

    def lines(self, width: int) -> list[Line]:
        """With a colour behind them from side to side."""
        inner = stacked(self.blocks, max(1, width - 3))  # bar, and room on both sides
        return [
            line._replace(content=_filled(_BAR + line.content, width, ".prose--quote"), skip=line.skip + len(_BAR))
            for line in inner
        ]


class Code(msgspec.Struct, frozen=True):
    """A block of code."""

    content: Content
    below: int = 1
    above: int = 1

    def lines(self, width: int) -> list[Line]:
        """With room around it, and folded where it is too wide."""
        room = min(_CODE_PADDING, width // 4)
        edge = Line(_filled(Content(""), width, ".prose--code"), copied=False)
        lines = [
            line._replace(content=_filled(line.content.pad_left(room), width, ".prose--code"), skip=room)
            for line in _folded(self.content, width - 2 * room)
        ]
        return [edge, *lines, edge]


def _folded(code: Content, width: int) -> list[Line]:
    lines: list[Line] = []
    for line in code.split("\n", allow_blank=True):
        rows = line.expand_tabs(8).fold(width)
        lines += [*(Line(row, end="") for row in rows[:-1]), Line(rows[-1])]
    return lines


def _filled(content: Content, width: int, style: str) -> Content:
    """The line to its end in a style that lies below all others."""
    return content.pad_right(max(0, width - content.cell_length)).stylize_before(style)
