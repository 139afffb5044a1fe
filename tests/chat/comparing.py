"""A worker for turns at the same time, and what goes into a comparison and comes out of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing

from tests.chat.fakes import CANARY, FakeKeys, FakeModels, Script, Step, first, settings
from tui.chat.candidates import Contender
from tui.chat.comparison import Comparison
from tui.chat.conversation import Turn
from tui.chat.side import Ended
from tui.config.secret import Secret
from tui.llm.events import (
    Ask,
    Attempting,
    Cancelled,
    Delta,
    Failed,
    Finished,
    Listed,
    ListFailed,
    ListModels,
    TurnEvent,
    Usage,
)
from tui.request.backend import Backend
from tui.usage.accounting import Books
from tui.usage.question import NeedsYesError
from tui.vault.vault import FoundKey

FAST = Usage(input_tokens=3, output_tokens=9, cost_usd=0.002, first_token_s=0.1, total_s=0.5)
SLOW = Usage(input_tokens=3, output_tokens=9, cost_usd=0.0001, first_token_s=0.4, total_s=2.5)
LOCAL = "http://127.0.0.1:9/v1"


def contender(name: str, model: str = "", **values: object) -> Contender:
    """A side whose model is `openai/NAME`, on this machine, so that no key is wanted."""
    return Contender(name, settings({"model": model or f"openai/{name}", "base_url": LOCAL, **values}))


def says(text: str, usage: Usage = FAST, *before: Step) -> Script:
    """A turn that waits for what comes before, and then answers."""
    return lambda turn: [
        Attempting(id=turn, attempt=1, of=5),
        *before,
        Delta(id=turn, text=text),
        Finished(id=turn, usage=usage),
    ]


def fails(message: str) -> Script:
    """A turn that fails at once."""
    return lambda turn: [
        Attempting(id=turn, attempt=1, of=5), Failed(id=turn, cause="key", message=message)
    ]  # fmt: skip


class ManyWorker:
    """Plays the scripts of each model, however many turns are open."""

    def __init__(self) -> None:
        self.ready = True
        self.asks: list[Ask] = []
        self.closed: list[str] = []
        self._scripts: dict[str, list[Script]] = {}
        self._cancelled: dict[str, asyncio.Event] = {}
        self._hurried: dict[str, asyncio.Event] = {}

    def plays(self, name: str, *scripts: Script) -> None:
        """What the next turns of `openai/NAME` do."""
        self._scripts.setdefault(f"openai/{name}", []).extend(scripts)

    def asked(self, name: str) -> list[Ask]:
        """What `openai/NAME` was asked."""
        return [ask for ask in self.asks if ask.settings.model == f"openai/{name}"]

    async def models(self, request: ListModels) -> Listed | ListFailed:
        return Listed(id=request.id, models=(), server="OpenAI-compatible")

    def retry_now(self, turn_id: str) -> None:
        self._hurried[turn_id].set()

    def cancel(self, turn_id: str) -> None:
        self._cancelled[turn_id].set()

    async def turn(self, ask: Ask, provider_env: Mapping[str, str] | None = None) -> AsyncGenerator[TurnEvent, None]:  # noqa: ARG002
        self.asks.append(ask)
        cancelled = self._cancelled[ask.id] = asyncio.Event()
        hurried = self._hurried[ask.id] = asyncio.Event()
        try:
            for step in self._scripts[ask.settings.model].pop(0)(ask.id):
                if isinstance(step, asyncio.Event) or step is None:
                    await first(step or hurried, cancelled)
                if cancelled.is_set():
                    yield Cancelled(id=ask.id, usage=Usage())
                    return
                if step is not None and not isinstance(step, asyncio.Event):
                    yield step
        finally:
            self.closed.append(ask.settings.model)


class Bench:
    """A comparison over fakes."""

    def __init__(self, books: Books | None = None) -> None:
        self.keys = FakeKeys(FoundKey(secret=Secret(CANARY), source="keyring"))
        self.models = FakeModels()
        self.worker = ManyWorker()
        self.backend = Backend(self.keys, self.models, self.worker, {}, books)
        self.questions: list[str] = []
        self.asked: list[str] = []
        """The questions' words."""
        self.answers: list[bool] = []
        self.open_questions = 0
        self.comparison = Comparison(self.backend, self._ask)

    async def round(self, prompt: str, contenders: Sequence[Contender]) -> dict[str, Turn]:
        """Ask, and give the turn that each side ended with."""
        async with aclosing(self.comparison.ask(prompt, contenders)) as events:
            return {event.side: event.turn async for event in events if isinstance(event, Ended)}

    async def _ask(self, side: str, needed: NeedsYesError) -> bool:
        self.questions.append(side)
        self.asked.append(needed.question)
        self.open_questions += 1
        assert self.open_questions == 1
        await asyncio.sleep(0)
        self.open_questions -= 1
        return self.answers.pop(0)
