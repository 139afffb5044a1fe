"""What a turn used: tokens by the provider's count, else ours; cost by the settings' prices, its word, or the list."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from tui.llm import client
from tui.llm.events import Ask, Usage
from tui.llm.exchange import Exchange
from tui.llm.nearest import at_home
from tui.llm.request import Sendable
from tui.providers.registry import find

_HIDDEN_TOKENS: Final = 1_000_000
"""What a server may add to a prompt (pages that it looked up), or a model may think without showing it."""
_MOST_USD: Final = 1_000.0
"""No answer costs more."""
_TICKS: Final = 10_000_000_000
"""xAI's unit: this many are one USD."""

HIGHEST_COST_USD: Final = 1e9
"""Of one turn. A price that makes more of it is a slip, and sums of such costs would not be finite."""


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


class Claims(msgspec.Struct, frozen=True):
    """What the provider says that an answer took, as far as it can be believed."""

    tokens: Any = None
    """LiteLLM's usage object; None where the provider sent no counts, or none that can be true."""
    cost_usd: float | None = None

    @classmethod
    def of(cls, given: Any, exchange: Exchange, chars: int) -> Claims:
        """The claims in an answer of this length.

        Args:
            given: LiteLLM's usage object, which may be made up; None if there is none.
            exchange: holds what the provider itself sent.
            chars: length of the answer.
        """
        sent = any(isinstance(value, (int, float)) for value in exchange.raw.usage.values())
        tokens = given if sent and given is not None and _can_be(given, exchange.sent_bytes, chars) else None
        return cls(tokens, _stated_usd(exchange.raw.usage, exchange.headers))


def _can_be(given: Any, sent_bytes: int, chars: int) -> bool:
    """Whether the counts can be true: no token is shorter than a byte, but a server may add a prompt, or thinking."""
    put_in, got_out = given.prompt_tokens, given.completion_tokens
    if not (isinstance(put_in, int) and isinstance(got_out, int)):
        return False
    if not (0 <= put_in <= sent_bytes + _HIDDEN_TOKENS and 0 <= got_out <= chars + _HIDDEN_TOKENS):
        return False
    return bool(put_in or got_out or not chars)


def _stated_usd(usage: Mapping[str, Any], headers: Mapping[str, str]) -> float | None:
    """The cost that the provider states; None where it states none, or one that can't be true."""
    for given in (_in_usage(usage), headers.get("x-litellm-response-cost")):  # the header: LiteLLM Proxy
        try:
            cost_usd = float(given)  # type: ignore[arg-type]  # what is no number is what `except` is for
        except (TypeError, ValueError):
            continue
        if math.isfinite(cost_usd) and 0 <= cost_usd <= _MOST_USD and not isinstance(given, bool):
            return cost_usd
    return None


def _in_usage(usage: Mapping[str, Any]) -> Any:
    cost = usage.get("cost", usage.get("estimated_cost"))  # OpenRouter; DeepInfra
    if isinstance(cost, dict):  # Perplexity
        return cost.get("total_cost")
    details = usage.get("cost_details")
    if usage.get("is_byok") is True and isinstance(details, dict):  # OpenRouter's fee, and what the key's owner pays
        upstream = details.get("upstream_inference_cost")
        return (cost or 0) + upstream if isinstance(upstream, (int, float)) else cost
    ticks = usage.get("cost_in_usd_ticks")  # xAI
    return ticks / _TICKS if cost is None and isinstance(ticks, (int, float)) else cost


def used(times: Usage, ask: Ask, sent: Sendable, claims: Claims, text: str) -> Usage:
    """`times` with tokens and cost: the provider's own, else ours.

    The settings' prices come before what the provider states, and that before the list's. Our own count may take a
    second the first time, while a tokenizer is loaded.
    """
    given = claims.tokens
    usage = estimated(times, ask, sent, text) if given is None else counted(times, ask, sent, given)
    settings, stated = ask.settings, claims.cost_usd
    own = settings.input_cost_per_token is not None and settings.output_cost_per_token is not None
    if stated is None or own:
        return usage
    more = usage.cost_usd is not None and usage.cost_usd > stated and not _trusted(ask, sent)
    return msgspec.structs.replace(usage, cost_usd=stated, cost_stated=True, limit_usd=usage.cost_usd if more else None)


def _trusted(ask: Ask, sent: Sendable) -> bool:
    """Whether the answer comes from the provider's own origin, so that nobody else can talk the cost down."""
    known = find(sent.provider)
    return known is None or known.home is None or at_home(ask.settings, known.home)


def counted(usage: Usage, ask: Ask, sent: Sendable, given: Any) -> Usage:
    """`usage` with the tokens that the provider counted, and what they cost."""
    details = getattr(given, "prompt_tokens_details", None)
    cached = getattr(details, "cached_tokens", None)
    return msgspec.structs.replace(
        usage,
        input_tokens=given.prompt_tokens,
        output_tokens=given.completion_tokens,
        cached_tokens=cached if isinstance(cached, int) and 0 <= cached <= given.prompt_tokens else None,
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
    cost_usd = float(given.prompt_tokens * price_in + given.completion_tokens * price_out)
    return cost_usd if cost_usd <= HIGHEST_COST_USD else None
