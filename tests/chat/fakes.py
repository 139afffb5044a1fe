"""Stand-ins for the vault, the built-in model and the worker, and settings to prepare requests from."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from typing import TypeAlias

from tui.config.resolve import Edit, Resolved, Source, resolve
from tui.config.schema import LLM
from tui.config.secret import Secret
from tui.llm.events import Ask, Cancelled, Failed, Finished, Listed, ListFailed, ListModels, TurnEvent, Usage
from tui.local.errors import LocalError
from tui.request.backend import Backend
from tui.vault.vault import FoundKey, Search, Wanted

CANARY = "sk-canary-1f8a"

Step: TypeAlias = TurnEvent | asyncio.Event | None
"""An event to send, a gate to wait at, or None: wait for `retry_now`."""

Script: TypeAlias = Callable[[str], list[Step]]
"""The steps of a turn with this id."""


def settings(
    file: Mapping[str, object] | None = None,
    *,
    env: Mapping[str, str] | None = None,
    edits: Mapping[str, Edit] | None = None,
) -> dict[str, Resolved]:
    """Resolved settings of a file; by default one that names an OpenAI model."""
    values = {"model": "openai/gpt-4o"} if file is None else file
    return resolve(Source(values, dict.fromkeys(values, 3)), env=env or {}, edits=edits or {})


class FakeKeys:
    """Holds one key, perhaps with a question, and remembers what it was asked."""

    def __init__(self, found: FoundKey | None = None) -> None:
        self.found = found
        self.trouble: Search = Search()
        self.asked: list[Wanted] = []
        self.approved: list[FoundKey] = []
        self.gate: asyncio.Event | None = None

    async def find(self, wanted: Wanted) -> Search:
        self.asked.append(wanted)
        if self.gate is not None:
            await self.gate.wait()
        return Search(found=self.found, trouble=self.trouble.trouble)

    async def approve(self, found: FoundKey, wanted: Wanted) -> None:  # noqa: ARG002  # the vault's signature
        self.approved.append(found)


class FakeModels:
    """A built-in model that starts at once, or fails."""

    def __init__(self, *, wanted: bool = False, error: LocalError | None = None) -> None:
        self.wanted = wanted
        self.error = error
        self.gate: asyncio.Event | None = None

    def wants(self, settings: LLM) -> bool:  # noqa: ARG002  # the runner's signature
        return self.wanted

    async def ensure(self, settings: LLM, progress: Callable[[int, int], None]) -> None:  # noqa: ARG002
        progress(34_000_000, 93_000_000)
        if self.gate is not None:
            await self.gate.wait()
        if self.error is not None:
            raise self.error


class FakeWorker:
    """Plays the steps of a script for each turn; waits and gates end at once when the turn is cancelled."""

    def __init__(self) -> None:
        self.ready = True
        self.deaf = False
        self.script: list[Script] = []
        self.asks: list[Ask] = []
        self.lists: list[ListModels] = []
        self.envs: list[Mapping[str, str] | None] = []
        self.closed: list[str] = []
        self.cancelled = asyncio.Event()
        self.hurried = asyncio.Event()
        self.on_cancel = Usage()

    def plays(self, *scripts: Script) -> None:
        """What the next turns do; each gets its own id."""
        self.script.extend(scripts)

    async def models(self, request: ListModels) -> Listed | ListFailed:
        self.lists.append(request)
        return Listed(id=request.id, models=(), server="OpenAI-compatible")

    def retry_now(self, turn_id: str) -> None:
        assert turn_id == self.asks[-1].id
        self.hurried.set()

    def cancel(self, turn_id: str) -> None:
        assert turn_id == self.asks[-1].id
        if not self.deaf:
            self.cancelled.set()

    async def turn(self, ask: Ask, provider_env: Mapping[str, str] | None = None) -> AsyncGenerator[TurnEvent, None]:
        self.asks.append(ask)
        self.envs.append(provider_env)
        self.cancelled.clear()
        self.hurried.clear()
        try:
            for step in self.script.pop(0)(ask.id):
                if isinstance(step, asyncio.Event) or step is None:
                    await first(step or self.hurried, self.cancelled)
                if self.cancelled.is_set():
                    yield Cancelled(id=ask.id, usage=self.on_cancel)
                    return
                if step is not None and not isinstance(step, asyncio.Event):
                    yield step
        finally:
            self.closed.append(ask.id)


class ScriptedWorker:
    """Tells each turn what a script says for it; one that does not end waits for ever."""

    ready = True

    def __init__(self, script: Callable[[Ask], Sequence[TurnEvent]]) -> None:
        self._script = script

    async def turn(self, ask: Ask, provider_env: Mapping[str, str] | None = None) -> AsyncGenerator[TurnEvent, None]:  # noqa: ARG002  # the engine's signature
        for event in self._script(ask):
            yield event
            if isinstance(event, Finished | Failed):
                return
        await asyncio.Event().wait()

    async def models(self, request: ListModels) -> Listed | ListFailed:
        return Listed(id=request.id, models=(), server="OpenAI-compatible")

    def retry_now(self, turn_id: str) -> None: ...
    def cancel(self, turn_id: str) -> None: ...


async def first(*wanted: asyncio.Event) -> None:
    """Wait for one of the events."""
    waits = [asyncio.ensure_future(one.wait()) for one in wanted]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in waits:
            one.cancel()


class Parts:
    """A backend over fakes."""

    def __init__(self, *, env: Mapping[str, str] | None = None, models: FakeModels | None = None) -> None:
        self.keys = FakeKeys(FoundKey(secret=Secret(CANARY), source="keyring"))
        self.models = models or FakeModels()
        self.worker = FakeWorker()
        self.backend = Backend(self.keys, self.models, self.worker, env or {})
