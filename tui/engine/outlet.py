"""The worker's way out: lines to the app, in order, without ever holding up the event loop.

A line is written at once, by the event loop itself, where the pipe has room for it; else a thread writes it as soon as
the app reads. A thread alone would make each line wait for the interpreter's lock, up to 5 ms while the loop is busy
with the rest of an answer, and the first token is just such a line.
"""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Callable
from queue import SimpleQueue
from threading import Lock, Thread
from typing import BinaryIO, Final

_AT_ONCE_BYTES: Final = getattr(select, "PIPE_BUF", 0)
"""So many bytes a pipe that is ready takes without waiting; nothing where the system can't say that one is ready."""


class Outlet:
    """The pipe to the app; when nobody reads it any more, the process ends."""

    def __init__(self, sink: BinaryIO) -> None:
        """`sink` is unbuffered."""
        self._sink = sink
        self._room: Callable[[float], object] | None = None
        """Whether the pipe has room, asked with a wait in milliseconds; None where the system can't say."""
        if sys.platform != "win32" and _AT_ONCE_BYTES:
            poll = select.poll()
            poll.register(sink.fileno(), select.POLLOUT)
            self._room = poll.poll
        self._waiting: SimpleQueue[bytes] = SimpleQueue()
        self._lock = Lock()
        self._behind = 0
        """How many lines the thread has not written yet; the next line has to go after them."""
        Thread(target=self._drain, daemon=True).start()

    def put(self, line: bytes) -> None:
        """Write a line, or leave it to the thread; for one thread only, which never waits here."""
        with self._lock:
            at_once = not self._behind and self._takes(line)
            self._behind += not at_once
        if at_once:
            self._write(line)
        else:
            self._waiting.put(line)

    def _takes(self, line: bytes) -> bool:
        return self._room is not None and len(line) <= _AT_ONCE_BYTES and bool(self._room(0))

    def _drain(self) -> None:
        """Write whatever is there in one piece."""
        while True:
            lines = [self._waiting.get()]
            while not self._waiting.empty():
                lines.append(self._waiting.get())
            self._write(b"".join(lines))
            with self._lock:
                self._behind -= len(lines)

    def _write(self, data: bytes) -> None:
        left = memoryview(data)
        try:
            while left:
                left = left[self._sink.write(left) :]
        except OSError:  # nobody reads any more
            os._exit(0)
