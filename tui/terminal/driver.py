"""Textual's driver for the platform, with its output made small on the way to the terminal."""

from __future__ import annotations

import os
from typing import Any

from textual.driver import Driver

from tui.terminal.slim import Slim


class SlimDriver(Driver):
    """Sends what changes on the screen, where Textual draws all of a widget; mixed into a platform's driver."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._slim = Slim(erases=_erases(os.environ.get("TERM", "")))
        super().__init__(*args, **kwargs)

    def write(self, data: str) -> None:
        """Send what `data` changes."""
        if small := self._slim.slim(data):
            super().write(small)  # type: ignore[safe-super]  # the platform's own, which comes next

    def forget(self) -> None:
        """The terminal has another size, so its rows may stand elsewhere: draw all of what comes."""
        self._slim.forget()


def _erases(term: str) -> bool:
    """Whether the terminal erases in the pen's colour; where that is not certain, as with `screen`, blanks are sent."""
    return term != "xterm-kitty" and term.partition("-")[0] in ("xterm", "tmux", "linux")


def slim_driver(platform: type[Driver]) -> type[Driver]:
    """The platform's driver with small output."""
    return type("SlimPlatformDriver", (SlimDriver, platform), {})
