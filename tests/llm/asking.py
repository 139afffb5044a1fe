"""Asks a fake provider in this process, without a worker, and with a clock that the test holds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import pytest

from tests.fake_provider import FakeProvider
from tui.config.schema import LLM
from tui.config.secret import Secret
from tui.llm.events import Ask, Delta, Message, Retrying, TurnEvent
from tui.llm.exchange import new_http
from tui.llm.turn import Clock, Turn

CANARY = "sk-canary-7f3b9c51e2d84a60"
THEIR_WARNINGS = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
"""LiteLLM warns about its own use of pydantic, in the middle of an answer."""
HELLO = (Message("user", "hello"),)


def ask(server: FakeProvider | None = None, **changes: Any) -> Ask:
    """A request to `server`; fields of `Ask` and of `LLM` may be given by name."""
    own = {
        name: changes.pop(name)
        for name in ("id", "key", "origin", "messages", "max_tokens", "stream", "response_format", "tools")
        if name in changes
    }
    fields: dict[str, Any] = {"model": "openai/fake-model", "base_url": server.base_url if server else None}
    settings = LLM(**(fields | changes))
    given: dict[str, Any] = {"id": "t1", "key": Secret(CANARY), "messages": HELLO, "settings": settings}
    return Ask(**(given | own))


class FakeClock:
    """Time that passes only in waits; each wait is noted, and over at once unless `stuck`."""

    def __init__(self, *, stuck: bool = False) -> None:
        self.waits: list[float] = []
        self.time = 0.0
        self._stuck = stuck

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.time += seconds
        if self._stuck:
            await asyncio.Event().wait()

    def clock(self) -> Clock:
        return Clock(now=lambda: self.time, sleep=self.sleep)


async def run(request: Ask, clock: FakeClock | None = None) -> list[TurnEvent]:
    """All events of one turn."""
    async with new_http() as http:
        turn = Turn(request, http, clock=(clock or FakeClock()).clock())
        async with aclosing(turn.events()) as events:
            return [event async for event in events]


async def until(events: AsyncGenerator[TurnEvent, None], kind: type[TurnEvent]) -> TurnEvent:
    """The next event of a kind."""
    async for event in events:
        if isinstance(event, kind):
            return event
    raise AssertionError(f"no {kind.__name__} came")


def text(events: list[TurnEvent]) -> str:
    """The answer, without the reasoning."""
    return "".join(event.text for event in events if isinstance(event, Delta) and not event.thinking)


def waits(events: list[TurnEvent]) -> list[float]:
    """The waits that were announced."""
    return [event.wait_s for event in events if isinstance(event, Retrying)]
