"""Point seven, cancelling: it takes no longer than it takes to let go of a key, whatever the server does."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterator
from contextlib import aclosing
from typing import Final

import msgspec

from tests.reliability.counts import Counts
from tests.reliability.figures import Figure, tell
from tests.reliability.wire import environment
from tests.reliability.wire_cases import Case, all_of, ask, cases, text_of, words_of
from tests.reliability.wire_faults import FAULTS
from tests.reliability.wire_outcomes import TEXT
from tests.reliability.wire_server import WireServer
from tui.engine.client import Engine
from tui.llm.events import Attempting, Cancelled, Failed, Finished, TurnEvent

CANCEL_S: Final = 0.1
_HANG_UP_S: Final = 3.0
"""A stuck worker is replaced after 2 s."""


class _Cancel(msgspec.Struct, frozen=True):
    """How one went."""

    took_s: float
    late_s: float
    """By how much a timer was late at the same time, as on a busy machine everything is."""
    in_time: bool
    """Whether the turn was still open: some end by themselves just before."""


def figures(counts: Counts) -> Iterator[Figure]:
    """The turns that are cancelled."""
    yield asyncio.run(_played(counts.wire_cancels))


async def _played(count: int) -> Figure:
    engine = Engine(environment())
    try:
        with WireServer() as server:
            await _still_works(engine, server, count)  # the worker is there
            return await of_cancels(engine, server, count)
    finally:
        await engine.close()


async def of_cancels(engine: Engine, server: WireServer, count: int) -> Figure:
    """Cancel at a random moment of something that hangs or never ends; then the next turn has to work."""
    chance = random.Random(count)  # noqa: S311  # no secret
    hanging = [case for case in cases() if case.fault.hangs]
    wrong: list[str] = []
    done: list[_Cancel] = []
    replaced = 0
    for number in range(count):
        case, before = chance.choice(hanging), engine.pid
        done.append(await _cancel(engine, server, case, chance.uniform(0, 0.6)))
        if done[-1].took_s > CANCEL_S + done[-1].late_s:
            wrong.append(f"{case.name}: cancelled after {done[-1].took_s * 1000:.0f} ms")
        if not await asyncio.to_thread(server.idle, _HANG_UP_S):  # who goes on writing goes on charging
            wrong.append(f"{case.name}: the connection is still there after {_HANG_UP_S:g} s")
        if problem := await _still_works(engine, server, number):
            wrong.append(f"after {case.name}: {problem}")
        replaced += engine.pid != before
    if not any(cancel.in_time for cancel in done):
        wrong.append("every turn was over before it was cancelled")
    slowest = max(cancel.took_s for cancel in done)
    fine = f"over within {slowest * 1000:.0f} ms, hung up, the next turn worked; {replaced} workers replaced"
    what = "turns that hang or never end, cancelled at a random moment"
    return Figure(part="Wire", what=what, count=count, result=tell(wrong, fine), passed=not wrong)


async def _cancel(engine: Engine, server: WireServer, case: Case, after_s: float) -> _Cancel:
    server.play, server.requests = case.fault.play, []
    request = msgspec.structs.replace(ask(server.port, case), id="cancelled")
    last: TurnEvent | None = None
    async with aclosing(engine.turn(request)) as turn:
        async for last in turn:
            if isinstance(last, Attempting):
                break
        await asyncio.sleep(after_s)
        timer = asyncio.create_task(_lateness(CANCEL_S))
        started = time.perf_counter()
        engine.cancel("cancelled")
        async for last in turn:
            if isinstance(last, Cancelled | Failed | Finished):
                break
        return _Cancel(time.perf_counter() - started, await timer, isinstance(last, Cancelled))


async def _lateness(seconds: float) -> float:
    """By how much a timer of so many seconds is late."""
    due = time.perf_counter() + seconds
    await asyncio.sleep(seconds)
    return max(0.0, time.perf_counter() - due)


async def _still_works(engine: Engine, server: WireServer, number: int) -> str:
    server.play = lambda wire: wire.whole(b"".join(wire.answer(TEXT)))
    plain = Case(FAULTS[0], "openai", stream=True)
    events = await all_of(engine.turn(msgspec.structs.replace(ask(server.port, plain), id=f"next {number}")))
    return "" if text_of(events) == TEXT else f"the next turn ended with {words_of(events[-1])}"
