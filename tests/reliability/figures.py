"""What a run of the harness found, as figures: kept in `results.json`, shown as a table of tests/README.md."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import msgspec

RESULTS: Final = Path(__file__).with_name("results.json")
_TOLD: Final = 5
"""So many of the things that went wrong are told."""
COMMAND: Final = "python -m tests.reliability --full"


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One promise, how often it was put to the test, and what came out."""

    part: str
    what: str
    count: int
    result: str
    passed: bool


class Run(msgspec.Struct, frozen=True):
    """All figures of one run, and the machine that it ran on."""

    python: str
    cores: int
    figures: tuple[Figure, ...]
    note: str = ""
    """What else a reader should know of the run."""

    @property
    def failed(self) -> int:
        """How many promises did not hold."""
        return sum(not figure.passed for figure in self.figures)


def run_of(figures: Iterable[Figure]) -> Run:
    """The figures with this interpreter's version and this machine's cores."""
    return Run(platform.python_version(), os.cpu_count() or 1, tuple(figures))


def table(run: Run) -> str:
    """The run as a Markdown table, with the machine below it."""
    rows = ["| | what was done | times | what came out |", "|---|---|---:|---|"]
    last = ""
    for figure in run.figures:
        part = f"**{figure.part}**" if figure.part != last else ""
        last = figure.part
        result = figure.result if figure.passed else f"**FAILED**: {figure.result}"
        rows.append(f"| {part} | {_cell(figure.what)} | {figure.count:,} | {_cell(result)} |")
    told = f"One run of `{COMMAND}`, Python {run.python}, {run.cores} cores. {run.note}".rstrip()
    return "\n".join([*rows, "", told])


def store(run: Run) -> None:
    """Keep the run in the repository."""
    RESULTS.write_bytes(msgspec.json.format(msgspec.json.encode(run), indent=2) + b"\n")


def stored() -> Run:
    """The run that the repository holds."""
    return msgspec.json.decode(RESULTS.read_bytes(), type=Run)


def tell(wrong: Sequence[str], fine: str) -> str:
    """The result in words: `fine`, or how many went wrong with the first of them."""
    return f"{len(wrong)} wrong, the first: {'; '.join(wrong[:_TOLD])}" if wrong else fine


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
