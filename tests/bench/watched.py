"""A program in a pseudo-terminal, watched from outside: when bytes come, how many, and what it costs its process."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import pyte

from tests.terminal import PRIVATE

SIZE: Final = (80, 24)
"""Columns and rows, as over SSH."""
_CURSOR_QUERY: Final = b"\x1b[6n"
_NS: Final = 1_000_000_000


class NeverShownError(AssertionError):
    """The program never wrote what was waited for."""


class Watched:
    """One run of a command; killed at the end of the `with` block."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str], cwd: Path, size: tuple[int, int] = SIZE) -> None:
        """The environment is `env` and nothing else, but for TERM. The clock runs from here."""
        columns, rows = size
        full = {"TERM": "xterm-256color", "COLORTERM": "truecolor", **env}
        self.started = time.perf_counter()
        self.pid = self._fd = -1
        if sys.platform != "win32":
            self.pid, self._fd = pty.fork()
            if self.pid == 0:  # pragma: no cover  # the child becomes the command
                os.chdir(cwd)
                fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
                os.execve(command[0], list(command), full)  # noqa: S606  # no shell is wanted
        self.received = 0
        """Bytes that came so far."""
        self.came = self.started
        """When the last of them came, on the clock."""
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _value: BaseException | None, _tb: TracebackType | None
    ) -> None:
        if sys.platform != "win32":
            os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self._fd)

    @property
    def text(self) -> str:
        """What the terminal shows."""
        return "\n".join(self._screen.display)

    def until(self, *words: str, within_s: float = 30) -> float:
        """Read until the screen shows all words, in this order; gives the time at which the last of it came."""
        end = time.perf_counter() + within_s
        while not _in_order(words, self.text):
            if time.perf_counter() > end:
                raise NeverShownError(f"never saw {words!r}; the screen was:\n{self.text}")
            self.read(0.05)
        return self.came

    def send(self, text: str) -> None:
        """Type all of it at once."""
        os.write(self._fd, text.encode())

    def key_s(self, key: str, shows: str, within_s: float = 10) -> float:
        """Seconds from the key to the text that it puts on the screen."""
        began = time.perf_counter()
        self.send(key)
        return self.until(shows, within_s=within_s) - began

    def settle(self, quiet_s: float = 0.15, within_s: float = 10) -> int:
        """Read until nothing came for a while; gives how many bytes came."""
        before, end = self.received, time.perf_counter() + within_s
        while self.read(quiet_s) and time.perf_counter() < end:
            pass
        return self.received - before

    def read(self, within_s: float) -> bool:
        """Read what is there, waiting so long for it; whether anything came."""
        if not select.select([self._fd], [], [], within_s)[0]:
            return False
        data = self._take(65_536)
        self.came = time.perf_counter()  # before the work of looking at it
        if _CURSOR_QUERY in data:
            self.send("\x1b[1;1R")
        self.received += len(data)
        self._stream.feed(PRIVATE.sub(b"", data))
        return bool(data)

    def _take(self, limit: int) -> bytes:
        try:
            return os.read(self._fd, limit)
        except OSError as error:
            raise NeverShownError(f"the program ended; the screen was:\n{self.text}") from error

    def cpu_s(self, *, tree: bool = False) -> float:
        """CPU seconds of the process, all its threads, or of it and all its descendants."""
        pids = [self.pid, *(_descendants(self.pid) if tree else ())]
        return sum(map(_cpu_s, pids))

    def rss_mb(self, *, tree: bool = False) -> float:
        """Resident memory of the process, or of it and all its descendants."""
        pids = [self.pid, *(_descendants(self.pid) if tree else ())]
        return sum(map(_rss_kb, pids)) / 1024


class SlowLink(Watched):
    """The same behind a line of so many bytes a second, with half the round trip added on each way."""

    def __init__(
        self, command: Sequence[str], env: Mapping[str, str], cwd: Path, *, bytes_per_s: float, round_trip_s: float
    ) -> None:
        super().__init__(command, env, cwd)
        self._rate = bytes_per_s
        self._way_s = round_trip_s / 2
        self._free_at = self.started

    def send(self, text: str) -> None:
        """Type all of it at once; it arrives half a round trip later."""
        time.sleep(self._way_s)
        super().send(text)

    def until(self, *words: str, within_s: float = 60) -> float:
        """As of `Watched`, with the way of the last byte."""
        return super().until(*words, within_s=within_s) + self._way_s

    def _take(self, limit: int) -> bytes:
        """A tenth of a second's worth at most; the line is busy for as long as that takes."""
        data = super()._take(min(limit, max(1, int(self._rate / 10))))
        self._free_at = max(self._free_at, time.perf_counter()) + len(data) / self._rate
        time.sleep(max(0.0, self._free_at - time.perf_counter()))
        return data


def _in_order(words: Sequence[str], text: str) -> bool:
    at = 0
    for word in words:
        at = text.find(word, at)
        if at < 0:
            return False
        at += len(word)
    return True


def _descendants(pid: int) -> list[int]:
    found: list[int] = []
    todo = [pid]
    while todo:
        with suppress(OSError):  # it ended meanwhile
            for task in Path(f"/proc/{todo.pop()}/task").iterdir():
                children = [int(child) for child in (task / "children").read_text(encoding="ascii").split()]
                found += children
                todo += children
    return found


def _cpu_s(pid: int) -> float:
    """Time on a core; finer than the ticks of `stat`."""
    spent_ns = 0
    with suppress(OSError):  # a thread ended meanwhile
        for task in Path(f"/proc/{pid}/task").iterdir():
            spent_ns += int((task / "schedstat").read_text(encoding="ascii").split()[0])
    return spent_ns / _NS


def _rss_kb(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace")
    except OSError:  # it ended meanwhile
        return 0
    found = re.search(r"VmRSS:\s*(\d+)", status)
    return int(found[1]) if found else 0
