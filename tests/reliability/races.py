"""Point two, races: two instances of the app and an editor change one file at the same time, and no edit is lost."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from tests.reliability.counts import Counts
from tests.reliability.figures import Figure, tell
from tui.config.disk import exchange

_ROOT: Final = Path(__file__).parents[2]
_FIELDS: Final = ("timeout", "num_retries")
_DELAY_S: Final = 0.006
_RAW: Final = b"# mine\n[core]\nnote = 0\n\n[llm]\nmodel = 'a/b'  # keep\n#timeout = 1\n\n[sandbox]\ntimeout = 120\n"


def _in_place(path: Path, opened: bytes, changed: bytes) -> bool:
    """As nano and a shell's redirection write; whether the file was still the one that was opened."""
    with path.open("r+b") as file:
        if file.read() != opened:
            return False
        file.seek(0)
        file.truncate()
        file.write(changed)
        file.flush()
        return path.stat().st_ino == os.fstat(file.fileno()).st_ino


def _by_rename(path: Path, opened: bytes, changed: bytes) -> bool:
    """As vim and VS Code may write."""
    beside = path.with_suffix(".swp")
    beside.write_bytes(changed)
    assert exchange(beside, path)
    if beside.read_bytes() == opened:
        beside.unlink()
        return True
    exchange(beside, path)
    beside.unlink()
    return False


_EDITORS: Final[Mapping[str, Callable[[Path, bytes, bytes], bool]]] = {"in place": _in_place, "by rename": _by_rename}


def figures(counts: Counts) -> Iterator[Figure]:
    """The races, with who lost how often and merged."""
    lost: list[str] = []
    merges = 0
    chance = random.Random(counts.seed)  # noqa: S311  # no secret
    with ExitStack() as stack:
        path = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "config.toml"
        children = [_started(stack, path, name) for name in _FIELDS]
        for number in range(1, counts.races + 1):
            path.write_bytes(_RAW)
            os.utime(path, (1, 1))  # as if it had been there for long: a file that is new is read a moment later
            merges += _race(path, children, number, chance)
            if problem := _missing(path, number):
                lost.append(f"race {number}: {problem}")
    result = tell(lost, f"0 edits lost; {merges} times the loser was told and merged")
    what = "two instances and an editor (in place, by rename) change one file at the same time"
    yield Figure(part="Saves", what=what, count=counts.races, result=result, passed=not lost and merges > 0)


def _started(stack: ExitStack, path: Path, name: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.reliability.race_child", str(path), name]
    child = subprocess.Popen(command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    stack.enter_context(child)
    stack.callback(child.kill)
    return child


def _race(path: Path, children: list[subprocess.Popen[str]], number: int, chance: random.Random) -> int:
    for child in children:
        assert child.stdin is not None
        child.stdin.write(f"{number} {chance.uniform(0, _DELAY_S)}\n")
        child.stdin.flush()
    time.sleep(chance.uniform(0, _DELAY_S))
    _edit_by_hand(path, number, _EDITORS[chance.choice(list(_EDITORS))])
    answers = [child.stdout.readline() for child in children if child.stdout is not None]
    return sum(map(int, answers))


def _edit_by_hand(path: Path, number: int, put: Callable[[Path, bytes, bytes], bool]) -> None:
    """What an editor does that looks whether the file is still the one it opened, and opens it again if not.

    It never writes over the app's save, however close: what is lost here, the app has lost.
    """
    written = False
    while not written:
        opened = path.read_bytes()
        written = put(path, opened, opened.replace(b"note = 0", b"note = %d" % number))


def _missing(path: Path, number: int) -> str:
    data = tomllib.loads(path.read_text())
    found = {"note": data.get("core", {}).get("note"), **{name: data["llm"].get(name) for name in _FIELDS}}
    lost = [name for name, value in found.items() if value != number]
    left = [entry.name for entry in path.parent.iterdir() if entry != path]
    return ", ".join([*(f"{name} was lost" for name in lost), *(f"{name} was left behind" for name in left)])
