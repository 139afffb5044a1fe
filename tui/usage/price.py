"""What requests cost: prices of a model, the size of what will be sent, and an upper bound made from both."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

import msgspec

from tui.config.schema import LLM
from tui.llm.events import Message, Tool
from tui.providers.catalogue import Model

_BYTES_PER_TOKEN: Final = 4
"""Of English text; of other languages and of code it is less, of most scripts' bytes about as much."""
_MESSAGE_TOKENS: Final = 8
"""What providers wrap around one message."""
_PICTURE_TOKENS: Final = 1_600
"""The most that the large providers count for one picture."""
_ANSWER_TOKENS: Final = 4_096
"""Where neither the settings nor the catalogue bound the answer."""
_HIGHEST_USD: Final = 1e6
"""For one token. A price above that is a slip: it counts as not known, and sums stay finite."""
_MILLION: Final = 1_000_000


class Load(msgspec.Struct, frozen=True):
    """What will be sent and may come back, in tokens."""

    prompt_tokens: int
    answer_tokens: int | None = None
    """None: as many as the settings and the model allow."""


class Price(msgspec.Struct, frozen=True):
    """What a model costs."""

    input_usd: float
    """For one token of the prompt."""
    output_usd: float
    answer_tokens: int = _ANSWER_TOKENS
    """The longest answer that the settings and the model allow."""

    def cost_usd(self, prompt_tokens: float, answer_tokens: float) -> float:
        """Of so many tokens."""
        return prompt_tokens * self.input_usd + answer_tokens * self.output_usd

    def most_usd(self, load: Load) -> float:
        """What a request costs at most."""
        answer_tokens = self.answer_tokens if load.answer_tokens is None else load.answer_tokens
        return self.cost_usd(load.prompt_tokens, answer_tokens)


def price_of(settings: LLM, facts: Model | None) -> Price | None:
    """The prices that the settings name, else those of the catalogue's row; None if one is missing or absurd."""
    price_in = settings.input_cost_per_token
    price_out = settings.output_cost_per_token
    if facts is not None:
        price_in = _per_token(facts.input_price) if price_in is None else price_in
        price_out = _per_token(facts.output_price) if price_out is None else price_out
    if price_in is None or price_out is None or max(price_in, price_out) > _HIGHEST_USD:
        return None
    bound = settings.max_output_tokens or (facts.max_output if facts is not None else None)
    return Price(price_in, price_out, bound or _ANSWER_TOKENS)


def load_of(messages: Sequence[Message], *, max_tokens: int | None = None, tools: Sequence[Tool] = ()) -> Load:
    """A good guess at the size of a request: exact counts would need each provider's own tokenizer."""
    words = sum(rough_tokens(len(message.content.encode(errors="replace"))) for message in messages)
    offered = sum(rough_tokens(len(tool.description) + len(json.dumps(tool.parameters))) for tool in tools)
    pictures = sum(len(message.images) for message in messages)
    return Load(words + offered + len(messages) * _MESSAGE_TOKENS + pictures * _PICTURE_TOKENS, max_tokens)


def rough_tokens(size_bytes: int) -> int:
    """About how many tokens a text of this many bytes has; never 0 for a text that is not empty."""
    return -(-size_bytes // _BYTES_PER_TOKEN)


def _per_token(per_million: float | None) -> float | None:
    return None if per_million is None else per_million / _MILLION
