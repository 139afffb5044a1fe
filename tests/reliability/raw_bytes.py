"""Point six, at the end: every byte that a real pseudo-terminal receives is text or what the program writes.

The app and the commands run in a folder with a hostile name, on a file, variables and a server that are full of hostile
sequences, each cut at every position between the chunks of an answer.
"""

from __future__ import annotations

import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import Final

from tests.fake_provider import FakeProvider, Reply
from tests.fake_replies import Thinking
from tests.reliability.counts import Counts
from tests.reliability.figures import Figure, tell
from tests.reliability.grammar import wrong_bytes
from tests.reliability.hostile_files import file_name, hostile_file, variables
from tests.reliability.sequences import SEQUENCES, split
from tests.terminal import ScreenTimeoutError, Terminal

_ROOT: Final = Path(__file__).parents[2]
_PACK: Final = 16
_LANES: Final = 2
_PATIENCE: Final = 4
_COMMANDS: Final[Sequence[Sequence[str]]] = (
    ("get", "--origin"), ("set", "timeout", "61", "--dry-run"), ("--profile", "no\x1b]0;x\x07such", "get"),
    ("ping",), ("get",), ("get", "api_version"), ("get", "--json"), ("check",), ("models", "--live"), ("ping",),
    ("ping", "--json"), ("set", "no\x1b[31m\u202esuch", "1"), ("keys", "list"), ("export",),
    ("--config", "no\x1b[2J\u202esuch/x.toml", "check"),
)  # fmt: skip


def figures(counts: Counts) -> Iterator[Figure]:
    """Packs of sequences through the app and the commands."""
    sequences = list(SEQUENCES)
    random.Random(counts.seed).shuffle(sequences)  # noqa: S311  # no secret
    packs = [sequences[start : start + _PACK] for start in range(0, len(sequences), _PACK)][: counts.raw_packs]
    commands = _COMMANDS[: counts.raw_commands]
    with ThreadPoolExecutor(_LANES) as lanes:  # most of the time is spent waiting
        done = list(lanes.map(lambda pack: _judged(pack, commands), packs))
    wrong = [problem for problems, _ in done for problem in problems]
    size = sum(received for _, received in done)
    result = tell(wrong, f"{size:,} bytes, none but text and the app's own sequences; controls are shown as signs")
    what = f"sequences in file, variables and server; the app and {len(commands)} commands in a real terminal"
    return iter([Figure(part="Injection", what=what, count=sum(map(len, packs)), result=result, passed=not wrong)])


def _judged(pack: Sequence[str], commands: Sequence[Sequence[str]]) -> tuple[list[str], int]:
    """What is wrong with the bytes of the app and the commands on one pack, and how many there were."""
    wrong: list[str] = []
    size = 0
    with tempfile.TemporaryDirectory() as name:
        for what, raw, copied in _received(Path(name), pack, commands):
            size += len(raw)
            problems = islice(wrong_bytes(raw, app=what == "the app", copied=copied), 2)
            wrong += [f"{what}: {problem}" for problem in problems]
            wrong += [] if raw else [f"{what}: nothing was received"]
    return wrong, size


def _received(home: Path, pack: Sequence[str], commands: Sequence[Sequence[str]]) -> Iterator[tuple[str, bytes, bool]]:
    """What was run, what the terminal received, whether something was copied."""
    folder = home / file_name("".join(pack))
    folder.mkdir()
    with _server(pack) as server:
        (folder / "config.toml").write_text(hostile_file(pack, server.base_url), encoding="utf-8")
        env = {**_environment(home), **variables(pack)}
        yield "the app", _app(folder, env, server, _replies(pack)), True
        for command in commands:
            server.script(*_replies(pack)[-1:] if command[0] == "ping" else ())
            yield " ".join(command), _command(folder, env, command), False


@contextmanager
def _server(pack: Sequence[str]) -> Iterator[FakeProvider]:
    names = tuple(text.encode("utf-8", "replace").decode() for text in pack)
    with FakeProvider(models=names) as server:
        yield server


def _replies(pack: Sequence[str]) -> list[Reply]:
    """An answer after thinking, both cut at every position; then errors with the sequences in body and headers."""
    pieces = [piece for text in pack for pair in split(text) or ((text, ""),) for piece in (*pair, " ") if piece]
    whole = "".join(pack)
    hidden = "".join(char for char in whole if "\x80" <= char < "\xa0") or "\x9b31m"
    return [
        Reply.stream(*(Thinking(piece) for piece in pieces), *pieces, " the end", model=whole),
        Reply.error(400, f"{whole} refused", code=whole, type=whole),
        Reply.error(429, whole, retry_after=hidden),
        Reply.raw(500, f"<html><title>{whole}</title></html>"),
        Reply.raw(418, json.dumps({"error": whole}), content_type=f"text/{hidden}", headers={"Server": hidden}),
    ]


def _app(folder: Path, env: Mapping[str, str], server: FakeProvider, replies: Sequence[Reply]) -> bytes:
    with Terminal([sys.executable, "-m", "tui"], env=env, cwd=folder, size=(160, 50)) as terminal:
        terminal.wait("LLM Model", "provider ·", within_s=30)
        terminal.press("down")
        terminal.wait("model ·")
        _list_models(terminal)
        terminal.press("f3")
        terminal.wait("Base URL", "base_url ·")
        terminal.press("f4")
        terminal.wait("Ask the model", gone="base_url ·")
        for number, reply in enumerate(replies):
            server.script(*[reply] * 5)
            posts = server.posts
            terminal.type("hi")
            terminal.press("enter")
            terminal.wait(*(["to first token"] if number == 0 else []), within_s=60)
            _until_idle(terminal, server, posts)
            server._script.clear()
        terminal.press("ctrl+o")
        terminal.press("ctrl+q", "ctrl+q")
        terminal.leave(within_s=20)
        return bytes(terminal.raw)


def _list_models(terminal: Terminal) -> None:
    """Open the list until the server's models are in it: the first time, a slow machine loads LiteLLM for too long."""
    for _ in range(_PATIENCE):
        terminal.press("enter")
        with suppress(ScreenTimeoutError):
            terminal.wait("served by", within_s=25)
        listed = "served by" in terminal.text
        terminal.press("escape")
        terminal.wait("model ·", gone="served by")
        if listed:
            return
    raise ScreenTimeoutError(f"the server's models were never listed; the screen was:\n{terminal.text}")


def _until_idle(terminal: Terminal, server: FakeProvider, posts: int) -> None:
    """The turn was sent, and has ended or waits for its next attempt: then it is stopped."""
    server.wait_seen(posts + 1)
    _read_for(terminal, 0.8)
    terminal.press("escape")
    _read_for(terminal, 0.4)


def _read_for(terminal: Terminal, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        terminal._read(0.05)


def _command(folder: Path, env: Mapping[str, str], command: Sequence[str]) -> bytes:
    with Terminal([sys.executable, "-m", "tui", *command], env=env, cwd=folder, size=(160, 50)) as terminal:
        terminal.leave(within_s=60)
        return bytes(terminal.raw)


def _environment(home: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "VIRTUAL_ENV") if name in os.environ}
    own = {"HOME": str(home), "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent", "PYTHONPATH": str(_ROOT)}
    return kept | own | {"LLM_BACKENDS_NOTHING": "", "PYTHONUTF8": "1"}
