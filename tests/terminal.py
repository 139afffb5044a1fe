"""A real pseudo-terminal around a command, with a screen that can be read and keys that can be pressed."""

from __future__ import annotations

import os
import re
import select
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import pexpect
import pyte

KEYS: Final[Mapping[str, str]] = {
    "enter": "\r", "tab": "\t", "escape": "\x1b", "backspace": "\x7f", "space": " ",
    "up": "\x1b[A", "down": "\x1b[B", "right": "\x1b[C", "left": "\x1b[D", "shift+tab": "\x1b[Z", "end": "\x1b[F",
    "f1": "\x1bOP", "f2": "\x1bOQ", "f3": "\x1bOR", "f4": "\x1bOS", "f5": "\x1b[15~", "f6": "\x1b[17~",
    "f7": "\x1b[18~", "f8": "\x1b[19~", "f9": "\x1b[20~", "f10": "\x1b[21~", "f11": "\x1b[23~", "f12": "\x1b[24~",
}  # fmt: skip
"""What a terminal sends for a key; `ctrl+x` is worked out."""

PRIVATE: Final = re.compile(rb"\x1b\[[<>=?][0-9;]*[uq$pt]")
"""Private modes that pyte can't name and would print."""

ALTERNATE: Final = b"\x1b[?1049h"
"""Shows the screen that an app draws on, empty; pyte has only one screen, and would show what was there before."""


class ScreenTimeoutError(AssertionError):
    """The screen never showed what was waited for; the message has the screen as it was."""


class Terminal:
    """One command in a terminal of its own."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str],
        cwd: Path | None = None,
        size: tuple[int, int] = (80, 24),
    ) -> None:
        """Start `command`; `size` is columns and rows. The environment is `env` and nothing else, but for TERM."""
        columns, rows = size
        self.raw = bytearray()
        self._child: Any = pexpect.spawn(  # its types say text where it gives bytes
            command[0],
            list(command[1:]),
            env={"TERM": "xterm-256color", "COLORTERM": "truecolor", **env},
            cwd=None if cwd is None else str(cwd),
            dimensions=(rows, columns),
        )
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _value: BaseException | None, _tb: TracebackType | None
    ) -> None:
        if sys.platform != "win32" and self._child.isalive():
            self._child.kill(signal.SIGKILL)
        self._child.close(force=True)

    @property
    def pid(self) -> int:
        """Process id of the command."""
        return int(self._child.pid)

    @property
    def text(self) -> str:
        """The screen as text."""
        return "\n".join(line.rstrip() for line in self._screen.display)

    def read(self, seconds: float) -> bool:
        """Read for so long; False as soon as the command has ended."""
        end = time.monotonic() + seconds
        while (left_s := end - time.monotonic()) > 0:
            if not self._read(max(0.001, left_s)):
                return False
        return True

    def wait(self, *words: str, within_s: float = 30, gone: str = "") -> None:
        """Read until all `words` stand on the screen (and `gone` does not); raises `ScreenTimeoutError`."""
        end = time.monotonic() + within_s
        while not (all(word in self.text for word in words) and not (gone and gone in self.text)):
            if time.monotonic() > end or not self._read():
                raise ScreenTimeoutError(f"never saw {words!r} (without {gone!r}); the screen was:\n{self.text}")

    def type(self, text: str) -> None:
        """Type text as it is, as fast as a fast typist."""
        for letter in text:
            self._child.send(letter)
            self._pass(0.03)

    def press(self, *keys: str) -> None:
        """Press keys by name, such as `ctrl+s`, `f3`, `enter`."""
        for key in keys:
            self._child.send(chr(ord(key[-1]) & 31) if key.startswith("ctrl+") else KEYS[key])
            self._pass(0.15)

    def send(self, data: bytes) -> None:
        """Send as it is, at once, and read nothing."""
        os.write(self._child.child_fd, data)

    def hang_up(self) -> None:
        """Close the line: the terminal is gone for whoever is at the other end."""
        nobody = os.open(os.devnull, os.O_RDWR)
        os.dup2(nobody, self._child.child_fd)
        os.close(nobody)

    def resize(self, columns: int, rows: int) -> None:
        """Change the size of the terminal."""
        self._child.setwinsize(rows, columns)
        self._screen.resize(rows, columns)

    def blank(self) -> None:
        """Show nothing, as after another program has had the terminal: what is to be seen has to be drawn again."""
        self._screen.reset()

    def leave(self, within_s: float) -> int | None:
        """Read until the command ends by itself and return its exit code; raises `ScreenTimeoutError`."""
        end = time.monotonic() + within_s
        while self._read():
            if time.monotonic() > end:
                raise ScreenTimeoutError(f"still there after {within_s} s; the screen was:\n{self.text}")
        self._child.close()
        code: int | None = self._child.exitstatus
        return code

    def kill(self) -> None:
        """Kill the command as a dropped link or an impatient user does."""
        if sys.platform != "win32":
            os.kill(self.pid, signal.SIGKILL)

    def _pass(self, seconds: float) -> None:
        """Let a moment pass, as between two keys of a person."""
        self.read(seconds)

    def _read(self, within_s: float = 0.1) -> bool:
        try:
            data = self._child.read_nonblocking(65536, timeout=within_s)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            self._take(self._rest())
            return False
        self._take(data)
        return True

    def _take(self, data: bytes) -> None:
        self.raw += data
        self._stream.feed(PRIVATE.sub(b"", data).replace(ALTERNATE, ALTERNATE + b"\x1b[2J"))

    def _rest(self) -> bytes:
        """What came between the last look and the end: pexpect does not look again once the command is gone."""
        rest = b""
        while not self._child.closed and select.select([self._child.child_fd], [], [], 0)[0]:
            try:
                part = os.read(self._child.child_fd, 65536)
            except OSError:  # the end of a terminal on Linux
                break
            if not part:
                break
            rest += part
        return rest
