"""From the command to a filled screen that takes keys, and from a key to its letter on the screen."""

from __future__ import annotations

import statistics
import string
import time
from collections.abc import Iterator
from itertools import cycle
from typing import Final

from tests.bench.counts import Counts
from tests.bench.figures import Figure, p95, ratio, said
from tests.bench.ours import NOWHERE, SHOWN, Home, home, widgets
from tests.bench.watched import Watched

_F3: Final = "\x1bOR"
_END: Final = "\x1b[F"
_BACKSPACE: Final = "\x7f"
_LETTERS: Final = "zq"
"""No word on the screen has them."""
_GAP_S: Final = 0.06
"""Between two keys: a fast typist."""


def keys(counts: Counts) -> Iterator[Figure]:
    """Time from a key to its letter, at rest and while the worker warms up."""
    yield _keys(counts, "idle", "key to its letter, at rest, 95 of 100", 1.5, seconds=0)
    what = f"the same in the first {counts.warm_up_s:g} s, while the worker loads LiteLLM"
    yield _keys(counts, "warm-up", what, 2, seconds=counts.warm_up_s)


def start(counts: Counts) -> Iterator[Figure]:
    """Time to a screen that is filled and takes keys."""
    count = widgets()
    ours: list[float] = []
    base: list[float] = []
    with home() as place:
        for _ in range(counts.runs):
            with place.bare("form", count) as app:
                app.until("value")
                app.key_s(_LETTERS, f"value{_LETTERS}")
                base.append(app.came - app.started)
            with place.open() as app:
                app.until(SHOWN)
                app.key_s(_LETTERS, _LETTERS)
                ours.append(app.came - app.started)
    yield Figure(
        name="start",
        part="Start",
        what="command to a filled Settings screen and the first key's letter on it",
        ours=said(statistics.median(ours), "s"),
        beside=f"bare Textual app of {count} widgets: {said(statistics.median(base), 's')}",
        result=ratio(ours, base),
        limit=1.3,
    )


def _keys(counts: Counts, name: str, what: str, limit: float, seconds: float) -> Figure:
    count = widgets("advanced")
    ours: list[float] = []
    base: list[float] = []
    for _ in range(counts.runs):
        with home() as place:  # a new one each time: what was typed is offered again at the next start
            with place.bare("form", count) as app:
                app.until("value")
                base.append(_typed(app, "value", counts, seconds))
            with field(place, rest=counts.settles and not seconds) as app:
                ours.append(_typed(app, NOWHERE, counts, seconds))
    return Figure(
        name=name,
        part="Keys",
        what=what,
        ours=said(statistics.median(ours), "ms"),
        beside=f"bare Textual app of {count} widgets: {said(statistics.median(base), 'ms')}",
        result=ratio(ours, base),
        limit=limit,
    )


def field(place: Home, *, rest: bool) -> Watched:
    """Our app with the cursor at the end of Base URL; after `rest` the worker is ready and all is quiet."""
    app = place.open()
    app.until(SHOWN)
    if rest:
        settle_worker(app)
    app.send(_F3)
    app.until("Base URL", NOWHERE)
    app.settle(within_s=0.3)  # the focus comes after the form
    app.send(_END)
    return app


def settle_worker(app: Watched) -> None:
    """Wait until the app's processes have nothing to do."""
    spent, end = -1.0, time.perf_counter() + 20
    while time.perf_counter() < end and app.cpu_s(tree=True) - spent > 0.02:
        spent = app.cpu_s(tree=True)
        app.settle(within_s=0.5)
        time.sleep(0.3)


def _typed(app: Watched, before: str, counts: Counts, seconds: float) -> float:
    """Milliseconds that 95 of 100 keys stay below: so many keys, or as many as the time allows."""
    app.settle(0.05, within_s=0.2)
    app.send("x")  # from now on the field is edited, as it is for all letters but the first
    app.settle(0.05, within_s=0.2)
    times: list[float] = []
    end = time.perf_counter() + seconds
    for letter in cycle(string.ascii_lowercase):
        if len(times) >= counts.keys if not seconds else time.perf_counter() > end and times:
            break
        times.append(1000 * app.key_s(letter, before[-6:] + "x" + letter))
        app.settle(_GAP_S / 2, within_s=_GAP_S)
        app.send(_BACKSPACE)
        app.settle(_GAP_S / 2, within_s=_GAP_S)
    return p95(times)
