"""What a streamed answer costs the app, beside Textual's own ways to show one; how quick typing is meanwhile."""

from __future__ import annotations

import statistics
import string
import time
from collections.abc import Iterator
from itertools import cycle
from typing import Final

from tests.bench.counts import Counts
from tests.bench.figures import Figure, p95, said
from tests.bench.ours import Home, home
from tests.bench.provider import provider
from tests.bench.start import settle_worker
from tests.bench.texts import END
from tests.bench.watched import Watched

_F4: Final = "\x1bOS"
_NAMES: Final = {"prose": "prose", "code": "one long code fence", "tables": "many tables"}
_WORD: Final = "zq"
"""Typed while an answer streams; no answer has it."""
_GAP_S: Final = 0.06


def streaming(counts: Counts) -> Iterator[Figure]:
    """CPU of the app's own process, by kind of text."""
    with provider() as base_url, home(base_url) as place:
        for kind in counts.kinds:
            yield from _costs(counts, place, kind)


def typing(counts: Counts) -> Iterator[Figure]:
    """Time from a key to its letter while an answer streams, by kind of text."""
    with provider() as base_url, home(base_url) as place:
        for kind in counts.kinds:
            yield _typing(counts, place, kind)


def _costs(counts: Counts, place: Home, kind: str) -> Iterator[Figure]:
    spent = {count: _streamed(counts, place, kind, count) for count in counts.deltas}
    short, long = counts.deltas[0], counts.deltas[-1]
    per_thousand = {count: 1000 * cpu_s / count for count, cpu_s in spent.items()}
    part = "Streaming"
    told = ", ".join(f"{said(cpu_s, 's')} ({count:,})" for count, cpu_s in per_thousand.items())
    runs = [_streamed(counts, place, kind, short) for _ in range(min(2, counts.runs - 1))]
    spent_short = statistics.median([spent[short], *runs])
    yield Figure(
        name=f"stream-{kind}",
        part=part,
        what=f"{_NAMES[kind]}: CPU for 1,000 deltas of an answer of {', '.join(f'{count:,}' for count in spent)}",
        ours=told,
        beside=f"{short:,} deltas: {said(spent_short, 's')}; {long:,}: {said(spent[long], 's')}",
        result=spent[long] / spent_short,
        limit=1.125 * long / short,
    )
    updated = _bare(place, "update", kind, counts.update_deltas)
    few = spent_short * counts.update_deltas / short
    yield Figure(
        name=f"update-{kind}",
        part=part,
        what=f"{_NAMES[kind]}: {counts.update_deltas:,} deltas beside `Markdown.update()` on each",
        ours=said(few, "s"),
        beside=f"`Markdown.update()`: {said(updated, 's')}",
        result=few / updated,
        limit=0.1,
    )
    streamed = _bare(place, "stream", kind, short)
    yield Figure(
        name=f"markdown-stream-{kind}",
        part=part,
        what=f"{_NAMES[kind]}: {short:,} deltas beside `MarkdownStream`",
        ours=said(spent_short, "s"),
        beside=f"`MarkdownStream`: {said(streamed, 's')}",
        result=spent_short / streamed,
        limit=1,
    )


def chatting(counts: Counts, place: Home) -> Watched:
    """Our app with the cursor in the prompt, the worker ready."""
    app = place.open()
    app.until("LLM Model")
    app.send(_F4)
    app.until("Ask the model")
    if counts.settles:
        settle_worker(app)
    return app


def _streamed(counts: Counts, place: Home, kind: str, count: int) -> float:
    """CPU seconds of our app's process from the prompt to the end of the answer."""
    with chatting(counts, place) as app:
        began = app.cpu_s()
        app.send(f"{kind} {count} {counts.rate}\r")
        app.until(END, "tok/s", within_s=120)
        app.settle()
        return app.cpu_s() - began


def _bare(place: Home, how: str, kind: str, count: int) -> float:
    with place.bare("stream", how, kind, count) as app:
        app.until("READY")
        app.settle()
        began = app.cpu_s()
        app.send(" ")
        app.until("DONE", within_s=600)
        app.settle()
        return app.cpu_s() - began


def _typing(counts: Counts, place: Home, kind: str) -> Figure:
    times: list[float] = []
    with chatting(counts, place) as app:
        app.send(f"{kind} {counts.typing_deltas} {counts.rate}\r")
        app.until({"prose": "a model reads", "code": "step_", "tables": "Table"}[kind])
        app.send(_WORD)
        end = time.perf_counter() + 0.8 * counts.typing_deltas / counts.rate
        for letter in cycle(string.ascii_lowercase):
            if time.perf_counter() > end and times:
                break
            times.append(1000 * app.key_s(letter, _WORD + letter))
            _pass(app)
            app.send("\x7f")
            _pass(app)
    return Figure(
        name=f"typing-{kind}",
        part="Keys",
        what=f"key to its letter while {_NAMES[kind]} comes at {counts.rate:,} deltas a second, 95 of 100",
        ours=said(p95(times), "ms"),
        beside=f"median {said(statistics.median(times), 'ms')}",
        result=p95(times),
        unit="ms",
        limit=50,
    )


def _pass(app: Watched) -> None:
    """Let the moment between two keys pass, while the answer goes on."""
    end = time.perf_counter() + _GAP_S
    while time.perf_counter() < end:
        app.read(max(0.0, end - time.perf_counter()))
