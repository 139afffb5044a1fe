"""Each request has exactly one last event for whoever asks, in every order of start, cancel, death and closing."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from pathlib import Path
from typing import Final

import pytest

from tests.engine.scripted_worker import scripted, starts_of
from tests.llm.asking import ask
from tui.config.schema import LLM
from tui.engine import client
from tui.engine.client import Engine
from tui.engine.process import WorkerProcess
from tui.llm.events import (
    Attempting,
    Cancelled,
    Delta,
    Failed,
    Finished,
    Listed,
    ListFailed,
    ListModels,
    TurnEvent,
    is_last,
)

WAIT_S: Final = 60.0


@pytest.fixture
def starts(tmp_path: Path) -> Path:
    return tmp_path / "starts"


@pytest.fixture
async def engine(starts: Path) -> AsyncIterator[Engine]:
    engine = Engine(os.environ, command=scripted(starts))
    yield engine
    await engine.close()


def turn(engine: Engine, script: str, turn_id: str = "t1") -> AsyncGenerator[TurnEvent, None]:
    return engine.turn(ask(id=turn_id, model=f"x/{script}"))


def listing(script: str, request_id: str = "l1") -> ListModels:
    return ListModels(id=request_id, provider=script, settings=LLM(model="x/y"), key=None)


async def all_of(events: AsyncGenerator[TurnEvent, None]) -> list[TurnEvent]:
    async with asyncio.timeout(WAIT_S), aclosing(events):
        return [event async for event in events]


async def confirmed(engine: Engine) -> None:
    """Wait until no worker owes an answer: from then on no look at a cancelled request can find one missing."""
    await happens(lambda: not owed(engine) - {"bystander"})


def owed(engine: Engine) -> set[str]:
    """The requests that workers have not ended."""
    return {one for worker in engine._workers for one in worker.pending}  # nothing else shows it


async def happens(condition: Callable[[], object]) -> None:
    """Let the loop run until it is so."""
    async with asyncio.timeout(WAIT_S):
        while not condition():  # noqa: ASYNC110  # what is waited for has no event of its own
            await asyncio.sleep(0)


def kill(engine: Engine) -> None:
    assert engine.pid is not None
    if sys.platform != "win32":
        os.kill(engine.pid, signal.SIGKILL)


async def cancel(engine: Engine) -> None:
    engine.cancel("t1")


async def cancel_twice(engine: Engine) -> None:
    engine.cancel("t1")
    engine.cancel("t1")
    await asyncio.sleep(0)
    engine.cancel("t1")


async def cancel_and_death(engine: Engine) -> None:
    engine.cancel("t1")
    kill(engine)


async def death(engine: Engine) -> None:
    kill(engine)


async def closing(engine: Engine) -> None:
    await engine.close()


async def cancel_and_closing(engine: Engine) -> None:
    engine.cancel("t1")
    await engine.close()


async def unknown(engine: Engine) -> None:
    engine.cancel("nobody")
    engine.retry_now("nobody")
    engine.cancel("t1")


ENDS: Final = (cancel, cancel_twice, cancel_and_death, death, closing, cancel_and_closing, unknown)
POINTS: Final[dict[str, int]] = {"hang": 0, "begin+hang": 1, "begin+delta+hang": 2}
"""Scripts, and how many events come before the end that the test brings about."""


@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.__name__)
@pytest.mark.parametrize("script", POINTS)
async def test_a_turn_that_is_ended_at_any_point_has_one_last_event(
    engine: Engine, script: str, end: Callable[[Engine], Awaitable[None]]
) -> None:
    assert isinstance((await all_of(turn(engine, "finish", "first")))[-1], Finished)
    async with asyncio.timeout(WAIT_S), aclosing(turn(engine, script)) as events:
        seen = [await anext(events) for _ in range(POINTS[script])]
        rest = asyncio.ensure_future(anext(events))
        await happens(lambda: "t1" in owed(engine))
        await end(engine)
        seen += [await rest, *[event async for event in events]]
    assert [is_last(event) for event in seen] == [*[False] * (len(seen) - 1), True]
    assert isinstance(seen[-1], Failed if end is death else Cancelled | Failed)
    await confirmed(engine)


@pytest.mark.parametrize("end", [cancel, cancel_twice, unknown, closing], ids=lambda end: end.__name__)
async def test_a_turn_that_is_ended_before_its_first_event_is_wanted_is_cancelled(
    engine: Engine, starts: Path, end: Callable[[Engine], Awaitable[None]]
) -> None:
    events = turn(engine, "begin+finish")
    await end(engine)
    assert [type(event) for event in await all_of(events)] == [Cancelled]
    assert starts_of(starts) == 0


@pytest.mark.parametrize("ticks", range(12))
async def test_a_turn_that_is_cancelled_while_its_worker_starts_is_cancelled_once(engine: Engine, ticks: int) -> None:
    events = turn(engine, "begin+delta+hang")
    first = asyncio.ensure_future(all_of(events))
    for _ in range(ticks):
        await asyncio.sleep(0)
    engine.cancel("t1")
    seen = await first
    assert [is_last(event) for event in seen] == [*[False] * (len(seen) - 1), True]
    assert isinstance(seen[-1], Cancelled)
    assert isinstance((await all_of(turn(engine, "finish", "t2")))[-1], Finished)


async def test_an_end_after_the_end_changes_nothing(engine: Engine) -> None:
    async with aclosing(turn(engine, "begin+delta+finish")) as events:
        seen = []
        async for event in events:
            seen.append(event)
            engine.cancel("t1")
            if is_last(event):
                engine.retry_now("t1")
    assert sum(map(is_last, seen)) == 1
    engine.cancel("t1")
    assert engine.pid is not None


@pytest.mark.parametrize("script", ["finish", "fail", "begin+finish", "delta+fail", "begin+delta+finish+finish+fail"])
async def test_whatever_a_worker_says_a_turn_has_one_last_event(engine: Engine, script: str) -> None:
    seen = await all_of(turn(engine, script))
    assert [is_last(event) for event in seen] == [*[False] * (len(seen) - 1), True]
    assert isinstance((await all_of(turn(engine, "finish", "t2")))[-1], Finished)


async def test_closing_a_turn_that_nobody_began_to_read_frees_its_id(engine: Engine, starts: Path) -> None:
    await turn(engine, "finish").aclose()
    assert isinstance((await all_of(turn(engine, "finish")))[-1], Finished)
    assert starts_of(starts) == 1


async def test_turns_and_lists_have_one_name_space(engine: Engine) -> None:
    events = turn(engine, "hang", "same")
    with pytest.raises(ValueError, match="open already"):
        await engine.models(listing("finish", "same"))
    await events.aclose()
    assert isinstance(await engine.models(listing("finish", "same")), Listed)


@pytest.mark.parametrize("ticks", [0, 1, 2, 3, 5, 8, 13, 40])
async def test_a_list_that_is_cancelled_at_any_time_leaves_the_worker_and_its_other_turns_alone(
    engine: Engine, ticks: int
) -> None:
    async with aclosing(turn(engine, "begin+hang", "bystander")) as events:
        assert isinstance(await anext(events), Attempting)
        pid = engine.pid
        asked = asyncio.create_task(engine.models(listing("hang")))
        for _ in range(ticks):
            await asyncio.sleep(0)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        await confirmed(engine)
        assert isinstance(await engine.models(listing("finish", "l2")), Listed)
        assert engine.pid == pid


@pytest.mark.parametrize(("script", "kind"), [("finish", Listed), ("fail", ListFailed), ("finish+fail", Listed)])
async def test_a_list_has_one_answer(engine: Engine, script: str, kind: type) -> None:
    assert isinstance(await engine.models(listing(script)), kind)


@pytest.mark.parametrize("end", [death, closing], ids=lambda end: end.__name__)
async def test_a_list_whose_worker_ends_is_answered(engine: Engine, end: Callable[[Engine], Awaitable[None]]) -> None:
    await all_of(turn(engine, "finish"))
    asked = asyncio.create_task(engine.models(listing("hang")))
    await happens(lambda: owed(engine))
    await end(engine)
    assert isinstance(await asyncio.wait_for(asked, WAIT_S), ListFailed)


@pytest.mark.parametrize("script", ["die", "begin+die", "delta+die"])
async def test_a_worker_that_dies_of_a_turn_fails_every_turn_that_it_had_and_no_later_one(
    engine: Engine, script: str
) -> None:
    other = asyncio.create_task(all_of(turn(engine, "begin+hang", "other")))
    events = await all_of(turn(engine, script))
    assert [is_last(event) for event in events][-1:] == [True]
    assert isinstance(events[-1], Failed)
    assert (events[-1].cause, events[-1].partial) == ("worker", any(isinstance(event, Delta) for event in events))
    assert isinstance((await other)[-1], Failed)
    assert isinstance((await all_of(turn(engine, "finish", "t2")))[-1], Finished)


async def test_closing_while_a_worker_starts_leaves_no_worker_behind(engine: Engine) -> None:
    events = asyncio.create_task(all_of(turn(engine, "hang")))
    await happens(lambda: engine._starts)
    await engine.close()
    assert isinstance((await events)[-1], Cancelled)
    assert not engine._workers


async def test_a_worker_that_hears_nothing_is_replaced_and_a_turn_it_never_took_up_is_sent_again(
    engine: Engine, starts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "STUCK_S", 0.05)
    monkeypatch.setattr(client, "_SECOND_LOOK_S", 0.05)
    async with aclosing(turn(engine, "begin+stop")) as events:
        assert isinstance(await anext(events), Attempting)
        waiting = asyncio.create_task(all_of(turn(engine, "finish", "waiting")))
        engine.cancel("t1")
        assert [type(event) async for event in events] == [Cancelled]
    assert isinstance((await waiting)[-1], Finished)
    assert starts_of(starts) == 2


async def test_a_worker_that_still_speaks_is_not_stuck(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """One request that it does not confirm is no reason to end the others."""
    monkeypatch.setattr(client, "STUCK_S", 0.3)
    looks = 0
    watch = engine._watch

    def counted(worker: WorkerProcess, request_id: str) -> None:
        nonlocal looks
        looks += 1
        watch(worker, request_id)

    monkeypatch.setattr(engine, "_watch", counted)
    async with aclosing(turn(engine, "begin+hang", "bystander")) as bystander:
        await anext(bystander)
        pid = engine.pid
        async with aclosing(turn(engine, "begin+deaf")) as events:
            await anext(events)
            engine.cancel("t1")
            assert [type(event) async for event in events] == [Cancelled]
        number = 0
        while looks < 3:
            number += 1
            await all_of(turn(engine, "finish", f"busy{number}"))
        assert engine.pid == pid


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
async def test_many_orders_at_once_end_each_turn_once(engine: Engine) -> None:
    """Twenty turns with one worker, ended in all ways, in between its death."""
    scripts = ["finish", "begin+hang", "hang", "begin+delta+finish", "fail"]
    tasks = [asyncio.create_task(all_of(turn(engine, scripts[n % 5], f"n{n}"))) for n in range(20)]
    await happens(lambda: owed(engine))
    for n in range(0, 20, 3):
        engine.cancel(f"n{n}")
        await asyncio.sleep(0)
    kill(engine)
    for events in await asyncio.gather(*tasks):
        assert [is_last(event) for event in events] == [*[False] * (len(events) - 1), True]
