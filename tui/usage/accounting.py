"""The books of one run: every turn goes into the ledger, and none starts or goes on that the limits forbid.

The ledger is written and read beside the event loop. What goes wrong with it is told once and fails no turn.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from datetime import UTC, date, datetime
from functools import partial
from typing import Final, TypeAlias

import msgspec

from tui.config.preferences import Preferences, PreferencesFile
from tui.llm.events import Ask, Cancelled, Failed, TurnEvent
from tui.providers.catalogue import Model, catalogue
from tui.threads import aside
from tui.usage.ledger import Entry, Ledger, LedgerError, Purpose
from tui.usage.limits import Spending
from tui.usage.prepared import Prepared
from tui.usage.price import Load, Price, price_of
from tui.usage.question import SpendingError
from tui.usage.statement import midnight, spent_since, today
from tui.usage.turn_meter import Tally

Facts: TypeAlias = Callable[[str], Model | None]
"""Looks a model up; may read the disk."""

_BOUND_S: Final = 10.0
"""For a write; a disk that is slower is told as one that can't be written."""
_LOOK_S: Final = 3.0
"""A prompt waits no longer for the ledger."""
_ADVICE: Final = "Raise the limit in Usage (F6), or send again and say yes."
_SLOW: Final = "The record of usage can't be kept: the disk does not answer. Requests go on without it."


def _in_catalogue(model: str) -> Model | None:
    return catalogue().get(model)


class Books:
    """One for each run. `close` it, so that the last turn is written."""

    def __init__(
        self,
        ledger: Ledger,
        preferences: PreferencesFile,
        *,
        facts: Facts = _in_catalogue,
        clock: Callable[[], float] = time.monotonic,
        day: Callable[[], date] = today,
    ) -> None:
        """`clock` is in seconds; `day` tells which day it is by the user's own clock."""
        self.ledger = ledger
        self.preferences = preferences
        self.day = day
        self.spending = Spending(day)
        self.trouble: list[str] = []
        """What the user should know of the ledger and the preferences, each thing once."""
        self.on_trouble: Callable[[str], object] | None = None
        """Told of each as it comes up."""
        self._facts = facts
        self._clock = clock
        self._prices: dict[tuple[str, float | None, float | None, int | None], Price | None] = {}
        self._writing: set[asyncio.Task[None]] = set()

    async def check(self, prepared: Prepared, load: Load) -> None:
        """Return if a request of this size may go out. Raises `SpendingError` if the user has to be asked."""
        await self.look()
        settings = prepared.settings
        self._prices[_priced(prepared)] = price = price_of(settings, await self._look_up(settings.model))
        self.spending.check(settings.model, price, load, local=prepared.local)

    def allow(self, needed: SpendingError) -> None:
        """The user said yes."""
        self.spending.allow(needed)

    async def look(self) -> None:
        """Learn the limits, and what other instances have spent today."""
        await self._settled(_LOOK_S)

        def read() -> tuple[Preferences, tuple[str, ...], float | None, str]:
            loaded = self.preferences.read()
            try:
                spent, reason = spent_since(self.ledger, midnight(self.day())), ""
            except LedgerError as error:
                spent, reason = None, str(error)
            return loaded.preferences, loaded.problems, spent, reason

        try:
            preferences, problems, spent, reason = await aside(read, _LOOK_S)
        except OSError:
            self._tell(_SLOW)
            return
        self.spending.learn(preferences.limits, spent)
        for words in (*problems, reason, self.ledger.news):
            self._tell(words)

    async def follow(
        self,
        prepared: Prepared,
        ask: Ask,
        purpose: Purpose,
        events: AsyncGenerator[TurnEvent, None],
        stop: Callable[[], None],
    ) -> AsyncGenerator[TurnEvent, None]:
        """The events of a turn as they come, while the books are kept; `stop` ends the turn at a limit."""
        tally = Tally(prepared, ask, purpose, self._prices.get(_priced(prepared)), self._clock)
        self.spending.begin(tally)
        passed = ""
        try:
            async with aclosing(events):
                async for event in events:
                    shown = _at_limit(event, passed, tally) if passed else _estimated(event, tally)
                    tally.take(shown)
                    yield shown
                    if not passed and (passed := self.spending.passed(tally)):
                        stop()
        finally:
            self._settle(tally)

    async def close(self) -> None:
        """Wait for what is still being written, for some seconds at most."""
        await self._settled(_LOOK_S)

    def _settle(self, tally: Tally) -> None:
        entry = tally.entry(datetime.now(UTC))
        self.spending.end(tally, entry)
        if entry is not None:
            task = asyncio.create_task(self._write(entry))
            self._writing.add(task)
            task.add_done_callback(self._writing.discard)

    async def _write(self, entry: Entry) -> None:
        try:
            await aside(partial(self.ledger.add, entry), _BOUND_S)
        except LedgerError as error:
            self._tell(f"{error} Requests go on without a record of them.")
        except OSError:
            self._tell(_SLOW)
        else:
            self.spending.written(entry)
        self._tell(self.ledger.news)

    async def _settled(self, bound_s: float) -> None:
        if self._writing:
            await asyncio.wait(self._writing, timeout=bound_s)

    async def _look_up(self, model: str) -> Model | None:
        try:
            return await aside(partial(self._facts, model), _LOOK_S)
        except OSError:  # its price is then unknown, which asks
            return None

    def _tell(self, words: str) -> None:
        if words and words not in self.trouble:
            self.trouble.append(words)
            if self.on_trouble is not None:
                self.on_trouble(words)


def _estimated(event: TurnEvent, tally: Tally) -> TurnEvent:
    """A turn that was stopped has used something as well."""
    return msgspec.structs.replace(event, usage=tally.told(event.usage)) if isinstance(event, Cancelled) else event


def _at_limit(event: TurnEvent, passed: str, tally: Tally) -> TurnEvent:
    """What was ended at a limit says so."""
    if not isinstance(event, Cancelled):
        return event
    message = f"{passed} {_ADVICE}"
    usage = tally.told(event.usage)
    return Failed(id=event.id, cause="limit", message=message, advice=_ADVICE, partial=True, usage=usage)


def _priced(prepared: Prepared) -> tuple[str, float | None, float | None, int | None]:
    """All that a price depends on."""
    own = prepared.settings
    return (own.model, own.input_cost_per_token, own.output_cost_per_token, own.max_output_tokens)
