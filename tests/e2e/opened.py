"""The app as a user starts it: in a pseudo-terminal, on a file, with a home of its own."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests import light
from tests.terminal import Terminal

ROOT: Final = Path(__file__).parents[2]

WITH_LITELLM: Final[Mapping[str, str]] = {"PYTHONPATH": str(ROOT)}
"""More of an environment, for tests of what users have in the end: the worker loads LiteLLM."""

_LEAVE_S: Final = 1.0

FILE: Final = """\
# how my agent is set up
[core]
workspace = "~/work"

[llm]
# the model
model = "openai/gpt-4o"   # cheap enough
base_url = "BASE_URL"
num_retries = 4  # the provider is busy at noon
#temperature = 0.0

[llm.judge]
model = "openai/o3"

[sandbox]
timeout = 120
"""


def config(folder: Path, base_url: str) -> Path:
    """A commented file whose model answers at `base_url`."""
    path = folder / "config.toml"
    path.write_text(FILE.replace("BASE_URL", base_url), encoding="utf-8")
    return path


def app_env() -> dict[str, str]:
    """The environment of the app: this test's home, no keyring, Unicode, and a worker that starts at once."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME") or name.startswith("XDG_")}
    bus = os.environ["DBUS_SESSION_BUS_ADDRESS"]
    return kept | {"LANG": "C.UTF-8", "DBUS_SESSION_BUS_ADDRESS": bus, "PYTHONPATH": light.PATH}


@contextmanager
def opened(
    *args: str, env: Mapping[str, str] | None = None, size: tuple[int, int] = (80, 24), under: Sequence[str] = ()
) -> Iterator[Terminal]:
    """`llm-backends ARGS` in a terminal, once the form is there; `under` is a command that starts it.

    Its worker has no LiteLLM, unless `env` is `WITH_LITELLM` or more.
    """
    command = [*under, sys.executable, "-m", "tui", *args]
    with Terminal(command, env=app_env() | dict(env or {}), cwd=ROOT, size=size) as terminal:
        terminal.wait("LLM Model")
        yield terminal


def edit_retries(terminal: Terminal, value: str) -> None:
    """Give the field another value than that of `FILE`."""
    terminal.press("f3")
    terminal.wait("Base URL")
    terminal.press("ctrl+f")
    terminal.type("num_retries")
    terminal.press("enter")
    terminal.wait("1 try + 4 retries")
    terminal.press("end", "backspace")
    terminal.type(value)
    terminal.wait(f"1 try + {value} retries", "1 unsaved")


def ask(terminal: Terminal, prompt: str = "hello") -> None:
    """Send a prompt from the chat tab."""
    terminal.press("f4")
    terminal.wait("Ask the model")
    terminal.type(prompt)
    terminal.press("enter")


def leaves_at_once(terminal: Terminal) -> None:
    """ctrl+q ends the app within a second, whatever it is doing."""
    started = time.monotonic()
    terminal.press("ctrl+q")
    assert terminal.leave(within_s=5) == 0
    assert time.monotonic() - started < _LEAVE_S


def descendants(pid: int) -> list[int]:
    """Process ids of all children of a process, and of theirs."""
    found: list[int] = []
    todo = [pid]
    while todo:
        current = todo.pop()
        try:
            tasks = list(Path(f"/proc/{current}/task").iterdir())
            children = [int(child) for task in tasks for child in (task / "children").read_text().split()]
        except OSError:
            continue
        found += children
        todo += children
    return found


def gone(pids: list[int], within_s: float) -> list[int]:
    """Those of the processes that are still there when the time is over; returns at once when none is."""
    end = time.monotonic() + within_s
    while left := [pid for pid in pids if _lives(pid)]:
        if time.monotonic() > end:
            return left
        time.sleep(0.05)
    return []


def _lives(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"
