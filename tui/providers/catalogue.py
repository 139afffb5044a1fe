"""The catalogue: the chat models of LiteLLM's price map, one row for each, in the spelling that LiteLLM accepts.

What the map leaves out of the catalogue, and why:

    other modes            pictures, embeddings, speech: not for chat
    other providers        names that LiteLLM itself refuses
    regions and tiers      `azure/eu/gpt-4o`, `bedrock/us-east-1/…`: prices of one model, not models
    price classes          `together-ai-4.1b-8b`, `ft:gpt-4o-…`, `openai/container`: nothing to send a prompt to
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache, cached_property
from typing import Final

import msgspec

from tui.providers.pricemap import PriceMap, Row, price_map
from tui.providers.provider import Provider
from tui.providers.registry import join_model, providers, split_model

_MODES: Final = frozenset({"chat", "responses"})
_PRICE_CLASS: Final = re.compile(r"^ft:|^together-ai-[\d.]+b-|^together-ai-up-to-|^container$")
_VENDOR: Final = re.compile(r"^(?:[a-z0-9-]+\.)+(?=[a-z])")
_VERSION: Final = re.compile(r"(?<![\dx])(\d)(?:[.-](\d{1,2}))?(?![\dbkmtx])")
_KILO: Final = 1000
_UNDER_ONE_NAME: Final = frozenset({"azure", "bedrock", "bedrock_mantle"})
"""Providers whose models' names hold no slash: what stands before one is a region or a price tier."""
_LONG: Final = "accounts/fireworks/models/"
"""LiteLLM puts this before the short name of a Fireworks model by itself; the map has some models both ways."""


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """One model as the catalogue knows it. Whatever the price map does not say is None, never 0 and never False."""

    id: str
    """As `[llm]` holds it and LiteLLM resolves it: `anthropic/claude-sonnet-4-5`."""
    provider: str
    name: str
    """The id without its provider."""
    context: int | None = None
    """Tokens that fit into the prompt."""
    max_output: int | None = None
    """Tokens that the answer can have."""
    input_price: float | None = None
    """USD per 1M prompt tokens."""
    output_price: float | None = None
    """USD per 1M answer tokens."""
    vision: bool | None = None
    tools: bool | None = None
    json_schema: bool | None = None
    prompt_caching: bool | None = None
    reasoning: bool | None = None
    deprecated: str | None = None
    """The day from which the provider no longer promises it, as YYYY-MM-DD; it may lie ahead."""

    def retired(self, today: date) -> bool:
        """Whether the provider no longer promises it on that day."""
        return self.deprecated is not None and self.deprecated <= today.isoformat()

    @property
    def facts(self) -> str:
        """Context, output and price in a few words: "200k in · 64k out · $3 / $15 per 1M tokens"."""
        limits = ((self.context, "in"), (self.max_output, "out"))
        return " · ".join([*(f"{tokens(count)} {what}" for count, what in limits if count), self.price])

    @property
    def price(self) -> str:
        """The price in words; "price unknown" where the map does not say it."""
        if self.input_price is None or self.output_price is None:
            return "price unknown"
        if not self.input_price and not self.output_price:
            return "free"
        return f"{dollars(self.input_price)} / {dollars(self.output_price)} per 1M tokens"


def tokens(count: int) -> str:
    """A number of tokens as people say it: 128000 is "128k", 131072 is "131k", 1048576 is "1.05M"."""
    if count < _KILO:
        return str(count)
    thousands = round(count / _KILO)
    return f"{thousands}k" if thousands < _KILO else f"{count / _KILO**2:.3g}M"


def dollars(price: float) -> str:
    """A price in USD: "$3", "$0.15", "$0.075"; at least two decimals unless it is a whole number."""
    if price == round(price):
        return f"${price:.0f}"
    whole, _, decimals = f"{price:.6f}".rstrip("0").partition(".")
    return f"${whole}.{decimals:0<2}"


