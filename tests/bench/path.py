"""Our way to the model (app, pipe, worker, policy, LiteLLM) beside LiteLLM called directly, on a loopback server."""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import aclosing, contextmanager
from typing import Final, TypeAlias

import msgspec

from tests.bench.counts import Counts
from tests.bench.figures import Figure, said
from tests.bench.provider import provider
from tui.config.schema import LLM
from tui.config.secret import Secret
from tui.engine.client import Engine
from tui.llm.events import Ask, Delta, Failed, Message

_KEY: Final = "sk-of-the-bench"
_READY_S: Final = 60

Times: TypeAlias = tuple[float, float]
"""Seconds to the first token, and to the end."""


def figures(counts: Counts) -> Iterator[Figure]:
    """What our path adds to the first token, and to the time of a long answer that comes as fast as it can."""
    with provider() as base_url, _direct(base_url) as direct:
        ours, base = asyncio.run(_played(counts, base_url, direct))
    first = [1000 * statistics.median(times[0] for times in side[0]) for side in (ours, base)]
    whole = [statistics.median(times[1] for times in side[1]) for side in (ours, base)]
    yield Figure(
        name="first-token",
        part="Path",
        what="added to the time to the first token",
        ours=said(first[0], "ms"),
        beside=f"`litellm.acompletion`: {said(first[1], 'ms')}",
        result=first[0] - first[1],
        unit="ms",
        limit=5,
    )
    rates = [counts.long_deltas / seconds for seconds in whole]
    yield Figure(
        name="throughput",
        part="Path",
        what=f"added to the time of {counts.long_deltas:,} deltas that come as fast as they are taken",
        ours=f"{rates[0]:,.0f}/s",
        beside=f"`litellm.acompletion`: {rates[1]:,.0f}/s",
        result=100 * (whole[0] / whole[1] - 1),
        unit="%",
        limit=5,
    )


@contextmanager
def _direct(base_url: str) -> Iterator[Callable[[str], Times]]:
    command = [sys.executable, "-m", "tests.bench.direct", base_url]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True) as process:
        if process.stdin is None or process.stdout is None:
            raise TypeError("the baseline has no pipes")
        source, sink = process.stdout, process.stdin
        while (line := source.readline().strip()) != "ready":  # LiteLLM prints to stdout as well
            if process.poll() is not None:
                raise RuntimeError(f"the baseline did not start: {line}")

        def ask(prompt: str) -> Times:
            sink.write(f"{prompt}\n")
            sink.flush()
            first, whole = json.loads(source.readline())
            return first, whole

        yield ask
        sink.close()


async def _played(
    counts: Counts, base_url: str, direct: Callable[[str], Times]
) -> tuple[tuple[list[Times], list[Times]], tuple[list[Times], list[Times]]]:
    """(short requests, long ones), ours and the baseline's, which take turns."""
    engine = Engine(dict(os.environ))
    try:
        await engine.start()
        async with asyncio.timeout(_READY_S):
            while not engine.ready:  # noqa: ASYNC110  # another process gets ready
                await asyncio.sleep(0.05)
        ours: tuple[list[Times], list[Times]] = ([], [])
        base: tuple[list[Times], list[Times]] = ([], [])
        await _asked(engine, base_url, "warm up")
        for number in range(counts.requests):
            for at, prompt in enumerate((f"prose 20 0 {number}", f"prose {counts.long_deltas} 0")):
                base[at].append(await asyncio.to_thread(direct, prompt))
                ours[at].append(await _asked(engine, base_url, prompt))
        return ours, base
    finally:
        await engine.close()


async def _asked(engine: Engine, base_url: str, prompt: str) -> Times:
    settings = msgspec.structs.replace(LLM(), model="openai/bench-model", base_url=base_url)
    ask = Ask(id=f"{time.monotonic_ns()}", settings=settings, key=Secret(_KEY), messages=(Message("user", prompt),))
    began, first = time.perf_counter(), 0.0
    async with aclosing(engine.turn(ask)) as events:
        async for event in events:
            if isinstance(event, Delta) and not first:
                first = time.perf_counter() - began
            if isinstance(event, Failed):
                raise RuntimeError(event.message)  # noqa: TRY004  # no matter of types
    return first, time.perf_counter() - began
