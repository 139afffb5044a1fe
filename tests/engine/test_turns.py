"""The worker's side: each accepted request has one last event, in every order of start, cancel and breakdown."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import pytest

from tests.fake_provider import FakeProvider, Gate, Reply
from tests.llm.asking import THEIR_WARNINGS, ask
from tests.llm.listing import question
from tui.engine import turns as turns_module
from tui.engine.turns import Turns
from tui.llm import client
from tui.llm import turn as turn_module
from tui.llm.events import (
    Attempting,
    Cancel,
    Cancelled,
    Delta,
    Event,
    Failed,
    Finished,
    Listed,
    ListFailed,
    Request,
    Retrying,
    RetryNow,
    is_last,
)
from tui.llm.exchange import new_http

pytestmark = THEIR_WARNINGS
WAIT_S: Final = 60.0


class Worker:
    """The worker's loop, without the process."""

    def __init__(self, turns: Turns, events: list[Event]) -> None:
        self.turns = turns
        self.events = events

    def tell(self, *requests: Request) -> None:
        for request in requests:
            self.turns.handle(request)

    async def until(self, kind: type, count: int = 1) -> None:
        async with asyncio.timeout(WAIT_S):
            while sum(isinstance(event, kind) for event in self.events) < count:  # noqa: ASYNC110
                await asyncio.sleep(0.002)

    async def idle(self) -> None:
        async with asyncio.timeout(WAIT_S):
            while self.turns._jobs:  # noqa: ASYNC110
                await asyncio.sleep(0.002)
        for _ in range(5):  # what would come too late, comes now
            await asyncio.sleep(0)

    def ends(self, request_id: str = "t1") -> list[type]:
        own = [event for event in self.events if getattr(event, "id", "") == request_id]
        assert [is_last(event) for event in own[:-1]] == [False] * (len(own) - 1), own
        return [type(event) for event in own if is_last(event)]


@asynccontextmanager
async def working() -> AsyncIterator[Worker]:
    events: list[Event] = []
    async with new_http() as http:
        worker = Worker(Turns(http, (), events.append), events)
        yield worker
        await worker.idle()


async def ticks(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


@pytest.mark.parametrize("cancels", [1, 2])
@pytest.mark.parametrize("after", [0, 1, 2, 3, 4, 6, 9, 14, 30])
async def test_a_list_that_is_cancelled_so_many_steps_after_it_was_asked_for_has_one_last_event(
    server: FakeProvider, after: int, cancels: int
) -> None:
    """After none, its task has not begun; it was never answered then, and the app took the worker for stuck."""
    server.elsewhere = Reply.hang()
    async with working() as worker:
        worker.tell(question(server.base_url))
        await ticks(after)
        worker.tell(*[Cancel(id="l1")] * cancels)
        await worker.idle()
        worker.tell(Cancel(id="l1"))
        assert worker.ends("l1") == [Cancelled]


@pytest.mark.parametrize("cancels", [1, 2])
@pytest.mark.parametrize("after", [0, 1, 2, 3, 4, 6, 9, 14, 30])
async def test_a_turn_that_is_cancelled_so_many_steps_after_it_was_asked_for_has_one_last_event(
    server: FakeProvider, after: int, cancels: int
) -> None:
    server.script(Reply.hang())
    async with working() as worker:
        worker.tell(ask(server))
        await ticks(after)
        worker.tell(*[Cancel(id="t1")] * cancels)
        await worker.idle()
        worker.tell(Cancel(id="t1"), RetryNow(id="t1"))
        assert worker.ends() == [Cancelled]


@pytest.mark.parametrize("point", [Attempting, Delta, Retrying, Finished])
async def test_a_turn_that_is_cancelled_at_each_stage_has_one_last_event(server: FakeProvider, point: type) -> None:
    gate = Gate()
    server.script(Reply.error(429, retry_after=25) if point is Retrying else Reply.stream("Hel", gate))
    async with working() as worker:
        if point is Finished:
            gate.open()
        worker.tell(ask(server))
        await worker.until(point)
        worker.tell(Cancel(id="t1"), Cancel(id="t1"), RetryNow(id="t1"))
        await worker.idle()
        assert worker.ends() == [Finished if point is Finished else Cancelled]


@pytest.mark.parametrize("stage", ["sendable", "_usage"])
async def test_a_cancel_does_not_wait_for_a_thread(
    server: FakeProvider, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    """Some providers are asked before the request is made, and counting a long answer takes seconds."""
    reached, go_on = threading.Event(), threading.Event()

    def slow(*_: object) -> Any:
        reached.set()
        go_on.wait(WAIT_S)

    monkeypatch.setattr(turn_module if stage == "sendable" else turn_module.Turn, stage, slow)
    async with working() as worker:
        worker.tell(ask(server))
        assert await asyncio.to_thread(reached.wait, WAIT_S)
        worker.tell(Cancel(id="t1"))
        await worker.idle()
        assert worker.ends() == [Cancelled]
        go_on.set()


async def test_an_order_for_nobody_is_dropped(server: FakeProvider) -> None:
    async with working() as worker:
        worker.tell(Cancel(id="nobody"), RetryNow(id="nobody"), ask(server))
        await worker.idle()
        assert worker.ends() == [Finished]
        assert worker.ends("nobody") == []


async def test_an_id_that_is_under_way_is_not_taken_twice(server: FakeProvider) -> None:
    async with working() as worker:
        worker.tell(ask(server), ask(server), ask(server))
        await worker.idle()
        assert worker.ends() == [Finished]
        worker.tell(ask(server))
        await worker.idle()
        assert sum(map(is_last, worker.events)) == 2


async def test_a_list_ends_by_itself_once(server: FakeProvider) -> None:
    async with working() as worker:
        worker.tell(question(server.base_url))
        await worker.idle()
        worker.tell(Cancel(id="l1"))
        assert worker.ends("l1") == [Listed]


@pytest.mark.parametrize("error", [RuntimeError("x"), asyncio.CancelledError(), SystemExit(3), MemoryError()])
async def test_a_turn_that_a_library_breaks_off_fails_and_no_other_turn_does(
    server: FakeProvider, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    pieces = client.pieces

    async def broken(params: Any, *, modify_params: bool) -> Any:
        if params["model"] == "openai/broken":
            raise error
        async for piece in pieces(params, modify_params=modify_params):
            yield piece

    monkeypatch.setattr(client, "pieces", broken)
    async with working() as worker:
        worker.tell(ask(server, id="other"), ask(server, model="openai/broken"))
        await worker.idle()
        assert worker.ends() == [Failed]
        assert worker.ends("other") == [Finished]


async def test_what_breaks_before_a_turn_or_a_list_begins_fails_it(
    server: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> Any:
        raise ValueError("a key may be in here")

    monkeypatch.setattr(turns_module, "Turn", broken)
    monkeypatch.setattr(turns_module, "discover", broken)
    async with working() as worker:
        worker.tell(ask(server), question(server.base_url))
        await worker.idle()
        assert worker.ends() == [Failed]
        assert worker.ends("l1") == [ListFailed]
        assert "ValueError" in repr(worker.events)
        assert "a key" not in repr(worker.events)


async def test_an_event_that_can_not_be_sent_is_no_last_one(server: FakeProvider) -> None:
    sent: list[Event] = []

    def put(event: Event) -> None:
        if isinstance(event, Finished):
            raise UnicodeEncodeError("utf-8", "", 0, 1, "no")
        sent.append(event)

    async with new_http() as http:
        worker = Worker(Turns(http, (), put), sent)
        worker.tell(ask(server))
        await worker.until(Failed)
        assert worker.ends() == [Failed]
