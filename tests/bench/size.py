"""Bytes to the terminal, also over a slow link, and memory."""

from __future__ import annotations

import statistics
import string
import time
from collections.abc import Iterator
from typing import Final

from tests.bench.counts import Counts
from tests.bench.figures import Figure, said
from tests.bench.ours import ROOT, SHOWN, Home, home, widgets
from tests.bench.provider import provider
from tests.bench.start import field
from tests.bench.stream import chatting
from tests.bench.texts import CHARS, END
from tests.bench.watched import SlowLink, Watched

ROUND_TRIP_S: Final = 0.3
_TOKENS_S: Final = 50
"""Deltas a second of a usual model."""


def output(counts: Counts) -> Iterator[Figure]:
    """Bytes to the terminal."""
    count = widgets()
    with home() as place:
        with place.open() as app:
            app.until(SHOWN)
            app.settle(1 if counts.settles else 0.2)
            first = app.received
        with place.bare("form", count) as app:
            app.until("value")
            app.settle()
            bare = app.received
        yield Figure(
            name="first-paint-bytes",
            part="Bytes",
            what="to the terminal until the first screen is complete (80x24)",
            ours=said(first, "B"),
            beside=f"bare Textual app of {count} widgets: {said(bare, 'B')}",
            result=first / bare,
        )
    with home() as place:
        with field(place, rest=counts.settles) as app:
            app.send("x")
            app.settle()
            sizes = [_key_bytes(app, letter) for letter in string.ascii_lowercase[: counts.keys]]
        yield Figure(
            name="key-bytes",
            part="Bytes",
            what="for a key in a field",
            ours=said(statistics.median(sizes), "B"),
            result=statistics.median(sizes),
            unit="B",
        )
    with provider() as base_url, home(base_url) as place:
        for rate, deltas in ((_TOKENS_S, counts.deltas[0]), (counts.rate, counts.deltas[0]))[: counts.runs]:
            yield _reply_bytes(counts, place, rate, deltas)


def _key_bytes(app: Watched, letter: str) -> int:
    app.send(letter)
    return app.settle()


def _reply_bytes(counts: Counts, place: Home, rate: int, deltas: int) -> Figure:
    with chatting(counts, place) as app:
        before = app.received
        app.send(f"prose {deltas} {rate}\r")
        app.until(END, "tok/s", within_s=120)
        app.settle()
        sent = app.received - before
    return Figure(
        name=f"reply-bytes-{rate}",
        part="Bytes",
        what=f"for each byte of an answer's text, {deltas:,} deltas at {rate:,} a second",
        ours=said(sent, "B"),
        beside=f"text: {said(deltas * CHARS, 'B')}",
        result=sent / (deltas * CHARS),
        limit=4,
    )


def slow(counts: Counts) -> Iterator[Figure]:
    """How long it takes on a bad line."""
    deltas = counts.slow_deltas
    with provider() as base_url, home(base_url) as place:
        link = SlowLink(place.app, place.env, ROOT, bytes_per_s=counts.line_bytes, round_trip_s=ROUND_TRIP_S)
        with link as app:
            first = app.until(SHOWN, "Quit") - app.started
            app.settle(1)
            key = app.key_s("zq", "zq")
            app.send("\x1b\x1b")
            app.settle(1)
            app.send("\x1bOS")
            app.until("Ask the model")
            app.settle(1)
            app.send(f"prose {deltas} {_TOKENS_S}\r")
            began = time.perf_counter()
            took = app.until(END, "tok/s", within_s=300) - began
    line = f"{10 * counts.line_bytes:,} baud, {1000 * ROUND_TRIP_S:.0f} ms"
    yield _over(line, "slow-start", "command to a filled Settings screen", first, 10)
    yield _over(line, "slow-key", "key to its letter", key, 1)
    model = deltas / _TOKENS_S
    what = f"an answer of {deltas * CHARS:,} characters at {_TOKENS_S} deltas a second, beside the time the model takes"
    yield Figure(
        name="slow-reply",
        part="Slow link",
        what=f"{line}: {what}",
        ours=said(took, "s"),
        beside=f"the model: {said(model, 's')}",
        result=took / model,
        limit=2,
    )


def _over(line: str, name: str, what: str, seconds: float, limit: float) -> Figure:
    took = said(seconds, "s")
    return Figure(name=name, part="Slow link", what=f"{line}: {what}", ours=took, result=seconds, unit="s", limit=limit)


def memory(counts: Counts) -> Iterator[Figure]:
    """What stays in memory."""
    count = widgets()
    few, many = counts.turns
    with provider() as base_url, home(base_url) as place:
        with place.bare("form", count) as app:
            app.until("value")
            app.settle()
            bare = app.rss_mb()
        with chatting(counts, place) as app:
            ours = app.rss_mb()
            sizes = {}
            for turn in range(1, many + 1):
                app.send(f"prose 100 0 {turn}\r")
                app.until(f"> prose 100 0 {turn} ", END, "tok/s")
                app.settle()
                if turn in (few, many):
                    sizes[turn] = app.rss_mb(tree=True)
    yield Figure(
        name="memory",
        part="Memory",
        what="of the app before the first chat",
        ours=said(ours, "MB"),
        beside=f"bare Textual app of {count} widgets: {said(bare, 'MB')}",
        result=ours / bare,
        limit=1.6,
    )
    yield Figure(
        name="turns",
        part="Memory",
        what=f"of app and worker after {many} turns",
        ours=said(sizes[many], "MB"),
        beside=f"after {few} turns: {said(sizes[few], 'MB')}",
        result=100 * (sizes[many] / sizes[few] - 1),
        unit="%",
        limit=20,
    )
