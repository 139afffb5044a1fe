"""Asking for a yes before a turn is sent: the one place where this is done, whatever the question is about."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from tui.usage.question import NeedsYesError
from tui.widgets.approval import Approval
from tui.widgets.exchange import Exchange
from tui.widgets.prompt import Prompt

_WHERE: Final = "There is a question above: shift+tab goes to it, left and right to its answers."


class Consent:
    """One question at a time; whoever has it says where it is shown."""

    def __init__(self, prompt: Callable[[], Prompt], hint: Callable[[str], None], clock: Callable[[], float]) -> None:
        """`prompt` gives the field that has the focus else; `hint` shows a line above it; `clock` is in seconds."""
        self._prompt = prompt
        self._hint = hint
        self._clock = clock
        self._answer: asyncio.Future[bool] | None = None

    def answer(self, *, yes: bool) -> None:
        """The user decided."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(yes)

    async def ask(self, needed: NeedsYesError, show: Callable[[Approval], Awaitable[None]]) -> bool:
        """Have the question shown and wait for its answer; whoever is typing is not interrupted."""
        self._answer = asyncio.get_running_loop().create_future()
        approval = Approval(needed, self._clock)
        try:
            await show(approval)
            if self._prompt().has_focus and not self._prompt().text:
                approval.take_focus()
            else:
                self._hint(_WHERE)
            return await self._answer
        finally:
            self._answer = None
            if approval.is_attached:  # else the app is leaving
                self._hint("")
                if approval.has_focus_within:
                    self._prompt().focus()
                approval.remove()


async def put_under(exchange: Exchange, approval: Approval) -> None:
    """Show a question in the turn that waits for its answer."""
    exchange.strip.quiet()
    await exchange.mount(approval)
