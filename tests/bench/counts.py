"""How often the benches measure: often for the table, once or twice in the ordinary test run."""

from __future__ import annotations

from typing import Final

import msgspec


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """How often each thing is done."""

    runs: int
    """Of what starts a program; ours and the baseline take turns."""
    settles: bool
    """Whether the app comes to rest, its worker loaded, before it is measured."""
    kinds: tuple[str, ...]
    """Kinds of text that are streamed."""
    keys: int
    """Typed in each run."""
    warm_up_s: float
    """How long keys are typed after the first paint."""
    deltas: tuple[int, ...]
    """Lengths of the streamed answers, the shortest first."""
    update_deltas: int
    """For `Markdown.update()` on each delta, whose cost grows with the square."""
    rate: int
    """Deltas a second."""
    typing_deltas: int
    """Length of the answer over which keys are typed."""
    line_bytes: int
    """A second on a slow link; 960 are 9,600 baud."""
    slow_deltas: int
    """Length of the answer that goes over a slow link."""
    turns: tuple[int, int]
    """After how many turns memory is looked at."""
    requests: int
    """Short requests in each run, to the first token."""
    long_deltas: int
    """Length of the answer that measures throughput."""
    commands: int
    """Runs of each command."""
    narrowings: int
    """Keys typed into the model list."""
    lines: int
    """Of the configuration file that is edited."""


FULL: Final = Counts(
    runs=7, settles=True, kinds=("prose", "code", "tables"), keys=40, warm_up_s=5,
    deltas=(1_000, 4_000, 16_000), update_deltas=500, rate=1_000, typing_deltas=8_000,
    line_bytes=960, slow_deltas=200, turns=(10, 100), requests=15, long_deltas=8_000,
    commands=15, narrowings=60, lines=10_000,
)  # fmt: skip
TINY: Final = Counts(
    runs=1, settles=False, kinds=("tables",), keys=2, warm_up_s=0.3,
    deltas=(40,), update_deltas=40, rate=1_000, typing_deltas=200,
    line_bytes=50_000, slow_deltas=5, turns=(1, 2), requests=1, long_deltas=50,
    commands=1, narrowings=5, lines=300,
)  # fmt: skip
