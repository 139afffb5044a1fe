"""The clipboard of the desktop that this process runs on, where there is one: a small command gets the text.

The command gets the text on its standard input, and of the environment only what it needs to find the desktop.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec

from tui.threads import StalledError, aside

BOUND_S: Final = 2.0
SENT: Final = "Sent to the terminal's clipboard; not confirmed."
"""What can be said of the terminal's own, which gives no answer."""
_WAYLAND: Final = (("wl-copy",),)
_X11: Final = (("xclip", "-selection", "clipboard"), ("xsel", "--clipboard", "--input"))
_MAC: Final = (("pbcopy",),)
_FROM_AFAR: Final = ("SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY")
_HANDED_ON: Final = (
    "PATH", "HOME", "USER", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR",
    "DISPLAY", "XAUTHORITY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR",
)  # fmt: skip

Which = Callable[[str, str], str | None]
"""Where a command is, if it is anywhere on the given path."""


class Copied(msgspec.Struct, frozen=True):
    """How it ended."""

    command: str = ""
    """What took the text; empty if there is no clipboard to be reached, or it refused."""
    trouble: str = ""
    """Why it did not, if there is one."""

    @property
    def words(self) -> str:
        """What to tell of a text that was sent to the terminal's clipboard too."""
        if self.command:
            return f"Copied with {self.command}, and sent to the terminal's clipboard."
        return f"{SENT} The desktop's did not take it: {self.trouble}." if self.trouble else SENT


def _on_path(name: str, path: str) -> str | None:
    return shutil.which(name, path=path)


class Clipboard:
    """Puts text on the desktop's clipboard, within two seconds or not at all."""

    def __init__(
        self, env: Mapping[str, str], *, platform: str = sys.platform, which: Which = _on_path, bound_s: float = BOUND_S
    ) -> None:
        """`env` is the app's environment; `which` finds commands."""
        self._env = env
        self._platform = platform
        self._which = which
        self._bound_s = bound_s

    async def copy(self, text: str) -> Copied:
        """Hand the text over; never raises."""
        try:
            return await aside(lambda: self._copy(text), 2 * self._bound_s)
        except StalledError:
            return Copied(trouble="the clipboard did not answer")

    def candidates(self) -> tuple[Sequence[str], ...]:
        """The commands that could reach a clipboard from here; none in an SSH session that brings no display."""
        env = self._env
        found = (_WAYLAND if env.get("WAYLAND_DISPLAY") else ()) + (_X11 if env.get("DISPLAY") else ())
        if self._platform == "darwin" and not any(env.get(name) for name in _FROM_AFAR):
            return _MAC + found
        return found

    def _copy(self, text: str) -> Copied:
        path = self._env.get("PATH", "")
        for command in self.candidates():
            if program := self._which(command[0], path):
                return self._run((program, *command[1:]), text)
        return Copied()

    def _run(self, command: Sequence[str], text: str) -> Copied:
        name = command[0].rpartition("/")[2]
        env = {name: self._env[name] for name in _HANDED_ON if name in self._env}
        try:
            # A command that stays behind to serve the text would keep pipes open; it gets none to write to.
            subprocess.run(
                command,
                input=text.encode("utf-8", "replace"),
                env=env,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=self._bound_s,
                check=True,
            )
        except subprocess.TimeoutExpired:
            return Copied(trouble=f"{name} did not answer within {self._bound_s:g} s")
        except subprocess.CalledProcessError as error:
            return Copied(trouble=f"{name} failed with code {error.returncode}")
        except OSError as error:
            return Copied(trouble=f"{name} did not start: {error.strerror}")
        return Copied(command=name)
