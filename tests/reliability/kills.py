"""Point two, kills: saves that end with SIGKILL at random moments, and the proof that those moments are bad ones."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from tests.reliability.counts import Counts
from tests.reliability.figures import Figure

_ROOT: Final = Path(__file__).parents[2]


def figures(counts: Counts) -> Iterator[Figure]:
    """The app's way to save, then one that writes in place."""
    ours, naive = _played(counts), _played(counts, "naive")
    passed = not ours["torn"] and not ours["unswept"] and ours["left"] > 0
    result = (
        f"{ours['torn']} torn files, {ours['unswept']} temporary files after the next start ({ours['left']} before)"
    )
    what = "SIGKILL at a random moment of a save of 300 kB"
    yield Figure(part="Saves", what=what, count=counts.kills, result=result, passed=passed)
    result = f"{naive['torn']} torn files: the kills come at bad moments"
    what = "the same with a writer that writes in place"
    yield Figure(part="Saves", what=what, count=counts.kills, result=result, passed=naive["torn"] > 0)


def _played(counts: Counts, *writer: str) -> Mapping[str, int]:
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "config.toml")
        command = [sys.executable, "-m", "tests.config.kill_saves", path, str(counts.kills), str(counts.seed), *writer]
        done = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=True)
    result: dict[str, int] = json.loads(done.stdout)
    return result
