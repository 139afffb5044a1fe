"""What a turn used: tokens by the provider's count, else ours; cost by the settings' prices, else the list's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from tui.llm import client
from tui.llm.events import Ask, Usage
from tui.llm.request import Sendable


class Meter:
    """Times of one turn, in seconds of the injected clock."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._asked_at = now()
        self._began_at: float | None = None
        self._sent_at: float | None = None
        self._first_at: float | None = None
        self.attempts = 0

    def attempt(self) -> None:
        """An attempt starts."""
        self._began_at = self._sent_at = self._now()
        self._first_at = None
        self.attempts += 1

    def sending(self) -> None:
        """Its request goes out; what LiteLLM did before, such as its imports, is no provider's time."""
        self._sent_at = self._now()

    def arrived(self) -> None:
        """A piece of the answer came."""
        self._first_at = self._now() if self._first_at is None else self._first_at

    def usage(self) -> Usage:
        """The times so far, without tokens or cost."""
        sent_at = self._asked_at if self._sent_at is None else self._sent_at
        return Usage(
            first_token_s=None if self._first_at is None else self._first_at - sent_at,
            total_s=self._now() - sent_at,
            waited_s=0.0 if self._began_at is None else self._began_at - self._asked_at,
            attempts=self.attempts,
        )


def counted(usage: Usage, ask: Ask, sent: Sendable, given: Any) -> Usage:
    """`usage` with the tokens that the provider counted, and what they cost."""
    details = getattr(given, "prompt_tokens_details", None)
    return msgspec.structs.replace(
        usage,
        input_tokens=given.prompt_tokens,
        output_tokens=given.completion_tokens,
        cached_tokens=getattr(details, "cached_tokens", None),
        cost_usd=_cost_usd(ask, sent, given),
    )


def estimated(usage: Usage, ask: Ask, sent: Sendable, text: str) -> Usage:
    """`usage` with our own counts; it may take a second the first time, while a tokenizer is loaded."""
    messages = [{"role": message.role, "content": message.content} for message in ask.messages]
    put_in, got_out = client.count_tokens(sent.model, messages=messages), client.count_tokens(sent.model, text=text)
    known = put_in is not None and got_out is not None
    return msgspec.structs.replace(
        usage,
        input_tokens=put_in,
        output_tokens=got_out,
        cost_usd=_cost_usd(ask, sent, client.usage(put_in or 0, got_out or 0)) if known else None,
        tokens_estimated=known,
    )


def _cost_usd(ask: Ask, sent: Sendable, given: Any) -> float | None:
    settings = ask.settings
    if settings.input_cost_per_token is None and settings.output_cost_per_token is None:
        return client.listed_cost_usd(sent.model, sent.provider, given)
    listed = client.price(sent.model, sent.provider)
    price_in = listed.input if settings.input_cost_per_token is None else settings.input_cost_per_token
    price_out = listed.output if settings.output_cost_per_token is None else settings.output_cost_per_token
    if price_in is None or price_out is None:
        return None
    return float(given.prompt_tokens * price_in + given.completion_tokens * price_out)
