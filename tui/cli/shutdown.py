"""How the app ends when it is not its user who ends it: SIGTERM, SIGHUP, a terminal that is gone, a fault of its own.

The unsaved edits are written down, the terminal is put in order if it is still there, and the process ends within a
bound, even if the event loop stands still because nobody reads what it writes.
"""

from __future__ import annotations

import asyncio
import os
import select
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from types import FrameType, TracebackType
from typing import Final, Self

from tui.app import LLMBackendsApp
from tui.config.recovery import DraftKeeper
from tui.threads import aside

_KEEP_S: Final = 1.0
"""The disk has this long to take the draft."""
_LEAVE_S: Final = 3.0
"""The app has this long to take itself apart."""
_SIGNALS: Final = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))
_GONE: Final = 129
"""The exit code when the terminal is gone: that of SIGHUP."""


class Departure:
    """While it is entered, the system's wish to end the app is followed. Enter it on the main thread, in the loop."""

    def __init__(self, app: LLMBackendsApp, keep: Callable[[], None] | None) -> None:
        """`keep` writes the draft down; it may raise OSError or ValueError."""
        self._app = app
        self._keep = keep
        self._begun = threading.Event()

    def __enter__(self) -> Self:
        """Not through asyncio: its handlers wait for the loop, which may stand still."""
        self._loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            signal.signal(number, self._on_signal)
        if hasattr(select, "poll"):
            threading.Thread(target=self._watch_line, name="line", daemon=True).start()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _value: BaseException | None, _tb: TracebackType | None
    ) -> None:
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_IGN if self._begun.is_set() else signal.SIG_DFL)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        if hasattr(signal, "SIGTTOU"):  # in the background a touch of the terminal would stop the app for good
            signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        self._leave(128 + number)

    def _watch_line(self) -> None:
        """Wait until the terminal hangs up: where SIGHUP is ignored, as under nohup, nothing else says so."""
        if sys.platform != "win32":
            watcher = select.poll()
            watcher.register(sys.__stdin__.fileno() if sys.__stdin__ else 0, 0)  # a hang-up is told in any case
            watcher.poll()
            self._leave(_GONE)

    def _leave(self, code: int) -> None:
        if not self._begun.is_set():
            self._begun.set()
            threading.Thread(target=partial(self._go, code), name="departure", daemon=True).start()

    def _go(self, code: int) -> None:
        force = threading.Timer(_KEEP_S + _LEAVE_S, os._exit, (code,))
        force.daemon = True
        force.start()
        keeping = threading.Thread(target=self._write, name="draft", daemon=True)
        keeping.start()
        keeping.join(_KEEP_S)
        with suppress(RuntimeError):  # the loop is closed: the app is leaving by itself
            self._loop.call_soon_threadsafe(partial(self._app.exit, return_code=code))

    def _write(self) -> None:
        if self._keep is not None:
            try:
                self._keep()
            except (OSError, ValueError) as error:
                sys.stderr.write(f"llm-backends: the unsaved edits could not be kept: {error}\n")


async def keep(drafts: DraftKeeper) -> None:
    """The user has not left: write the last edits down, as far as the disk answers in time."""
    try:
        await aside(drafts.write, _KEEP_S)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"llm-backends: the unsaved edits could not be kept: {_reason(error)}\n")


def ended_by_itself(*, kept: bool) -> str:
    """What to tell a user whose app has gone although nobody and nothing known ended it."""
    edits = " Your unsaved edits are kept: the next start offers them." if kept else ""
    return f"llm-backends ended by itself, which is a fault in it.{edits} Please report what you did last.\n"


async def forget(drafts: DraftKeeper) -> None:
    """The user has left and wants nothing kept; a disk that does not answer keeps nobody from leaving."""
    drafts.drop()
    try:
        await aside(drafts.write, _KEEP_S)
    except OSError as error:
        sys.stderr.write(f"llm-backends: the draft of this session could not be removed: {_reason(error)}\n")


def _reason(error: Exception) -> str:
    return str(error) or "the disk does not answer."
