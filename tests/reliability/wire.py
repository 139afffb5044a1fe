"""Point seven: every fault of the wire, streamed and whole, in four dialects, through the real worker process."""

from __future__ import annotations

import asyncio
import os
import random
import socket
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

from tests.reliability.counts import Counts
from tests.reliability.figures import Figure, tell
from tests.reliability.wire_cases import NOBODY, Case, all_of, ask, cases, judged_events
from tests.reliability.wire_faults import FAULTS
from tests.reliability.wire_server import WireServer
from tui.engine.client import Engine

_HANG_UP_S: Final = 10.0
MOST_MB: Final = 512
"""What the worker may need at its peak: LiteLLM takes 220 MB, and an answer may have 64 MB."""


def figures(counts: Counts) -> Iterator[Figure]:
    """The turns that must end in the right words."""
    chosen = cases()
    random.Random(counts.seed).shuffle(chosen)  # noqa: S311  # no secret
    yield asyncio.run(_played(chosen[: counts.wire_cases]))


async def _played(chosen: Sequence[Case]) -> Figure:
    engine = Engine(environment())
    try:
        with WireServer() as server:
            return await _faulty(engine, server, chosen)
    finally:
        await engine.close()


def environment() -> dict[str, str]:
    """What a worker needs of this process's environment, whatever else that holds."""
    return {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR", "PYTHONPATH") if name in os.environ}


async def _faulty(engine: Engine, server: WireServer, chosen: Sequence[Case]) -> Figure:
    wrong = []
    await all_of(engine.turn(ask(server.port, Case(FAULTS[0], "openai", stream=True))))  # the worker is there
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
    port = _free_port() if case.fault.name == NOBODY else server.port
    before = engine.pid
    events = await all_of(engine.turn(ask(port, case)))
    if engine.pid != before:
        return "the worker ended"
    if not await asyncio.to_thread(server.idle, _HANG_UP_S):  # who can go on writing goes on charging
        return f"the connection is still there after {_HANG_UP_S:g} s"
    problem = judged_events(events, len(server.requests), case.outcome)
    return judged_events(events, len(server.requests), case.fault.also) if problem and case.fault.also else problem


def _free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        return int(free.getsockname()[1])


def _peak_mb(pid: int | None) -> int:
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) // 1024
