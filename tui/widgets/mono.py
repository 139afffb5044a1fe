"""The screen without any colour: what stood out by its ground stands out by being reversed."""

from __future__ import annotations

from functools import lru_cache

from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter


class MonoFilter(LineFilter):
    """Sends bold, underlined and reversed text, and no colour, to the terminal."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002  # LineFilter's signature
        """The segments, with light text on dark and dark text on light as the terminal's own two."""
        return [Segment(text, style and _without_colour(style), control) for text, style, control in segments]


@lru_cache(1024)
def _without_colour(style: Style) -> Style:
    ground, ink = _brightness(style.bgcolor, 0.0), _brightness(style.color, 1.0)
    return Style(
        bold=style.bold, underline=style.underline, strike=style.strike, reverse=(ground > ink) != bool(style.reverse)
    )


def _brightness(color: RichColor | None, otherwise: float) -> float:
    if color is None or color.is_default:
        return otherwise
    return Color(*color.get_truecolor()).brightness
