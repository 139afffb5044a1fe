"""Point five: random runs of the app and of its commands with four keys about, of which no trace may be found.

two of five    the app in this process: its screens, pictures, clipboard, logs, errors, files, and the worker
most others    a command in a process of its own: its output, files, and processes
one of ten     plain mode in a process of its own, by hand in a pseudo-terminal or from a script
a few          the app in a pseudo-terminal: every byte of it, files, and processes
"""

from __future__ import annotations

import asyncio
import random
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final, Literal, TypeAlias, get_args

from tests.reliability.canaries import leaked_files
from tests.reliability.counts import Counts
from tests.reliability.figures import Figure, tell
from tests.reliability.leaks_actions import ALL
from tests.reliability.leaks_in_app import app_run
from tests.reliability.leaks_in_processes import command_run, terminal_run
from tests.reliability.leaks_plain import plain_run
from tests.reliability.leaks_shared import Shared

Kind: TypeAlias = Literal["app", "command", "plain", "terminal"]

_IN_PROCESSES: Final[Mapping[Kind, Callable[[Path, random.Random], list[str]]]] = {
    "command": command_run, "plain": plain_run, "terminal": terminal_run,
}  # fmt: skip
_MANY: Final = 100
"""In so many runs everything that can be done has to be done at least once."""


def figures(counts: Counts) -> Iterator[Figure]:
    """All runs."""
    return iter([asyncio.run(_runs(counts))])


def kind_of(number: int) -> Kind:
    """Which kind of run this is."""
    if number % 25 == 1:
        return "terminal"
    return "app" if number % 5 in (0, 3) else "plain" if number % 10 == 4 else "command"


async def _runs(counts: Counts) -> Figure:
    """Two at a time: the app in this process beside a command or a terminal."""
    kinds = Counter(map(kind_of, range(counts.leak_runs)))
    with tempfile.TemporaryDirectory() as name, Shared() as shared:
        folder = Path(name)
        lanes = await asyncio.gather(_in_app(counts, folder, shared), _in_processes(counts, folder))
        await shared.engine.close()
    wrong = [*lanes[0], *lanes[1], *leaked_files(Path.home()), *_never_done(shared, kinds["app"])]
    shares = ", ".join(f"{kinds[kind]} {kind}" for kind in get_args(Kind))
    done = shared.done
    result = tell(
        wrong, f"0 hits ({shares}; {done['pictures']} pictures; {done['crashes']} crashes, told without values)"
    )
    what = "random runs with four keys about: screens, SVG, clipboard, logs, errors, files, /proc"
    return Figure(part="Leaks", what=what, count=counts.leak_runs, result=result, passed=not wrong)


async def _in_app(counts: Counts, folder: Path, shared: Shared) -> list[str]:
    wrong: list[str] = []
    for number, chance, own in _numbered(counts, folder):
        if kind_of(number) == "app":
            wrong += [f"run {number} (app): {problem}" for problem in await app_run(own, chance, shared)]
    return wrong


async def _in_processes(counts: Counts, folder: Path) -> list[str]:
    wrong: list[str] = []
    for number, chance, own in _numbered(counts, folder):
        kind = kind_of(number)
        if kind != "app":
            run = _IN_PROCESSES[kind]
            wrong += [f"run {number} ({kind}): {problem}" for problem in await asyncio.to_thread(run, own, chance)]
    return wrong


def _numbered(counts: Counts, folder: Path) -> Iterator[tuple[int, random.Random, Path]]:
    """Each run's number, its own chance, its own folder."""
    for number in range(counts.leak_runs):
        own = folder / str(number)
        own.mkdir(exist_ok=True)
        yield number, random.Random(f"{counts.seed} {number}"), own  # noqa: S311  # no secret


def _never_done(shared: Shared, runs: int) -> Iterator[str]:
    """What no run has done to its end, so that nothing can be said about it."""
    names = {*(action.__name__.strip("_") for action in ALL), "pictures", "crashes"}
    return (f"{name} never done" for name in sorted(names - set(shared.done)) if runs >= _MANY)
