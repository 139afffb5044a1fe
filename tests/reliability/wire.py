"""Point seven: every fault of the wire, streamed and whole, in four dialects, through the real worker process."""

from __future__ import annotations

import asyncio
import os
import random
import socket
import time
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import aclosing, closing
from pathlib import Path
from typing import Final

import msgspec

from tests.reliability.counts import Counts
from tests.reliability.figures import Figure, tell
from tests.reliability.wire_faults import FAULTS
from tests.reliability.wire_outcomes import RETRIES, TEXT, Fault, Outcome, fault
from tests.reliability.wire_server import Wire, WireServer
from tui.config.schema import LLM
from tui.config.secret import Secret
from tui.engine.client import Engine
from tui.llm.events import Ask, Attempting, Cancelled, Delta, Failed, Finished, Message, Retrying, TurnEvent

CANARY: Final = "sk-canary-51c7e0b2d94f4a68"
CANCEL_S: Final = 0.1
MOST_MB: Final = 512
"""What the worker may need at its peak: LiteLLM takes 220 MB, and an answer may have 64 MB."""
_NOBODY: Final = "nobody listens"


class Dialect(msgspec.Struct, frozen=True):
    """One protocol: the model that chooses it, and the end of its base URL."""

    model: str
    path: str = ""


DIALECTS: Final[Mapping[str, Dialect]] = {
    "openai": Dialect("openai/fake-model", "/v1"),
    "anthropic": Dialect("anthropic/claude-sonnet-4-5"),
    "gemini": Dialect("gemini/gemini-2.5-flash"),
    "azure": Dialect("azure/deployed"),
}


class Case(msgspec.Struct, frozen=True):
    """One fault in one dialect, asked for in one way."""

    fault: Fault
    dialect: str
    stream: bool

    @property
    def name(self) -> str:
        """The case in words."""
        return f"{self.fault.name}, {self.dialect}, {'streamed' if self.stream else 'whole'}"

    @property
    def outcome(self) -> Outcome:
        """How it must end."""
        return self.fault.stream if self.stream else self.fault.whole


def cases() -> list[Case]:
    """All of them."""
    refused = Outcome(requests=0, cause="network", words="Nothing answers at 127.0.0.1:")
    all_faults = (fault(_NOBODY, Wire.reset, refused), *FAULTS)
    return [Case(one, dialect, stream) for one in all_faults for dialect in DIALECTS for stream in (True, False)]


def figures(counts: Counts) -> Iterator[Figure]:
    """The turns that must end in the right words, and the turns that are cancelled."""
    chosen = cases()
    random.Random(counts.seed).shuffle(chosen)  # noqa: S311  # no secret
    return iter(asyncio.run(_played(chosen[: counts.wire_cases], counts.wire_cancels)))


async def _played(chosen: Sequence[Case], cancels: int) -> list[Figure]:
    engine = Engine(environment())
    try:
        with WireServer() as server:
            return [await _faulty(engine, server, chosen), await _cancelled(engine, server, cancels)]
    finally:
        await engine.close()


