"""Sends the requests of a check-up through the chat's own backend, and keeps what they used."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Final, Literal, Protocol, assert_never

import msgspec

from tui.chat.conversation import Conversation, Running
from tui.checkup.budget import Budget
from tui.format import seconds
from tui.llm.events import Attempting, Cancelled, Delta, Failed, Finished, Message, Retrying, Tool, TurnEvent
from tui.llm.masking import masked
from tui.request.backend import Backend, new_turn_id
from tui.text import visible
from tui.usage.prepared import Prepared
from tui.usage.totals import Totals

QUOTE_CHARS: Final = 80
_THOUGHTS: Final = re.compile(r"\A\s*<think>.*?</think>\s*", re.DOTALL)
"""How servers pass on thinking that they do not know for such."""


class News(Protocol):
    """Who is told what a request waits for."""

    def __call__(self, words: str, *, retrying: bool) -> None:
        """`retrying` is whether it is a wait that "retry now" ends."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What one request got."""

    text: str
    """The answer without the thinking, controls made visible, any key masked."""
    thought: bool
    """Whether the model thought before it answered."""
    end: Finished | Failed
    time_s: float
    spent: Totals

    @property
    def only_thought(self) -> bool:
        """Whether all tokens went into thinking, so that there is nothing to judge."""
        cut = isinstance(self.end, Finished) and self.end.finish_reason == "length" and not self.end.tool_calls
        return cut and (not self.text.strip() or self.text.lstrip().startswith("<think>"))

    @property
    def quote(self) -> str:
        """The beginning of the text, in quotes, in one line."""
        words = " ".join(self.text.split())
        return f"'{words}'" if len(words) <= QUOTE_CHARS else f"'{words[:QUOTE_CHARS]}…'"


class Asker:
    """One request at a time."""

    def __init__(self, backend: Backend, prepared: Prepared, on_news: News) -> None:
        self.budget = Budget()
        self.prepared = prepared
        self._backend = backend
        self._on_news = on_news
        self._turn_id = ""

    def retry_now(self) -> None:
        """End the wait before the next attempt, if there is one."""
        if self._turn_id:
            self._backend.retry_now(self._turn_id)

    async def ask(
        self,
        *messages: Message,
        max_tokens: int,
        most: int,
        stream: bool = False,
        response_format: Literal["", "json"] = "",
        tools: tuple[Tool, ...] = (),
        hopeless: Callable[[Retrying], bool] = lambda _: False,
    ) -> Answer:
        """The answer to `messages`, or how it failed.

        Args:
            messages: the conversation.
            max_tokens: bound for the answer.
            most: tokens to count where the provider does not tell them.
            stream: whether the answer comes in pieces.
            response_format: see `Ask`.
            tools: see `Ask`.
            hopeless: tells from a failed attempt that the next one would fail in the same way; it ends the turn.
        """
        self._turn_id = new_turn_id()
        if not self._backend.ready:
            self._on_news("starting the worker (LiteLLM loads once, about 3 s)", retrying=False)
        events = self._backend.turn(
            self.prepared,
            messages,
            turn_id=self._turn_id,
            max_tokens=max_tokens,
            stream=stream,
            response_format=response_format,
            tools=tools,
            purpose="check-up",
        )
        started = time.monotonic()
        running = Running("")
        running.sent(local=self.prepared.local)
        try:
            async with aclosing(events):
                end = await self._end(events, running, hopeless)
        finally:
            self._turn_id = ""
        return self._answer(running, end, time.monotonic() - started, most)

    async def _end(
        self, events: AsyncGenerator[TurnEvent, None], running: Running, hopeless: Callable[[Retrying], bool]
    ) -> Finished | Failed:
        async for event in events:
            running.take(event)
            match event:
                case Retrying():
                    if hopeless(event):
                        running.take(given_up := _given_up(event))
                        return given_up
                    self._on_news(retry_words(event), retrying=True)
                case Attempting():
                    self._on_news("waiting for the answer", retrying=False)
                case Finished() | Failed():
                    return event
                case Cancelled():
                    break
                case Delta():
                    pass
                case _:
                    assert_never(event)
        return Failed(id=self._turn_id, cause="worker", message="The request was ended before its answer came.")

    def _answer(self, running: Running, end: Finished | Failed, time_s: float, most: int) -> Answer:
        turn = running.turn()
        spent = Conversation((turn,)).totals()
        self.budget.use(most if spent.tokens_unknown else spent.tokens)
        secrets = (self.prepared.key,) if self.prepared.key else ()
        text = masked(_THOUGHTS.sub("", turn.reply), secrets)
        thought = bool(turn.thinking) or text != turn.reply
        return Answer(text=text, thought=thought, end=end, time_s=time_s, spent=spent)


def _given_up(event: Retrying) -> Failed:
    message = f"{event.reason[:1].upper()}{event.reason[1:]}."
    return Failed(id=event.id, cause="request", message=message, detail=event.detail, status=event.status)


def retry_words(event: Retrying) -> str:
    """As in "rate limited (429): attempt 2 of 5 in 4 s"."""
    return visible(f"{event.reason}: attempt {event.attempt} of {event.of} in {seconds(event.wait_s)}")