class Catalogue:
    """The models, by provider and by id."""

    def __init__(self, models: Iterable[Model]) -> None:
        """`models` in the order in which lists show them."""
        self.models = tuple(models)

    @cached_property
    def ids(self) -> Mapping[str, Model]:
        """Every model by its id."""
        return {model.id: model for model in self.models}

    def of(self, provider: str) -> tuple[Model, ...]:
        """The models of one provider."""
        return tuple(model for model in self.models if model.provider == provider)

    def get(self, model: str) -> Model | None:
        """The row for a model as `[llm]` holds it, with or without its provider; None if the catalogue has none."""
        return self.ids.get(model) or self.ids.get(join_model(*split_model(model)))


def from_map(prices: PriceMap, known: Mapping[str, Provider]) -> Catalogue:
    """The catalogue of a price map, for the providers in `known` and in their order."""
    found: dict[str, Model] = {}
    for key, row in prices.rows():
        provider = known.get(row.provider)
        name = _name(key, row)
        if row.mode in _MODES and provider is not None and name:
            model = _model(provider, name, row)
            if model.id not in found or model.id == key:
                found[model.id] = model
    kept = [model for model in found.values() if not _is_long_twin(model, found)]
    rank = {name: number for number, name in enumerate(known)}
    return Catalogue(sorted(kept, key=lambda model: (rank[model.provider], *newest_first(model.name))))


def newest_first(name: str) -> tuple[int, int, str, str]:
    """A key that sorts the models of one provider by their version, the highest first, and then by name.

    A version is a digit, and one or two more after a dot or dash: 5.5 of `claude-sonnet-5-5`, 4 of `gpt-4o`. Dates and
    sizes (`2024-08-06`, `0613`, `70b`, `128k`) are none, nor is what a vendor in front is called.
    """
    low = name.casefold()
    own = low.rpartition("/")[2]
    found = _VERSION.search(_VENDOR.sub("", own) if "." in own else own)
    major, minor = (int(found[1]), int(found[2] or 0)) if found else (0, 0)
    return -major, -minor, low, name


def _name(key: str, row: Row) -> str:
    """The model's own name in a key of the map; "" if the key names no model."""
    prefix, slash, rest = key.partition("/")
    name = rest if slash and prefix.replace("-", "_") == row.provider.replace("-", "_") else key
    if _PRICE_CLASS.search(name) or (row.provider in _UNDER_ONE_NAME and "/" in name):
        return ""
    vendor = row.provider != "bedrock" or row.alias_of or "." in name  # a name on Bedrock starts with its vendor
    return name if vendor else ""


def _model(provider: Provider, name: str, row: Row) -> Model:
    return Model(
        id=join_model(provider.name, name),
        provider=provider.name,
        name=name,
        context=row.max_input_tokens or None,
        max_output=row.max_output_tokens or None,
        input_price=_per_million(row.input_cost_per_token, provider, name),
        output_price=_per_million(row.output_cost_per_token, provider, name),
        vision=row.supports_vision,
        tools=row.supports_function_calling,
        json_schema=row.supports_response_schema,
        prompt_caching=row.supports_prompt_caching,
        reasoning=row.supports_reasoning,
        deprecated=row.deprecation_date,
    )


def _per_million(price: float | None, provider: Provider, name: str) -> float | None:
    """USD per 1M tokens. The map has 0 for what it does not know, too: only a model on this machine costs nothing."""
    if price:
        return round(price * 1e6, 6)
    return 0.0 if price is not None and provider.local and not name.endswith("cloud") else None


def _is_long_twin(model: Model, found: Mapping[str, Model]) -> bool:
    short = model.name.removeprefix(_LONG)
    return short != model.name and join_model(model.provider, short) in found


@cache
def catalogue() -> Catalogue:
    """The catalogue of the installed LiteLLM, read once in about 30 ms: call it off the event loop."""
    return from_map(price_map(), providers())
