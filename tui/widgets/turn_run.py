"""One turn under way: from the settings to its last event, shown in its exchange as it goes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import aclosing
from functools import partial
from typing import TypeAlias, assert_never

from tui.chat.conversation import Running, Turn
from tui.config.resolve import Resolved
from tui.llm.events import Attempting, Cancelled, Delta, Failed, Finished, Message, Retrying, TurnEvent
from tui.request.backend import Backend, new_turn_id
from tui.usage.prepared import Prepared
from tui.usage.price import Load, load_of
from tui.usage.question import NeedsYesError, NotReadyError
from tui.widgets.consent import Consent, put_under
from tui.widgets.exchange import Exchange

Settings: TypeAlias = Callable[[], Mapping[str, Resolved]]
"""Gives the effective settings with the draft, anew for each prompt."""


class TurnRun:
    """Runs once; `stop`, `retry_now` and `give_up` may be called at any time."""

    def __init__(
        self, prompt: str, messages: tuple[Message, ...], backend: Backend, exchange: Exchange, consent: Consent
    ) -> None:
        """`messages` are what is sent: the history, then the prompt."""
        self.exchange = exchange
        self.model = ""
        """The model that was asked; empty while nothing was sent."""
        self._running = Running(prompt)
        self._messages = messages
        self._backend = backend
        self._consent = consent
        self._turn_id = ""  # while its events are being read

    @property
    def retrying(self) -> bool:
        """Whether it waits before another attempt."""
        return self.exchange.strip.retrying

    def turn(self) -> Turn:
        """The turn as it is now."""
        return self._running.turn()

    def stop(self) -> bool:
        """Have the worker end it; False if there is nothing more to ask of the worker."""
        if not self._turn_id:
            return False
        turn_id, self._turn_id = self._turn_id, ""
        self._backend.cancel(turn_id)
        return True

    def retry_now(self) -> None:
        """End the wait before the next attempt, if it waits."""
        if self.retrying:
            self._backend.retry_now(self._turn_id)

    def give_up(self) -> None:
        """The turn ends from here, whatever the worker does."""
        self._running.stop()

    async def go(self, settings: Settings) -> None:
        """Send the messages and show what comes, to the end; a failure is an end too."""
        try:
            prepared = await self._prepared(settings(), load_of(self._messages))
        except NotReadyError as error:
            self._running.take(Failed(id="", cause=error.cause, message=error.message, field=error.field))
        else:
            self._running.sent(local=prepared.local, model=prepared.settings.model)
            await self._follow(prepared)

    async def _prepared(self, settings: Mapping[str, Resolved], load: Load) -> Prepared:
        strip = self.exchange.strip
        approved: NeedsYesError | None = None
        while True:
            strip.wait_for("checking settings and key…")
            try:
                return await self._backend.prepare(settings, strip.progress, approved=approved, load=load)
            except NeedsYesError as needed:
                if not await self._consent.ask(needed, partial(put_under, self.exchange)):
                    raise needed.refused() from None
                await self._backend.approve(needed)
                approved = needed

    async def _follow(self, prepared: Prepared) -> None:
        turn_id = self._turn_id = new_turn_id()
        self.model = prepared.settings.model
        if not self._backend.ready:
            self.exchange.strip.wait_for("starting the worker (LiteLLM loads once, about 3 s)…", timed=True)
        try:
            async with aclosing(self._backend.turn(prepared, self._messages, turn_id=turn_id)) as events:
                async for event in events:
                    await self._show(event, self._running.take(event))
        finally:
            self._turn_id = ""

    async def _show(self, event: TurnEvent, text: str) -> None:
        exchange = self.exchange
        match event:
            case Attempting(attempt=attempt, of=of):
                words = "waiting for the first token…"
                exchange.strip.wait_for(words if attempt == 1 else f"attempt {attempt} of {of}: {words}", timed=True)
            case Retrying():
                exchange.strip.count_down(event)
            case Delta(thinking=True):
                await exchange.add_thinking(text)
            case Delta():
                exchange.add_reply(text)
            case Finished() | Failed() | Cancelled():
                pass  # the turn as a whole is shown when it has ended
            case _:
                assert_never(event)
