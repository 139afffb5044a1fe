"""Several pieces of text under each other, each with its own indent that its wrapped lines keep."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from textual.content import Content
from textual.css.styles import RulesMap
from textual.geometry import Spacing
from textual.strip import Strip
from textual.style import Style
from textual.visual import Padding, RenderOptions, Visual


class Piece(msgspec.Struct, frozen=True):
    """One paragraph."""

    content: Content
    indent: int = 0
    """Columns before each of its lines."""
    lead: Content = Content("")
    """What stands in those columns of the first line."""


class Indented(Visual):
    """The pieces as one prompt of a list."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self._pieces = tuple(pieces)

    def render_strips(self, width: int, height: int | None, style: Style, options: RenderOptions) -> list[Strip]:
        """The lines of all pieces."""
        lines: list[Strip] = []
        for piece in self._pieces:
            first, *more = _padded(piece).render_strips(width, None, style, options) or [Strip([])]
            if piece.lead:
                (lead,) = piece.lead.render_strips(piece.indent, 1, style, options)
                first = Strip.join([lead.adjust_cell_length(piece.indent, style.rich_style), first.crop(piece.indent)])
            lines += [first, *more]
        return lines[:height]

    def get_optimal_width(self, rules: RulesMap, container_width: int) -> int:
        """The longest piece on one line."""
        return max((_padded(piece).get_optimal_width(rules, container_width) for piece in self._pieces), default=0)

    def get_height(self, rules: RulesMap, width: int) -> int:
        """Lines of all pieces."""
        return sum(_padded(piece).get_height(rules, width) for piece in self._pieces)


def _padded(piece: Piece) -> Padding:
    return Padding(piece.content, Spacing(0, 0, 0, piece.indent))
