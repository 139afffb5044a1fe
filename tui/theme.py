"""The two themes of the app: calm greys with one accent, dark and light."""

from __future__ import annotations

from typing import Final

from textual.color import Color
from textual.theme import Theme

# Two variables of our own: $quiet is for what is read second, $faint for what need not be read.
_QUIET: Final = 0.35
_FAINT: Final = 0.48
"""How far they are on the way to the background, in themes that are not ours."""

_SHARED: Final = {
    "block-cursor-text-style": "none",
    "input-cursor-text-style": "none",
}

DARK: Final = Theme(
    name="llm-backends-dark",
    primary="#6fb7ad",
    secondary="#6fb7ad",
    accent="#6fb7ad",
    warning="#d9a75f",
    error="#e57f74",
    success="#93b97a",
    foreground="#d6dade",
    background="#14171a",
    surface="#14171a",
    panel="#23282d",
    boost="#1d2226",
    dark=True,
    variables={
        **_SHARED,
        "block-cursor-background": "#2c4a47",
        "block-cursor-foreground": "#eef3f2",
        "input-cursor-background": "#d6dade",
        "input-cursor-foreground": "#14171a",
        "input-selection-background": "#2c4a47",
        "border": "#3a4248",
        "scrollbar": "#343b41",
        "scrollbar-hover": "#4a535a",
        "scrollbar-active": "#6fb7ad",
        "scrollbar-background": "#14171a",
        "quiet": "#8f989f",
        "faint": "#7d868d",
    },
)

LIGHT: Final = Theme(
    name="llm-backends-light",
    primary="#0b6b62",
    secondary="#0b6b62",
    accent="#0b6b62",
    warning="#8a5a00",
    error="#b3261e",
    success="#3d6b1f",
    foreground="#22272b",
    background="#f8f7f4",
    surface="#f8f7f4",
    panel="#e6e4de",
    boost="#efede8",
    dark=False,
    variables={
        **_SHARED,
        "block-cursor-background": "#cfe5e1",
        "block-cursor-foreground": "#10201e",
        "input-cursor-background": "#22272b",
        "input-cursor-foreground": "#f8f7f4",
        "input-selection-background": "#cfe5e1",
        "border": "#c4c1b8",
        "scrollbar": "#c4c1b8",
        "scrollbar-hover": "#a9a69c",
        "scrollbar-active": "#0b6b62",
        "scrollbar-background": "#f8f7f4",
        "quiet": "#5c646b",
        "faint": "#697177",
    },
)


def own_variables(theme: Theme) -> dict[str, str]:
    """`$quiet` and `$faint` for a theme that does not have them."""
    background = Color.parse(theme.background or ("#121212" if theme.dark else "#efefef"))
    foreground = Color.parse(theme.foreground) if theme.foreground else background.get_contrast_text()
    if background.ansi is not None or foreground.ansi is not None:
        return {"quiet": "ansi_bright_black", "faint": "ansi_bright_black"}
    return {"quiet": foreground.blend(background, _QUIET).hex, "faint": foreground.blend(background, _FAINT).hex}
