"""The window around a running app: any sizes, stops and continues; nothing is lost, and all is drawn again."""

from __future__ import annotations

import os
import random
import signal
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.e2e.opened import edit_retries
from tests.fake_provider import FakeProvider
from tests.reliability.counts import Counts
from tests.reliability.figures import Figure, tell
from tests.reliability.long_chat import first_answer, opened
from tests.terminal import ScreenTimeoutError, Terminal

_STOPS = tuple(signal.Signals[name] for name in ("SIGTSTP", "SIGSTOP"))
_GO_ON = signal.Signals["SIGCONT"]

_START: Final = ("-m", "tui")
_USUAL: Final = (80, 24)
_MOST: Final = (300, 100)
_SMALL: Final = 24
"""Every other size is at most this in each direction: there is where layouts break."""
_KEYS: Final = ("f1", "f2", "f3", "f4", "f5", "f6", "f7", "f8", "f9", "f12", "ctrl+p", "ctrl+s", "escape", "tab")
_EVERY: Final = 10
"""After so many sizes the window gets its usual one, and everything has to be there."""
_PAUSE_S: Final = 0.1
_PATIENCE_S: Final = 30.0
_ESCAPES: Final = 3
"""So many dialogs may lie on top of each other."""
_KEPT: Final = ("> hello", "Hello there.", "to first token", "1 unsaved")
"""A turn of a chat, and an edit."""


def figures(counts: Counts) -> Iterator[Figure]:
    """The sizes, and the stops."""
    chance = random.Random(counts.seed)  # noqa: S311  # no secret
    yield of_sizes(counts.window_sizes, chance)
    yield of_stops(counts.window_stops, chance)


def of_sizes(count: int, chance: random.Random, start: Sequence[str] = _START) -> Figure:
    """Random sizes on random pages; `start` is what Python is given to start the app."""
    wrong: list[str] = []
    with _chatting(start) as terminal:
        for at, size in enumerate(_sizes(count, chance), 1):
            key = chance.choice(_KEYS)
            terminal.resize(*size)
            if not _goes_on(terminal, key):
                wrong.append(f"gone at {size[0]}x{size[1]}, {key}, size number {at}")
                break
            if at % _EVERY == 0 or at == count:
                terminal.resize(*_USUAL)
                wrong += _missing(terminal, "escape", *["escape"] * _ESCAPES, "f2", "f4")
    what = "window sizes from 1x1 to 300x100, small ones half the time, with a key for a page or a dialog after each"
    result = tell(wrong, "the app stays; chat and unsaved edit are there each time it has 80x24 again")
    return Figure(part="Windows", what=what, count=count, result=result, passed=not wrong)


def of_stops(count: int, chance: random.Random, start: Sequence[str] = _START) -> Figure:
    """Stops by SIGTSTP and SIGSTOP, each followed by SIGCONT, sometimes in a window of another size."""
    wrong: list[str] = []
    with _chatting(start) as terminal:
        for at in range(count):
            stop = _STOPS[at % 2]
            terminal.read(_PAUSE_S)
            os.kill(terminal.pid, stop)
            if not _stopped(terminal):
                wrong.append(f"{stop.name} number {at} did not stop it")
                break
            if chance.random() < 1 / 4:
                terminal.resize(chance.randint(70, 120), chance.randint(20, 40))
            terminal.blank()
            os.kill(terminal.pid, _GO_ON)
            wrong += [f"after {stop.name} number {at}: {problem}" for problem in _missing(terminal)]
    what = "stops (SIGTSTP, SIGSTOP) and continues, a quarter of them in a window of another size"
    result = tell(wrong, "the whole screen was drawn again each time, without a key")
    return Figure(part="Windows", what=what, count=count, result=result, passed=not wrong)


@contextmanager
def _chatting(start: Sequence[str]) -> Iterator[Terminal]:
    """The app with one turn on the screen and one edit that is not saved."""
    with tempfile.TemporaryDirectory() as name, FakeProvider() as server, opened(Path(name), server, start) as terminal:
        edit_retries(terminal, "7")
        first_answer(terminal)
        yield terminal


def _sizes(count: int, chance: random.Random) -> list[tuple[int, int]]:
    """The extremes first, then random ones."""
    columns, rows = _MOST
    sizes = [(1, 1), _MOST, (1, rows), (columns, 1), (120, 30), (11, 30)]
    for at in range(count - len(sizes)):
        widest, highest = (_SMALL, _SMALL) if at % 2 else _MOST
        sizes.append((chance.randint(1, widest), chance.randint(1, highest)))
    return sizes[:count]


def _goes_on(terminal: Terminal, key: str) -> bool:
    """Whether the app is still there a moment after the size, and after the key."""
    if not terminal.read(_PAUSE_S):
        return False
    terminal.press(key)
    return terminal.read(_PAUSE_S)


def _missing(terminal: Terminal, *keys: str) -> list[str]:
    """What is not on the screen after these keys."""
    terminal.press(*keys)
    try:
        terminal.wait(*_KEPT, within_s=_PATIENCE_S)
    except ScreenTimeoutError:
        return [f"{[words for words in _KEPT if words not in terminal.text]} missing on the screen:\n{terminal.text}"]
    return []


def _stopped(terminal: Terminal) -> bool:
    """Wait until the process is stopped; reads on meanwhile, as it may have to write before."""
    end = time.monotonic() + _PATIENCE_S
    while _state(terminal.pid) != "T":
        if time.monotonic() > end or not terminal.read(0.02):
            return False
    return terminal.read(0.02)


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[0]
