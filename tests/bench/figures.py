"""What a run of the benches measured, as figures: kept in `results.json`, shown as a table of tests/README.md."""

from __future__ import annotations

import math
import os
import platform
import statistics
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import msgspec

from tests.bench.floors import FLOORS

RESULTS: Final = Path(__file__).with_name("results.json")
COMMAND: Final = "python -m tests.bench"


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was measured, beside its baseline, and what it should be."""

    name: str
    """By which `floors` knows it."""
    part: str
    what: str
    ours: str
    beside: str = ""
    """The baseline and its figure in the same run."""
    result: float
    """What is compared with the limit."""
    unit: str = "x"
    limit: float | None = None
    """The largest result that is good; None where there is no target."""

    @property
    def met(self) -> bool:
        """Whether the target was met."""
        return self.limit is None or self.result <= self.limit


class Run(msgspec.Struct, frozen=True):
    """All figures of one run, and the machine that it ran on."""

    python: str
    cores: int
    memory_gb: int
    figures: tuple[Figure, ...]

    @property
    def missed(self) -> int:
        """How many targets were not met."""
        return sum(not figure.met for figure in self.figures)


def run_of(figures: Iterable[Figure]) -> Run:
    """The figures with this interpreter's version and this machine's size."""
    memory = 0
    if sys.platform != "win32":
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return Run(platform.python_version(), os.cpu_count() or 1, round(memory / 2**30), tuple(figures))


def table(run: Run) -> str:
    """The run as a Markdown table, with the machine below it."""
    rows = ["| | what was measured | ours | beside | result | target |", "|---|---|---:|---|---:|---|"]
    last = ""
    for figure in run.figures:
        part = f"**{figure.part}**" if figure.part != last else ""
        last = figure.part
        cells = (figure.what, figure.ours, figure.beside, said(figure.result, figure.unit), _target(figure))
        rows.append(f"| {part} | {' | '.join(cells)} |")
    machine = f"{run.cores} cores, {run.memory_gb} GB"
    return "\n".join([*rows, "", f"One run of `{COMMAND}`, Python {run.python}, {machine}."])


def _target(figure: Figure) -> str:
    if figure.limit is None:
        return ""
    target = f"≤ {figure.limit:g}{_UNITS[figure.unit]}"
    return target if figure.met else f"{target}, **missed**: {FLOORS.get(figure.name, 'not explained')}"


_UNITS: Final = {"x": "x", "ms": " ms", "s": " s", "%": " %", "B": " B", "B/B": " B", "MB": " MB"}


def said(value: float, unit: str) -> str:
    """A value with its unit, with two figures that count, ratios with two behind the point."""
    digits = 0 if unit == "B" or value == 0 else max(0, 1 - math.floor(math.log10(abs(value))))
    digits = max(digits, 2) if unit == "x" else digits
    return f"{value:,.{min(digits, 3)}f}{_UNITS[unit]}"


def store(run: Run) -> None:
    """Keep the run in the repository; a run of some benches takes the place of their figures in the last one."""
    if RESULTS.exists():
        fresh = {figure.name: figure for figure in run.figures}
        last = stored().figures
        kept = tuple(fresh.pop(figure.name, figure) for figure in last)
        run = msgspec.structs.replace(run, figures=(*kept, *fresh.values()))
    RESULTS.write_bytes(msgspec.json.format(msgspec.json.encode(run), indent=2) + b"\n")


def stored() -> Run:
    """The run that the repository holds."""
    return msgspec.json.decode(RESULTS.read_bytes(), type=Run)


def p95(values: Sequence[float]) -> float:
    """The value that one in twenty exceeds."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, math.ceil(len(ordered) * 0.95) - 1)]


def ratio(ours: Sequence[float], base: Sequence[float]) -> float:
    """Ours through the baseline's, median by median: a busy moment of the machine moves neither."""
    return statistics.median(ours) / statistics.median(base)
