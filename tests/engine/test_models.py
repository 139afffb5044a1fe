"""The worker is asked for an endpoint's models."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator

import pytest

from tests import light
from tests.fake_provider import FakeProvider, Reply
from tests.llm.asking import CANARY
from tests.llm.listing import question
from tui.engine import client
from tui.engine.client import Engine
from tui.llm.events import Listed, ListFailed, Served


@pytest.fixture
async def engine() -> AsyncIterator[Engine]:
    engine = Engine({"PATH": os.environ["PATH"], "PYTHONPATH": light.PATH, "OPENAI_API_KEY": "must-not-arrive"})
    yield engine
    await engine.close()


async def test_the_worker_lists_models_and_is_then_asked_again(server: FakeProvider, engine: Engine) -> None:
    for _ in range(2):
        assert await engine.models(question(server.base_url)) == Listed(
            id="l1", models=(Served("fake-model"),), server="OpenAI-compatible"
        )
    assert {request.headers["authorization"] for request in server.requests} == {f"Bearer {CANARY}"}
    failed = await engine.models(question(f"{server.base_url}/x", "azure"))
    assert isinstance(failed, ListFailed)
    assert failed.reason == "unsupported"


async def test_cancelling_or_waiting_in_vain_closes_the_connection_and_the_worker_lives(
    server: FakeProvider, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    await engine.models(question(server.base_url))
    pid = engine.pid
    server.elsewhere = Reply.hang()
    asked = asyncio.create_task(engine.models(question(server.base_url)))
    await server.until(lambda: len(server.requests) == 2)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    await server.until(lambda: server.disconnects == 1)
    monkeypatch.setattr(client, "MODELS_S", 0.2)
    failed = await engine.models(question(server.base_url))
    assert isinstance(failed, ListFailed)
    assert failed.reason == "timeout"
    await server.until(lambda: server.disconnects == 2)
    server.elsewhere = None
    assert isinstance(await engine.models(question(server.base_url)), Listed)
    assert engine.pid == pid


async def test_a_worker_that_dies_ends_the_question_and_the_next_one_gets_another(
    server: FakeProvider, engine: Engine
) -> None:
    server.elsewhere = Reply.hang()
    asked = asyncio.create_task(engine.models(question(server.base_url)))
    await server.until(lambda: len(server.requests) == 1)
    assert engine.pid is not None
    if sys.platform != "win32":
        os.kill(engine.pid, signal.SIGKILL)
    failed = await asked
    assert isinstance(failed, ListFailed)
    assert (failed.reason, failed.cause) == ("worker", "worker")
    assert CANARY not in str(failed)
    server.elsewhere = None
    assert isinstance(await engine.models(question(server.base_url)), Listed)


async def test_closing_ends_a_question(server: FakeProvider, engine: Engine) -> None:
    server.elsewhere = Reply.hang()
    asked = asyncio.create_task(engine.models(question(server.base_url)))
    await server.until(lambda: len(server.requests) == 1)
    await engine.close()
    failed = await asked
    assert isinstance(failed, ListFailed)
    assert isinstance(await engine.models(question(server.base_url)), ListFailed)
