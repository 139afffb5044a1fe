"""How long the app's end of the pipe takes, by the clock: the times that its docstrings promise."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, contextmanager

import pytest

from tests import light
from tests.fake_provider import FakeProvider, Gate, Reply
from tests.llm.asking import ask, until
from tests.llm.listing import question
from tui.engine.client import Engine
from tui.llm.events import Cancelled, Delta

assert sys.platform != "win32"  # what is tested here is Unix alone

pytestmark = pytest.mark.slow


@pytest.fixture
async def engine() -> AsyncIterator[Engine]:
    engine = Engine(os.environ | {"PYTHONPATH": light.PATH})
    yield engine
    await engine.close()


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """What the block does takes less than so long."""
    started = time.monotonic()
    yield
    assert time.monotonic() - started < seconds


async def test_starting_and_closing_take_under_half_a_second(engine: Engine) -> None:
    with within(0.5):
        await engine.start()
    with within(0.5):
        await engine.close()


async def test_closing_takes_under_half_a_second_while_a_request_hangs(engine: Engine, server: FakeProvider) -> None:
    server.script(Reply.hang())
    async with aclosing(engine.turn(ask(server))) as turn:
        await anext(turn)
        await server.seen(1)
        with within(0.5):
            await engine.close()


@pytest.mark.parametrize(("disturb", "bound_s"), [(None, 0.1), (signal.SIGSTOP, 0.15)], ids=["well", "stuck"])
async def test_a_cancel_is_confirmed_in_a_tenth_of_a_second_or_hardly_more(
    engine: Engine, server: FakeProvider, disturb: signal.Signals | None, bound_s: float
) -> None:
    server.script(Reply.stream("Hel", Gate()))
    async with aclosing(engine.turn(ask(server, id="a"))) as turn:
        await until(turn, Delta)
        assert engine.pid is not None
        if disturb is not None:
            os.kill(engine.pid, disturb)
        with within(bound_s):
            engine.cancel("a")
            assert [type(event) async for event in turn] == [Cancelled]


async def test_a_cancel_is_as_quick_while_the_worker_still_starts(engine: Engine, server: FakeProvider) -> None:
    turn = engine.turn(ask(server, id="a"))
    first = asyncio.ensure_future(anext(turn))
    await asyncio.sleep(0)
    with within(0.15):
        engine.cancel("a")
        assert isinstance(await first, Cancelled)
    await turn.aclose()


async def test_giving_a_list_of_models_up_takes_under_a_tenth_of_a_second(engine: Engine, server: FakeProvider) -> None:
    server.elsewhere = Reply.hang()
    asked = asyncio.create_task(engine.models(question(server.base_url)))
    await server.until(lambda: len(server.requests) == 1)
    with within(0.1):
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
