"""The terminal's window: the smallest size the app is laid out in, and the line shown in a window below it.

Below `LEAST` the screens keep the layout of `LEAST`, so no widget ever gets a width that nothing fits into, and a line
takes their place until the window has grown again.
"""

from __future__ import annotations

from typing import Final

from rich.segment import Segment
from textual._compositor import LayoutUpdate  # Textual has no public name for what a screen sends to the terminal
from textual.geometry import Region, Size
from textual.strip import Strip

LEAST: Final = Size(40, 10)
"""Columns and rows."""
_NEED: Final = f"{LEAST.width}x{LEAST.height}"
_NOTICES: Final = (f"Window too small: {_NEED} needed", f"Too small: needs {_NEED}", f"Needs {_NEED}", _NEED)
"""What to say, the longest that fits."""


def at_least(size: Size) -> Size:
    """The size to lay the app out in when the window has `size`."""
    return Size(max(size.width, LEAST.width), max(size.height, LEAST.height))


def is_too_small(size: Size) -> bool:
    """Whether the app does not fit into a window of this size."""
    return at_least(size) != size


def notice(width: int) -> str:
    """What a window that is too small says in at most `width` columns."""
    return next((words for words in _NOTICES if len(words) <= width), _NEED[: max(0, width)])


def notice_update(size: Size) -> LayoutUpdate:
    """The whole window with the notice in its first row."""
    rows = [Strip([Segment((notice(size.width) if y == 0 else "").ljust(size.width))]) for y in range(size.height)]
    return LayoutUpdate([[row] for row in rows], Region(0, 0, size.width, size.height))
