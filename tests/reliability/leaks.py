"""Point five: random runs of the app and of its commands with four keys about, of which no trace may be found.

three of five  the app in this process: its screens, pictures, clipboard, logs, errors, files, and the worker
most others    a command in a process of its own: its output, files, and processes
a few          the app in a pseudo-terminal: every byte of it, files, and processes
"""

from __future__ import annotations

import asyncio
import random
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.reliability.counts import Counts
from tests.reliability.figures import Figure, tell
from tests.reliability.leaks_in_app import Shared, app_run
from tests.reliability.leaks_in_processes import command_run, terminal_run


def figures(counts: Counts) -> Iterator[Figure]:
    """All runs."""
    return iter([asyncio.run(_runs(counts))])


async def _runs(counts: Counts) -> Figure:
    wrong: list[str] = []
    kinds: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name, Shared() as shared:
        for number in range(counts.leak_runs):
            folder = Path(name) / str(number)
            folder.mkdir()
            chance = random.Random(f"{counts.seed} {number}")  # noqa: S311  # no secret
            kind = "terminal" if number % 25 == 1 else "command" if number % 5 in (2, 3) else "app"  # shares
            kinds[kind] += 1
            if kind == "app":
                found = await app_run(folder, chance, shared)
            else:
                run = terminal_run if kind == "terminal" else command_run
                found = await asyncio.to_thread(run, folder, chance)
            wrong += [f"run {number} ({kind}): {problem}" for problem in found]
        await shared.engine.close()
    shares = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    result = tell(wrong, f"0 hits ({shares}; {shared.crashes} crashes, told without values)")
    what = "random runs with four keys about: screens, SVG, clipboard, logs, errors, files, /proc"
    return Figure(part="Leaks", what=what, count=counts.leak_runs, result=result, passed=not wrong)
