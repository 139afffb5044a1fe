"""Bars made of characters, for a screen and for a command: upright ones, and one that lies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

_UPRIGHT: Final = " ▁▂▃▄▅▆▇█"
_LYING: Final = " ▏▎▍▌▋▊▉█"
_PLAIN: Final = " #"
"""Where the terminal has no such characters."""


def columns(values: Sequence[float], height: int, *, width: int = 1, gap: int = 0, plain: bool = False) -> list[str]:
    """Lines of a bar chart, the top first; the largest value takes the whole height, none but 0 vanishes.

    Args:
        values: 0 or more each.
        height: in lines.
        width: of a bar, in characters.
        gap: between two bars, in characters.
        plain: use nothing but ASCII.
    """
    signs = _PLAIN if plain else _UPRIGHT
    steps = len(signs) - 1
    most = max(values, default=0.0)
    levels = [_level(value, most, height * steps) for value in values]
    return [
        (" " * gap).join(signs[min(max(level - line * steps, 0), steps)] * width for level in levels)
        for line in range(height - 1, -1, -1)
    ]


def bar(share: float, width: int, *, plain: bool = False) -> str:
    """A lying bar of this width, filled as far as `share` (0 to 1, more counts as 1) says; the rest is dots."""
    signs = _PLAIN if plain else _LYING
    steps = len(signs) - 1
    level = _level(min(max(share, 0.0), 1.0), 1.0, width * steps)
    drawn = signs[-1] * (level // steps) + (signs[level % steps] if level % steps else "")
    return drawn + ("." if plain else "·") * (width - len(drawn))


def _level(value: float, most: float, whole: int) -> int:
    return max(round(value / most * whole), 1) if value > 0 and most > 0 else 0
