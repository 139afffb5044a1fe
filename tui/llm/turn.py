"""One turn: attempts and the waits between them, as events; it can be hurried and cancelled at any point."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Iterable, Iterator
from contextlib import aclosing, suppress
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, Literal, TypeAlias, TypeVar

import httpx
import msgspec
from msgspec.structs import replace

from tui.config.secret import Secret
from tui.llm.attempt import Attempt, Ended
from tui.llm.client import Piece
from tui.llm.errors import classify
from tui.llm.events import Ask, Attempting, Cancelled, Delta, Failed, Finished, Retrying, TurnEvent, Usage
from tui.llm.exchange import Exchange
from tui.llm.problem import AttemptError, Trouble
from tui.llm.request import Sendable, sendable
from tui.llm.request_context import Situation
from tui.llm.retry import RetryPolicy
from tui.llm.usage import Meter, used

_CLOSE_S: Final = 0.05
"""How long a cancelled attempt may take to close its connection before it is left to do so alone."""
_PREPARE_S: Final = 30.0
"""A few of LiteLLM's providers ask a server before they know what to send."""

_Order: TypeAlias = Literal["retry", "cancel", "slept"]
_Item: TypeAlias = Piece | Ended | _Order
_T = TypeVar("_T")


class Clock(msgspec.Struct, frozen=True):
    """The time, in seconds, and how to let it pass."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


class _CancelledError(Exception):
    """The user ended the turn."""


class Turn:
    """A conversation that is sent, its retries, and its answer."""

    def __init__(
        self, ask: Ask, http: httpx.AsyncClient, secrets: Iterable[Secret] = (), clock: Clock | None = None
    ) -> None:
        """`secrets` are masked in whatever the provider says, beside those of `ask` itself."""
        self._ask = ask
        self._http = http
        self._clock = clock or Clock()
        self._policy = RetryPolicy.of(ask.settings)
        self._inbox: asyncio.Queue[_Item] = asyncio.Queue()
        self._cancelled = asyncio.Event()
        self._meter = Meter(self._clock.now)
        settings = ask.settings
        own = (ask.key, settings.api_key, settings.aws_access_key_id, settings.aws_secret_access_key)
        self._secrets = (*(secret for secret in own if secret), *secrets)
        self._shown = False
        """Whether any piece of an answer went out; from then on nothing is repeated."""
        self._attempt: Attempt | None = None
        self._sent: Sendable | None = None

    def retry_now(self) -> None:
        """End the wait before the next attempt, if there is one."""
        self._inbox.put_nowait("retry")

    def cancel(self) -> None:
        """End the turn."""
        self._cancelled.set()
        self._inbox.put_nowait("cancel")

    async def events(self) -> AsyncGenerator[TurnEvent, None]:
        """All events, the last of which is Finished, Failed or Cancelled."""
        try:
            async with aclosing(self._attempts()) as events:
                async for event in events:
                    yield event
        except _CancelledError:
            yield Cancelled(id=self._ask.id, usage=self._meter.usage())
        except AttemptError as error:
            yield await self._failed(error.trouble)

    async def _attempts(self) -> AsyncGenerator[TurnEvent, None]:
        sent = self._sent = await self._prepared()
        last: Trouble | None = None
        async for attempt in self._policy.attempts():
            state = attempt.retry_state
            if last is not None:
                self._forget_orders()
                yield self._retrying(state.attempt_number, state.upcoming_sleep, last)
                await self._wait(state.upcoming_sleep)
            self._check()
            yield Attempting(id=self._ask.id, attempt=state.attempt_number, of=self._policy.retries + 1)
            last = None
            async with aclosing(self._answer(sent)) as events:
                async for event in events:
                    if isinstance(event, Trouble):
                        last = event
                    else:
                        yield event
            with attempt:
                if last is not None:
                    raise AttemptError(replace(last, may_pass=last.may_pass and not self._shown))
        yield await self._finished(sent)

    def _retrying(self, number: int, wait_s: float, trouble: Trouble) -> Retrying:
        return Retrying(
            id=self._ask.id,
            attempt=number,
            of=self._policy.retries + 1,
            wait_s=wait_s,
            status=trouble.status,
            reason=trouble.reason,
            asked_s=trouble.asked_s,
            detail=trouble.detail,
        )

    async def _prepared(self) -> Sendable:
        self._check()
        try:
            async with asyncio.timeout(_PREPARE_S):
                return await self._unless_cancelled(asyncio.to_thread(sendable, self._ask))
        except (AttemptError, _CancelledError):
            raise
        except Exception as error:
            sent = Sendable("", self._ask.settings.model, {})
            raise AttemptError(classify(error, self._exchange(sent), self._situation(sent))) from error

    async def _unless_cancelled(self, work: Coroutine[Any, Any, _T]) -> _T:
        """The result of work that can't be hurried, such as a thread's; a cancelled turn does not wait for it."""
        working, stop = asyncio.create_task(work), asyncio.create_task(self._cancelled.wait())
        try:
            await asyncio.wait({working, stop}, return_when=asyncio.FIRST_COMPLETED)
            self._check()
            return working.result()
        finally:
            working.cancel()
            stop.cancel()

    async def _answer(self, sent: Sendable) -> AsyncGenerator[Delta | Trouble, None]:
        """The pieces of one attempt, those of one moment joined; last the trouble it ended with, if any."""
        self._meter.attempt()
        attempt = self._attempt = Attempt(self._ask, sent, self._exchange(sent), self._situation(sent))
        self._forget_orders()
        task = asyncio.create_task(attempt.run(self._inbox.put_nowait, self._meter.arrived))
        task.add_done_callback(lambda task: attempt.stopped(task, self._inbox.put_nowait))
        try:
            while True:
                for item in self._joined(await self._inbox.get()):
                    if isinstance(item, Ended):
                        if item.trouble is not None:
                            yield item.trouble
                        return
                    self._shown = True
                    yield item
        finally:
            task.cancel()
            await asyncio.wait({task}, timeout=_CLOSE_S)

    def _joined(self, item: _Item) -> list[Delta | Ended]:
        items = [item]
        while not self._inbox.empty():
            items.append(self._inbox.get_nowait())
        self._check()
        deltas = (Delta(id=self._ask.id, text=text, thinking=thinking) for thinking, text in _runs(items))
        return [*deltas, *(item for item in items if isinstance(item, Ended))]

    async def _wait(self, wait_s: float) -> None:
        timer = asyncio.ensure_future(self._clock.sleep(wait_s))
        timer.add_done_callback(lambda _: self._inbox.put_nowait("slept"))
        try:
            await self._inbox.get()
        finally:
            timer.cancel()
            with suppress(asyncio.CancelledError):
                await timer
        self._check()

    def _forget_orders(self) -> None:
        """Drop what belongs to an earlier attempt or wait, such as a second "retry now"; a cancel is kept."""
        while not self._inbox.empty():
            self._inbox.get_nowait()
        self._check()

    def _check(self) -> None:
        if self._cancelled.is_set():
            raise _CancelledError

    async def _finished(self, sent: Sendable) -> Finished:
        attempt = self._attempt
        if attempt is None:
            raise TypeError("a turn that made no attempt can't be finished")
        usage = await self._unless_cancelled(asyncio.to_thread(self._usage, attempt, sent))
        return Finished(
            id=self._ask.id,
            usage=usage,
            finish_reason=attempt.finish_reason,
            model=attempt.model,
            note=attempt.note,
            pieces=attempt.pieces,
            tool_calls=attempt.tool_calls,
        )

    def _usage(self, attempt: Attempt, sent: Sendable) -> Usage:
        return used(self._meter.usage(), self._ask, sent, attempt.claims(), "".join(attempt.text))

    async def _failed(self, trouble: Trouble) -> Failed:
        usage = self._meter.usage()
        if self._shown and self._attempt is not None and self._sent is not None:  # cut off, but paid for
            with suppress(_CancelledError):
                usage = await self._unless_cancelled(asyncio.to_thread(self._usage, self._attempt, self._sent))
        elif self._policy.asks_too_long(usage.attempts, trouble):
            trouble = self._policy.too_long(trouble)
        return trouble.failed(self._ask.id, usage, partial=self._shown)

    def _exchange(self, sent: Sendable) -> Exchange:
        return Exchange(self._http, sent.limits, self._ask.settings.base_url or self._ask.origin, self._meter.sending)

    def _situation(self, sent: Sendable) -> Situation:
        return Situation(self._ask.settings, sent.provider, bool(self._ask.key), self._secrets)


def _runs(items: Iterable[_Item]) -> Iterator[tuple[bool, str]]:
    """The pieces among `items`, neighbours of a kind joined: (whether it is reasoning, text)."""
    parts = ((thinking, text) for item in items if isinstance(item, Piece) for thinking, text in _parts(item) if text)
    for thinking, run in groupby(parts, key=itemgetter(0)):
        yield thinking, "".join(text for _, text in run)


def _parts(piece: Piece) -> tuple[tuple[bool, str], tuple[bool, str]]:
    return (True, piece.thinking), (False, piece.text)
