"""Textual's driver for the platform, with its output made small on the way to the terminal."""

from __future__ import annotations

from typing import Any

from textual.driver import Driver

from tui.terminal.slim import Slim


class SlimDriver(Driver):
    """Sends what changes on the screen, where Textual draws all of a widget; mixed into a platform's driver."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._slim = Slim()
        super().__init__(*args, **kwargs)

    def write(self, data: str) -> None:
        """Send what `data` changes."""
        if small := self._slim.slim(data):
            super().write(small)

    def forget(self) -> None:
        """The terminal has another size, so its rows may stand elsewhere: draw all of what comes."""
        self._slim.forget()


def slim_driver(platform: type[Driver]) -> type[Driver]:
    """The platform's driver with small output."""
    return type("SlimPlatformDriver", (SlimDriver, platform), {})
