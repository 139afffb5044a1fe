"""The theme for terminals with sixteen colours or none: colours that each of them has, none too dark to read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from textual.theme import Theme

_LIGHT: Final = "#aaaaaa"
_NO_COLOURS: Final = ("vt100", "vt102", "vt220", "vt320", "dumb")
"""Terminals that know bold, underlined and reversed text, but no colour."""

BASIC: Final = Theme(
    name="llm-backends-basic",
    primary="#55ffff",
    secondary="#55ffff",
    accent="#55ffff",
    warning="#ffff55",
    error="#ff5555",
    success="#55ff55",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#000000",
    boost="#000000",
    dark=True,
    variables={
        "block-cursor-text-style": "none",
        "input-cursor-text-style": "none",
        "block-cursor-background": _LIGHT,
        "block-cursor-foreground": "#000000",
        "input-cursor-background": "#ffffff",
        "input-cursor-foreground": "#000000",
        "input-selection-background": _LIGHT,
        "input-selection-foreground": "#000000",
        "border": _LIGHT,
        "scrollbar": _LIGHT,
        "scrollbar-hover": "#ffffff",
        "scrollbar-active": "#55ffff",
        "scrollbar-background": "#000000",
        "quiet": _LIGHT,
        "faint": _LIGHT,
    },
)


def has_colours(env: Mapping[str, str]) -> bool:
    """Whether the user wants colours (`NO_COLOR`) and the terminal has any."""
    return not env.get("NO_COLOR") and env.get("TERM") not in _NO_COLOURS
