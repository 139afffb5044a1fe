"""Point five, in processes of their own: random commands, and the app in a pseudo-terminal."""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from tests.e2e.opened import descendants
from tests.fake_provider import Reply
from tests.reliability.canaries import CANARIES, IN_ENV, IN_FILE, OWN, TYPED, leaked, leaked_files, leaked_processes
from tests.reliability.leaks_shared import EchoProvider, any_reply, config
from tests.terminal import Terminal

_ROOT: Final = Path(__file__).parents[2]
_LONGEST_S: Final = 60.0
_COMMANDS: Final[Sequence[Sequence[str]]] = (
    ("get",), ("get", "api_key"), ("get", "--json"), ("get", "--origin"), ("check",), ("check", "--json"), ("schema",),
    ("set", "timeout", "33"), ("set", "timeout", "34", "--dry-run"), ("set", "api_key", "-"), ("unset", "api_key"),
    ("unset", "api_key", "--dry-run"), ("keys", "list"), ("keys", "set"), ("keys", "move"), ("keys", "delete"),
    ("keys", "revoke", "--all"), ("models", "--live"), ("usage",), ("usage", "--json"),
    ("ping",), ("ping", "--checkup"),
    ("ping", "--json", "--send-key-to", "BASE"), ("ping", "x", "--send-key-to", "BASE"),
    ("models", "--live", "--send-key-to", "BASE"),
    ("export",), ("export", "--format", "dotenv"), ("export", "--format", "docker"), ("export", "--format", "compose"),
    ("export", "--format", "toml"), ("crash", "ping"), ("crash", "keys", "list"), ("exec", "--", "true"),
)  # fmt: skip
_CRASH: Final = f"""\
import sys
from tui.vault import vault
async def fail(*_args, **_more):
    key = {" ".join(CANARIES)!r}
    raise RuntimeError(key)
vault.Vault.find = vault.Vault.places = fail
from tui.cli.main import main
main()
"""


def command_run(folder: Path, chance: random.Random, commands: Sequence[Sequence[str]] = _COMMANDS) -> list[str]:
    """One command; what was found where."""
    command = chance.choice(commands)
    crash, args = command[0] == "crash", [*command[command[0] == "crash" :]]
    with EchoProvider() as server:
        server.always = any_reply(chance)
        path = config(folder, chance, server.base_url)
        put = [(path, IN_FILE)]
        if command[:2] == ("set", "api_key"):
            put.append((path, TYPED))  # the user says so
        start = ["-c", crash_script(folder)] if crash else ["-m", "tui"]
        args = [part.replace("BASE", server.origin) for part in args]
        said, found = watched([sys.executable, *start, *args], folder, environment(folder, chance))
    found += [f"{key[:15]} in the output of {' '.join(command)}" for key in leaked(said)]
    if crash and "made a mistake and had to stop" not in said:
        found.append(f"a crash was not told: {said[-200:]}")
    return [*found, *leaked_files(folder, put)]


def crash_script(folder: Path) -> str:
    """A line for `-c` that has no key in it: the key is in a file, which is gone again when the script has begun."""
    script = folder / "crash.py"
    script.write_text(_CRASH, encoding="utf-8")
    return f"import pathlib; file = pathlib.Path({str(script)!r}); text = file.read_text(); file.unlink(); exec(text)"


def watched(
    command: Sequence[str], folder: Path, env: Mapping[str, str], typed: str = f"{TYPED}\n"
) -> tuple[str, list[str]]:
    """What it said, and its processes that had a key in their environment or command line."""
    found: set[str] = set()
    log = folder.with_suffix(".out")
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, cwd=folder, env=env, stdin=subprocess.PIPE, stdout=out, stderr=subprocess.STDOUT
        )
        assert process.stdin is not None
        with suppress(BrokenPipeError):  # it reads nothing and has ended
            process.stdin.write(typed.encode())
            process.stdin.close()
        end = time.monotonic() + _LONGEST_S
        while process.poll() is None and time.monotonic() < end:
            found |= set(leaked_processes(descendants(process.pid)))
            found |= {f"{key[:15]} in a command line" for key in leaked(command_line(process.pid))}
            time.sleep(0.02)
        process.kill()
    return log.read_text("utf-8", "replace"), sorted(found)


def command_line(pid: int) -> str:
    """How it was started; empty if it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text("latin-1")
    except OSError:
        return ""


def terminal_run(folder: Path, chance: random.Random) -> list[str]:
    """The app in a terminal: a key is typed, saved, sent; the server repeats it."""
    found: list[str] = []
    with EchoProvider() as server:
        path = config(folder, chance, server.base_url)
        server.always = chance.choice((Reply.stream("Hello there", "."), Reply.error(401), Reply.error(400)))
        env = environment(folder, chance)
        with Terminal([sys.executable, "-m", "tui"], env=env, cwd=folder, size=(120, 36)) as terminal:
            terminal.wait("LLM Model", "provider ·", within_s=30)
            terminal.press("down")
            terminal.wait("model ·")
            terminal.press("down")
            terminal.wait("api_key ·")
            terminal.type(TYPED)
            found += _on_the_screen(terminal)
            terminal.press("enter", "ctrl+s")
            _read_until(terminal, lambda: False, 0.5)
            found += _on_the_screen(terminal)
            terminal.press("enter")
            _read_until(terminal, lambda: False, 0.5)
            terminal.press("f4")
            terminal.type("hello")
            terminal.press("enter")
            _read_until(terminal, lambda: server.posts > 0, 20)
            _read_until(terminal, lambda: False, 0.5)
            found += _on_the_screen(terminal)
            found += leaked_processes(descendants(terminal.pid))
            found += [f"{key[:15]} in a command line" for key in leaked(command_line(terminal.pid))]
            terminal.press("ctrl+o")
            terminal.press("ctrl+q", "ctrl+q")
            terminal.leave(within_s=20)
        found += [f"{key[:15]} in what the terminal received" for key in leaked(without_controls(terminal.raw))]
    return [*found, *leaked_files(folder, [(path, IN_FILE)])]


def _on_the_screen(terminal: Terminal) -> list[str]:
    """What the bytes come to: letters that changed one at a time stand side by side only here."""
    return [f"{key[:15]} on the terminal's screen" for key in leaked(terminal.text)]


def _read_until(terminal: Terminal, holds: Callable[[], bool], within_s: float) -> None:
    end = time.monotonic() + within_s
    while not holds() and time.monotonic() < end:
        terminal._read(0.05)


def without_controls(raw: bytearray) -> str:
    """What was written, as letters that follow each other, and as it is."""
    return re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", raw).decode("utf-8", "replace") + raw.decode("utf-8", "replace")


def environment(folder: Path, chance: random.Random) -> dict[str, str]:
    """A home in `folder`, no keyring, and keys in some of the variables."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "VIRTUAL_ENV") if name in os.environ}
    own = {"HOME": str(folder), "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent", "PYTHONPATH": str(_ROOT)}
    keys = {name: key for name, key in (("LLM_API_KEY", IN_ENV), ("OPENAI_API_KEY", OWN)) if chance.random() < 0.5}
    return kept | own | keys