def environment() -> dict[str, str]:
    """What a worker needs of this process's environment, whatever else that holds."""
    return {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR", "PYTHONPATH") if name in os.environ}


async def _faulty(engine: Engine, server: WireServer, chosen: Sequence[Case]) -> Figure:
    wrong = []
    await _all(engine.turn(_ask(server.port, Case(FAULTS[0], "openai", stream=True))))  # the worker is there
    for case in chosen:
        problem = await judged(engine, server, case)
        wrong += [f"{case.name}: {problem}"] if problem else []
    peak = _peak_mb(engine.pid)
    if peak > MOST_MB:
        wrong.append(f"the worker needed {peak} MB")
    kinds = len({case.fault.name for case in chosen})
    result = tell(wrong, f"as many requests as promised, the right sentence; the worker needed {peak} MB at most")
    what = f"turns over {kinds} faults of the wire, streamed and whole, as OpenAI, Anthropic, Gemini, Azure"
    return Figure(part="Wire", what=what, count=len(chosen), result=result, passed=not wrong)


async def judged(engine: Engine, server: WireServer, case: Case) -> str:
    """What is wrong with the turn; empty if nothing is."""
    server.play, server.requests = case.fault.play, []
    port = _free_port() if case.fault.name == _NOBODY else server.port
    before = engine.pid
    events = await _all(engine.turn(_ask(port, case)))
    if engine.pid != before:
        return "the worker ended"
    problem = judged_events(events, len(server.requests), case.outcome)
    return judged_events(events, len(server.requests), case.fault.also) if problem and case.fault.also else problem


def judged_events(events: Sequence[TurnEvent], requests: int, outcome: Outcome) -> str:
    """The same, by what came of it."""
    last = events[-1]
    if CANARY in repr(events):
        return "the key is in the events"
    if requests != outcome.requests:
        return f"{requests} requests instead of {outcome.requests}; {_words(last)}"
    waits = tuple(event.wait_s for event in events if isinstance(event, Retrying))
    if waits != (outcome.waits or (0.0,) * len(waits)):
        return f"the waits were {waits}"
    if isinstance(last, Finished):
        fine = not outcome.cause and outcome.words in f"{_text(events)} {last.note}"
        return "" if fine else f"an answer came: {_text(events)[:80]!r}, {last.note}"
    if not isinstance(last, Failed) or (last.cause, last.partial) != (outcome.cause, outcome.partial):
        return f"it ended with {_words(last)}"
    kept = bool(_text(events)) is outcome.partial
    return "" if outcome.words in last.message and kept else f"it said {_words(last)}"


def _words(event: TurnEvent) -> str:
    return (
        f"{event.cause} (partial={event.partial}): {event.message} | {event.detail[:200]}"
        if isinstance(event, Failed)
        else repr(event)[:300]
    )


def _text(events: Sequence[TurnEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, Delta))


async def _cancelled(engine: Engine, server: WireServer, count: int) -> Figure:
    """Cancel at a random moment of something that hangs or never ends; then the next turn has to work."""
    chance = random.Random(count)  # noqa: S311  # no secret
    hanging = [case for case in cases() if case.fault.hangs]
    wrong: list[str] = []
    slowest, replaced = 0.0, 0
    for number in range(count):
        case = chance.choice(hanging)
        before = engine.pid
        took = await _cancel(engine, server, case, chance.uniform(0, 0.6))
        slowest = max(slowest, took)
        if took > CANCEL_S:
            wrong.append(f"{case.name}: cancelled after {took * 1000:.0f} ms")
        if problem := await _still_works(engine, server, number):
            wrong.append(f"after {case.name}: {problem}")
        replaced += engine.pid != before
    result = tell(wrong, f"over within {slowest * 1000:.0f} ms, the next turn worked; {replaced} workers replaced")
    what = "turns that hang or never end, cancelled at a random moment"
    return Figure(part="Wire", what=what, count=count, result=result, passed=not wrong)


async def _cancel(engine: Engine, server: WireServer, case: Case, after_s: float) -> float:
    server.play, server.requests = case.fault.play, []
    request = msgspec.structs.replace(_ask(server.port, case), id="cancelled")
    async with aclosing(engine.turn(request)) as turn:
        async for event in turn:
            if isinstance(event, Attempting):
                break
        await asyncio.sleep(after_s)
        started = time.perf_counter()
        engine.cancel("cancelled")
        async for event in turn:
            if isinstance(event, Cancelled | Failed | Finished):
                break
        return time.perf_counter() - started


async def _still_works(engine: Engine, server: WireServer, number: int) -> str:
    server.play = lambda wire: wire.whole(b"".join(wire.answer(TEXT)))
    plain = Case(FAULTS[0], "openai", stream=True)
    events = await _all(engine.turn(msgspec.structs.replace(_ask(server.port, plain), id=f"next {number}")))
    return "" if _text(events) == TEXT else f"the next turn ended with {_words(events[-1])}"


def _ask(port: int, case: Case) -> Ask:
    dialect = DIALECTS[case.dialect]
    settings = LLM(
        model=dialect.model,
        base_url=f"http://127.0.0.1:{port}{dialect.path}",
        api_version="2024-10-21",
        num_retries=RETRIES,
        retry_min_wait=0,
        retry_max_wait=2,
        retry_multiplier=0,
        timeout=case.fault.timeout_s,
    )  # fmt: skip
    return Ask(id="t1", settings=settings, key=Secret(CANARY), messages=(Message("user", "hello"),), stream=case.stream)


async def _all(turn: AsyncGenerator[TurnEvent, None]) -> list[TurnEvent]:
    async with aclosing(turn):
        return [event async for event in turn]


def _free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        return int(free.getsockname()[1])


def _peak_mb(pid: int | None) -> int:
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) // 1024
