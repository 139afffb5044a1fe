"""The harness with few rounds: `python -m tests.reliability --full` plays many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pytest

from tests.reliability.counts import FAST, FULL
from tests.reliability.figures import stored, table
from tests.reliability.parts import PARTS
from tests.reliability.redirects import redirects
from tests.reliability.sequences import SEQUENCES
from tests.reliability.set_ups import set_ups
from tests.reliability.wire_cases import cases

MARKS: Final[Mapping[str, Sequence[pytest.MarkDecorator]]] = {
    "keyrings": (pytest.mark.real("Secret Service"), pytest.mark.slow),
    "cancels": (pytest.mark.slow,),
}
"""Of parts that need more than Python, or that measure how long something takes."""


@pytest.mark.parametrize("name", [pytest.param(name, marks=MARKS.get(name, ())) for name in PARTS])
def test_every_promise_of_a_part_holds(name: str) -> None:
    for figure in PARTS[name](FAST):
        assert figure.passed, f"{figure.what}: {figure.result}"


def test_the_stored_figures_are_of_a_full_run_in_which_everything_held() -> None:
    run = stored()
    assert not run.failed
    counts = [figure.count for figure in run.figures]
    assert sum(figure.count for figure in run.figures if "random" in figure.what) >= 10_000
    assert {FULL.kills, FULL.races, FULL.leak_runs, FULL.wire_cancels} <= set(counts)
    assert sum(figure.count for figure in run.figures if "random strings" in figure.what) >= FULL.random_strings
    assert {len(set_ups()), len(redirects()), len(cases()), len(SEQUENCES)} <= set(counts)


def test_the_table_has_a_row_for_each_figure_and_names_the_machine() -> None:
    run = stored()
    shown = table(run)
    assert shown.count("\n| ") == len(run.figures)
    assert all(f"| {figure.count:,} |" in shown for figure in run.figures)
    assert f"Python {run.python}, {run.cores} cores" in shown
