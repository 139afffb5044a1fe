"""LiteLLM's price map, read from the file in the installed package: one row for each name, as it stands there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from sys import intern
from typing import Final

import msgspec

from tui.providers.builtin_providers import BARE
from tui.providers.installed import package

_FILE: Final = "model_prices_and_context_window_backup.json"
_RULES: Final = "fallback_generalizations"
_FINE_TUNED: Final = ("ft:gpt-3.5-turbo", "ft:gpt-4")
_SAME: Final = {"bedrock_converse": "bedrock", "ai21": "ai21_chat"}
"""Providers of the map that LiteLLM calls by another name."""


class Row(msgspec.Struct, frozen=True):
    """What the map says of one name; what it does not say is None."""

    litellm_provider: str
    mode: str
    max_input_tokens: int | None = None
    max_output_tokens: int | None = None
    input_cost_per_token: float | None = None
    output_cost_per_token: float | None = None
    deprecation_date: str | None = None
    supports_vision: bool | None = None
    supports_function_calling: bool | None = None
    supports_response_schema: bool | None = None
    supports_prompt_caching: bool | None = None
    supports_reasoning: bool | None = None

    @property
    def provider(self) -> str:
        """The provider as LiteLLM's list and a model's prefix spell it."""
        name = self.litellm_provider
        return "vertex_ai" if name.startswith("vertex_ai-") else _SAME.get(name, name)


class _Rule(msgspec.Struct, frozen=True):
    pattern: str
    model_info: dict[str, object]


class _Rules(msgspec.Struct, frozen=True):
    rules: tuple[_Rule, ...]


class PriceMap:
    """The rows of the map by name, and its rules for names that it does not hold.

    It is 3 MB of text: keep what is made of it, not the map.
    """

    def __init__(self, raw: bytes) -> None:
        """`raw` is the text of the map, a JSON object. A row that does not read as one is left out.

        Raises `msgspec.DecodeError` if the whole is no JSON object.
        """
        self._entries = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
        self._rules = self._entries.pop(_RULES, None)

    def rows(self) -> Iterator[tuple[str, Row]]:
        """Each name with its row, which is read when its turn comes: all of them at once would fill memory."""
        decoder = msgspec.json.Decoder(Row)
        for name, entry in self._entries.items():
            if (row := _row(decoder, entry)) is not None:
                yield name, row

    def bare_names(self) -> BareNames:
        """What it says of names without prefix."""
        bare = {name: intern(row.provider) for name, row in self.rows() if row.provider in BARE}
        return BareNames(bare, _routing(self._rules))


class BareNames:
    """To which provider LiteLLM sends a name without prefix."""

    def __init__(self, listed: Mapping[str, str], rules: Sequence[tuple[re.Pattern[str], str]]) -> None:
        """Providers by name, and by pattern for names that are not listed."""
        self._listed = listed
        self._rules = rules

    def provider(self, name: str) -> str:
        """The provider; "" if LiteLLM refuses the name."""
        if name.startswith("ft:"):
            return "openai" if name.startswith(_FINE_TUNED) else ""
        if name in self._listed:
            return self._listed[name]
        return next((provider for pattern, provider in self._rules if pattern.search(name)), "")


def _row(decoder: msgspec.json.Decoder[Row], entry: msgspec.Raw) -> Row | None:
    try:
        return decoder.decode(entry)
    except msgspec.ValidationError:
        return None


def _routing(entry: msgspec.Raw | None) -> list[tuple[re.Pattern[str], str]]:
    """The rules that give a provider and nothing else, in order, as LiteLLM applies them."""
    if entry is None:
        return []
    try:
        rules = msgspec.json.decode(entry, type=_Rules).rules
    except msgspec.ValidationError:
        return []
    found = [(rule.pattern, rule.model_info["litellm_provider"]) for rule in rules if _routes(rule)]
    return [(re.compile(pattern, re.IGNORECASE), str(provider)) for pattern, provider in found]


def _routes(rule: _Rule) -> bool:
    return rule.model_info.keys() == {"litellm_provider"}


def price_map() -> PriceMap:
    """The map of the installed LiteLLM, read now, in about 8 ms; an empty one if there is no such file."""
    folder = package()
    try:
        return PriceMap(b"{}" if folder is None else (folder / _FILE).read_bytes())
    except (FileNotFoundError, msgspec.DecodeError):
        return PriceMap(b"{}")


@cache
def bare_names() -> BareNames:
    """What the map of the installed LiteLLM says of names without prefix, read once. Takes about 20 ms."""
    return price_map().bare_names()
