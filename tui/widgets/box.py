"""The frame of what stands over the form: a question, the help."""

from __future__ import annotations

from textual.containers import Vertical


class Box(Vertical):
    """As high as what is in it, and never higher than nine tenths of the screen."""

    DEFAULT_CSS = """
    Box {
        width: 92;
        max-width: 94%;
        height: auto;
        max-height: 90%;
        padding: 1 2;
        border: round $border;
        background: $boost;
    }
    """
