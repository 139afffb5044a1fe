"""One attempt: a task of its own that puts the pieces of an answer into an inbox, and how it ended."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from typing import Any, Final

import msgspec

from tui.llm import client
from tui.llm.client import Piece
from tui.llm.errors import classify
from tui.llm.events import Ask, ToolCall
from tui.llm.exchange import CURRENT, Exchange
from tui.llm.finish import NO_TEXT, Meant, broken_off, meaning_of, note_of
from tui.llm.problem import AttemptError, Trouble
from tui.llm.request import Sendable
from tui.llm.request_context import Situation
from tui.llm.scheme import look
from tui.llm.think_tags import ThinkTags
from tui.llm.usage import Claims

MAX_CHARS: Final = 2_000_000
"""An answer is cut here: nobody reads more, and a server that never stops must not fill the memory."""

_BROKEN_OFF: Final = "A library broke the request off without an error"
_TRY_AGAIN: Final = "Try again; if it stays so, the answer can't be read by the LiteLLM that is installed."


class Ended(msgspec.Struct, frozen=True):
    """An attempt is over."""

    trouble: Trouble | None = None


class Attempt:
    """What one attempt has received so far."""

    def __init__(self, ask: Ask, sent: Sendable, exchange: Exchange, situation: Situation) -> None:
        self.finish_reason = ""
        self.model = ""
        self.usage: Any = None
        """LiteLLM's usage object, which may be made up: the exchange knows what the provider sent."""
        self.note = ""
        self.text: list[str] = []
        self.pieces = 0
        """How many pieces had text."""
        self.tool_calls: tuple[ToolCall, ...] = ()
        self._chars = 0
        self._over = False
        """Whether it has put how it ended."""
        self._said = False
        """Whether any text came, besides thinking."""
        self._thought = False
        self._tags = ThinkTags()
        self._ask = ask
        self._sent = sent
        self._exchange = exchange
        self._situation = situation

    async def run(self, put: Callable[[Piece | Ended], None], arrived: Callable[[], None]) -> None:
        """Send the request; every piece goes to `put`, and last how it ended."""
        try:
            ended = await self._sent_and_read(put, arrived)
            self._over = True
            put(ended)
        finally:
            await self._exchange.close()

    def stopped(self, task: asyncio.Task[None], put: Callable[[Ended], None]) -> None:
        """The task of `run` is over: if it did not put how it ended, because something broke it off, put that."""
        error = None if task.cancelled() else task.exception()
        if not self._over:
            detail = type(error).__name__ if error is not None else "The task was cancelled."
            put(Ended(Trouble(cause="worker", happened=_BROKEN_OFF, advice=_TRY_AGAIN, detail=detail)))

    async def _sent_and_read(self, put: Callable[[Piece | Ended], None], arrived: Callable[[], None]) -> Ended:
        try:
            async with asyncio.timeout(self._sent.limits.total_s):
                await self._read(put, arrived)
        except AttemptError as error:
            return Ended(error.trouble)
        except (Exception, SystemExit) as error:  # noqa: BLE001  # the edge where LiteLLM's exceptions become troubles
            await look(self._exchange, self._situation)
            return Ended(classify(error, self._exchange, self._situation))
        return Ended()

    async def _read(self, put: Callable[[Piece | Ended], None], arrived: Callable[[], None]) -> None:
        CURRENT.set(self._exchange)
        async with aclosing(client.pieces(self._sent.params, modify_params=self._ask.settings.modify_params)) as pieces:
            async for given in pieces:
                piece = self._tags.apart(given)
                self._note(piece)
                if piece.text or piece.thinking:
                    arrived()
                    put(piece)
                    if self.pieces == 1:
                        await asyncio.sleep(0)  # the first goes out now, even where the whole answer came in one packet
                if self._chars > MAX_CHARS:
                    self.finish_reason = "length"
                    self.note = f"The answer was cut at {MAX_CHARS:,} characters."
                    return
        if (rest := self._tags.rest()).text or rest.thinking:
            self._note(rest)
            arrived()
            put(rest)
        self._check()

    def _note(self, piece: Piece) -> None:
        self._chars += len(piece.text) + len(piece.thinking)
        self.text.append(piece.thinking + piece.text)
        self._said = self._said or bool(piece.text.strip())
        self._thought = self._thought or bool(piece.thinking)
        self.pieces += bool(piece.thinking or piece.text)
        self.tool_calls += piece.tool_calls
        self.finish_reason = piece.finish_reason or self.finish_reason
        self.model = self._exchange.raw.model or piece.model or self.model
        if piece.usage is not None:
            self.usage = piece.usage

    def claims(self) -> Claims:
        """What the provider says that the answer took."""
        return Claims.of(self.usage, self._exchange, self._chars)

    def _check(self) -> None:
        """Whether what came is an answer, by its own words: LiteLLM makes up what is missing.

        Raises:
            AttemptError: it is not, or not a whole one.
        """
        raw = self._exchange.raw
        meant = meaning_of(raw.finish, self.finish_reason)
        if raw.words is None:
            if meant in ("policy", "broken"):
                raise AttemptError(broken_off(meant, raw.finish, self._exchange.host))
            if not self._exchange.cut and self.finish_reason and (self._chars or (raw.ended and raw.has_data)):
                self._end(meant)
                return
        error = EmptyAnswerError("The stream ended without a finish reason.")
        raise AttemptError(classify(error, self._exchange, self._situation))

    def _end(self, meant: Meant) -> None:
        """The answer is complete, as far as it goes: say what is not as it should be."""
        self.finish_reason = "length" if meant in ("length", "context") else self.finish_reason
        notes = (note_of(meant), NO_TEXT[self._thought] if not self._said and not self.tool_calls else "")
        refused = "The model refused." if self._exchange.raw.refused else ""
        self.note = " ".join(filter(None, (*notes, refused)))


class EmptyAnswerError(Exception):
    """A stream ended before the answer did."""
