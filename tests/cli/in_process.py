"""The worker's work in this process, so that a command needs no three seconds to start one; requests are real."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing

import pytest

from tui.llm.events import Ask, ListModels, TurnEvent
from tui.llm.exchange import new_http
from tui.llm.turn import Turn

quick = pytest.mark.usefixtures("in_process")
"""For a test of a command that talks to a model."""


class InProcess:
    """Stands in for `tui.engine.client.Engine`."""

    ready = True

    def __init__(self, env: Mapping[str, str]) -> None:
        """As the engine's; the environment is this process's own."""

    async def turn(self, ask: Ask, provider_env: Mapping[str, str] | None = None) -> AsyncGenerator[TurnEvent, None]:  # noqa: ARG002  # the engine's signature
        async with new_http() as http, aclosing(Turn(ask, http).events()) as events:
            async for event in events:
                yield event

    async def models(self, request: ListModels) -> None:
        raise NotImplementedError

    def retry_now(self, turn_id: str) -> None:
        raise NotImplementedError

    def cancel(self, turn_id: str) -> None:
        raise NotImplementedError

    async def close(self) -> None:
        """Nothing runs."""
