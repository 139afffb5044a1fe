"""A comparison: one prompt to several sides at the same time, round after round, and who did best.

Questions come one after the other: the answer to one may spare the next. For the spending limits, the sides that are
under way count with the most that they may cost, so the side that might pass a limit beside them asks first.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import TypeAlias

from tui.chat.candidates import Contender
from tui.chat.results import Standing, judged
from tui.chat.side import Side, SideEvent
from tui.request.backend import Backend
from tui.usage.question import NeedsYesError

Ask: TypeAlias = Callable[[str, NeedsYesError], Awaitable[bool]]
"""Asks the user the question of the side with this name. Called for one side at a time; the call may be cancelled."""


class Comparison:
    """The sides that have taken part so far, and the rounds between them."""

    def __init__(self, backend: Backend, ask: Ask) -> None:
        self._backend = backend
        self._question = ask
        self._asking = asyncio.Lock()
        self._sides: dict[str, Side] = {}
        self.prompt = ""
        """Of the last round."""

    @property
    def busy(self) -> bool:
        """Whether any turn is under way."""
        return any(side.busy for side in self._sides.values())

    @property
    def retrying(self) -> bool:
        """Whether any side waits before its next attempt."""
        return any(side.retrying for side in self._sides.values())

    @property
    def unanswered(self) -> tuple[str, ...]:
        """Names of the sides whose answer to the last prompt is not complete."""
        return tuple(name for name, side in self._sides.items() if self.prompt and side.unanswered == self.prompt)

    def side(self, name: str) -> Side | None:
        """The side with this name, once it has taken part."""
        return self._sides.get(name)

    def clear(self) -> None:
        """Forget every conversation, when no turn is under way."""
        self._sides.clear()
        self.prompt = ""

    async def ask(self, prompt: str, contenders: Sequence[Contender]) -> AsyncGenerator[SideEvent, None]:
        """Send the prompt to all; their events as they come, ending when the last side has ended.

        Consume it inside `aclosing`: closing it stops every side.
        """
        self.prompt = prompt
        inbox: asyncio.Queue[SideEvent | None] = asyncio.Queue()
        tasks = [self._joined(one.name).start(prompt, one, self._asking, inbox.put_nowait) for one in contenders]
        for task in tasks:
            task.add_done_callback(lambda _: inbox.put_nowait(None))
        try:
            left = len(tasks)
            while left:
                if (event := await inbox.get()) is None:
                    left -= 1
                else:
                    yield event
        finally:
            await _over(tasks)

    def stop(self, name: str = "") -> None:
        """End the turn of one side, or of all; what came stays."""
        for side in self._named(name):
            side.stop()

    def retry_now(self, name: str = "") -> None:
        """End the wait before the next attempt of one side, or of all that are in one."""
        for side in self._named(name):
            side.retry_now()

    def standings(self) -> tuple[Standing, ...]:
        """The last turn of each side in figures, with the fastest and the cheapest marked."""
        return judged(
            Standing(name=side.name, model=side.model, turn=side.conversation.turns[-1])
            for side in self._sides.values()
            if side.conversation.turns and not side.busy
        )

    def _joined(self, name: str) -> Side:
        if name not in self._sides:
            self._sides[name] = Side(name, self._backend, lambda needed: self._question(name, needed))
        return self._sides[name]

    def _named(self, name: str) -> list[Side]:
        return [side for side in self._sides.values() if name in ("", side.name)]


async def _over(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Cancel what still runs; raise what none of our own errors explains."""
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    for task in tasks:
        if not task.cancelled() and (error := task.exception()) is not None:
            raise error
