"""One side of a comparison: a profile's settings, a conversation of its own, and the turn that is under way.

Waiting… -> Counting… -> Said… -> Ended        whatever the other sides do
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from typing import TypeAlias, assert_never

import msgspec

from tui.chat.candidates import Contender
from tui.chat.conversation import Conversation, Running, Turn
from tui.config.resolve import Resolved
from tui.llm.events import Attempting, Cancelled, Delta, Failed, Finished, Retrying, TurnEvent
from tui.request.backend import Backend, new_turn_id
from tui.usage.prepared import Prepared
from tui.usage.price import Load, load_of
from tui.usage.question import NeedsYesError, NotReadyError


class Waiting(msgspec.Struct, frozen=True):
    """A side waits for something."""

    side: str
    words: str
    fraction: float | None = None
    """How much is done, 0 to 1, where that is known."""
    timed: bool = False
    """Whether the time of the wait is worth showing."""


class Counting(msgspec.Struct, frozen=True):
    """A side's attempt failed; the next one comes after a wait."""

    side: str
    event: Retrying


class Said(msgspec.Struct, frozen=True):
    """More of a side's answer, or of its thinking, safe to show."""

    side: str
    text: str
    thinking: bool


class Ended(msgspec.Struct, frozen=True):
    """A side's turn is over, in whatever way."""

    side: str
    turn: Turn


SideEvent: TypeAlias = Waiting | Counting | Said | Ended

Approve: TypeAlias = Callable[[NeedsYesError], Awaitable[bool]]
"""Asks the user; the call may be cancelled."""

Tell: TypeAlias = Callable[[SideEvent], None]


class Side:
    """One profile's part in the comparison."""

    def __init__(self, name: str, backend: Backend, approve: Approve) -> None:
        self.name = name
        self.model = ""
        self.conversation = Conversation()
        self._backend = backend
        self._approve = approve
        self._turn_id = ""
        self._retrying = False
        self._task: asyncio.Task[None] | None = None

    @property
    def busy(self) -> bool:
        """Whether its turn is under way."""
        return self._task is not None and not self._task.done()

    @property
    def retrying(self) -> bool:
        """Whether it waits before the next attempt."""
        return self._retrying

    @property
    def unanswered(self) -> str:
        """The last prompt, if it has no complete answer; else empty."""
        turns = self.conversation.turns
        return turns[-1].prompt if turns and turns[-1].status != "done" else ""

    def start(self, prompt: str, contender: Contender, asking: asyncio.Lock, tell: Tell) -> asyncio.Task[None]:
        """Send the prompt; a prompt whose answer is not complete is sent again. The task ends with the turn."""
        if self.unanswered == prompt:
            self.conversation = self.conversation.cut(len(self.conversation.turns) - 1)
        self.model = contender.model
        self._task = asyncio.create_task(self._run(prompt, contender.resolved, asking, tell))
        return self._task

    def stop(self) -> None:
        """End its turn; what came stays. A second time it does not wait for the worker's word."""
        if self._turn_id:
            turn_id, self._turn_id = self._turn_id, ""
            self._backend.cancel(turn_id)
        elif self._task is not None:
            self._task.cancel()

    def retry_now(self) -> None:
        """End the wait before the next attempt, if it is in one."""
        if self._retrying and self._turn_id:
            self._backend.retry_now(self._turn_id)

    async def _run(self, prompt: str, resolved: Mapping[str, Resolved], asking: asyncio.Lock, tell: Tell) -> None:
        running = Running(prompt)
        try:
            prepared = await self._prepared(resolved, load_of(self.conversation.messages(prompt)), asking, tell)
            running.sent(local=prepared.local, model=prepared.settings.model)
            await self._follow(prepared, prompt, running, tell)
        except NotReadyError as error:
            running.take(Failed(id="", cause=error.cause, message=error.message, field=error.field))
        finally:
            self._retrying = False
            running.stop()
            turn = running.turn()
            self.conversation = self.conversation.plus(turn)
            tell(Ended(self.name, turn))

    async def _prepared(
        self, resolved: Mapping[str, Resolved], load: Load, asking: asyncio.Lock, tell: Tell
    ) -> Prepared:
        """Checked against the spending limits last: await nothing between this and the turn (see `Spending.check`)."""

        def progress(words: str, fraction: float | None) -> None:
            tell(Waiting(self.name, words, fraction))

        tell(Waiting(self.name, "checking settings and key…"))
        try:
            return await self._backend.prepare(resolved, progress, load=load)
        except NeedsYesError:
            tell(Waiting(self.name, "a question comes first…"))
        approved: NeedsYesError | None = None
        async with asking:
            while True:  # asked for anew: the answer to another side's question may hold for this one too
                try:
                    return await self._backend.prepare(resolved, progress, approved=approved, load=load)
                except NeedsYesError as needed:
                    if not await self._approve(needed):
                        raise needed.refused() from None
                    await self._backend.approve(needed)
                    approved = needed

    async def _follow(self, prepared: Prepared, prompt: str, running: Running, tell: Tell) -> None:
        turn_id = self._turn_id = new_turn_id()
        words = (
            "waiting for the worker…" if self._backend.ready else "starting the worker (LiteLLM loads once, about 3 s)…"
        )
        tell(Waiting(self.name, words, timed=True))
        try:
            async with aclosing(
                self._backend.turn(prepared, self.conversation.messages(prompt), turn_id=turn_id, purpose="compare")
            ) as events:
                async for event in events:
                    self._pass_on(event, running.take(event), tell)
        finally:
            self._turn_id = ""

    def _pass_on(self, event: TurnEvent, text: str, tell: Tell) -> None:
        self._retrying = isinstance(event, Retrying)
        match event:
            case Attempting(attempt=attempt, of=of):
                words = "waiting for the first token…"
                words = words if attempt == 1 else f"attempt {attempt} of {of}: {words}"
                tell(Waiting(self.name, words, timed=True))
            case Retrying():
                tell(Counting(self.name, event))
            case Delta(thinking=thinking):
                tell(Said(self.name, text, thinking))
            case Finished() | Failed() | Cancelled():
                pass  # the turn as a whole is told when it has ended
            case _:
                assert_never(event)
