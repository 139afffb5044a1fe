"""Each bench runs, a few times each; what it measures is for `python -m tests.bench` on a quiet machine to say."""

from __future__ import annotations

import pytest

from tests.bench.counts import TINY
from tests.bench.figures import Figure, Run, p95, said, table
from tests.bench.parts import PARTS


@pytest.mark.slow
@pytest.mark.parametrize("name", PARTS)
def test_each_bench_measures_something(name: str) -> None:
    for figure in PARTS[name](TINY):
        assert figure.ours
        assert figure.what


def test_a_missed_target_is_told_with_its_reason() -> None:
    figure = Figure(name="start", part="Start", what="to the screen", ours="2 s", beside="1 s", result=2, limit=1.3)
    shown = table(Run("3.11.7", 2, 24, (figure,)))
    assert "| **Start** | to the screen | 2 s | 1 s | 2.00x | ≤ 1.3x, **missed**: " in shown
    assert "Python 3.11.7, 2 cores, 24 GB" in shown


def test_figures_have_the_digits_that_count() -> None:
    assert [said(value, unit) for value, unit in ((0.1234, "s"), (12.3, "ms"), (1234.5, "B"), (0.012, "x"))] == [
        "0.12 s",
        "12 ms",
        "1,234 B",
        "0.012x",
    ]


def test_one_in_twenty_is_above_p95() -> None:
    assert p95([float(number) for number in range(100)]) == 94
