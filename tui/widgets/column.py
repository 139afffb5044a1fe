"""A container for what grows while it is looked at."""

from __future__ import annotations

from textual.containers import Vertical
from textual.geometry import Size
from textual.reactive import reactive


class Column(Vertical):
    """As high as what is in it."""

    DEFAULT_CSS = """
    Column { height: auto; }
    """

    virtual_size: reactive[Size] = reactive(Size(0, 0), repaint=False)
    """Textual's, but for a second layout and frame of the whole screen each time it has grown: they change nothing."""
