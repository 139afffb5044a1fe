"""LiteLLM's price map, read from the file in the installed package: one row for each name, as it stands there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from sys import intern
from typing import Final, TypeVar

import msgspec
from msgspec.structs import replace

from tui.providers.builtin_providers import BARE
from tui.providers.installed import package

_FILE: Final = "model_prices_and_context_window_backup.json"
_RULES: Final = "fallback_generalizations"
_Read = TypeVar("_Read")
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
    alias_of: str = ""
    """Where the name is an alias: the name of the row itself."""

    @property
    def provider(self) -> str:
        """The provider as LiteLLM's list and a model's prefix spell it."""
        name = self.litellm_provider
        return "vertex_ai" if name.startswith("vertex_ai-") else _SAME.get(name, name)


class _Alias(msgspec.Struct, frozen=True):
    alias_of: str


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
        """Each name with its row, which is read when its turn comes: all of them at once would fill memory.

        An alias has the row that it stands for, as in LiteLLM: one whose row is missing or an alias itself is left out.
        """
        for name, entry in self._entries.items():
            if (row := _read(_ROW, entry)) is not None:
                yield name, row
            elif (alias := _read(_ALIAS, entry)) is not None:
                target = self._entries.get(alias.alias_of)
                if target is not None and (row := _read(_ROW, target)) is not None:
                    yield name, replace(row, alias_of=alias.alias_of)

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


_ROW: Final = msgspec.json.Decoder(Row)
_ALIAS: Final = msgspec.json.Decoder(_Alias)


def _read(decoder: msgspec.json.Decoder[_Read], entry: msgspec.Raw) -> _Read | None:
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


def read_map() -> bytes:
    """The text of the installed LiteLLM's map, read now; that of an empty one if there is no such file."""
    folder = package()
    try:
        return b"{}" if folder is None else (folder / _FILE).read_bytes()
    except FileNotFoundError:
        return b"{}"


def price_map() -> PriceMap:
    """The map of the installed LiteLLM, read now, in about 8 ms; an empty one if its text is no map."""
    try:
        return PriceMap(read_map())
    except msgspec.DecodeError:
        return PriceMap(b"{}")


@cache
def bare_names() -> BareNames:
    """What the map of the installed LiteLLM says of names without prefix, read once. Takes about 20 ms."""
    return price_map().bare_names()
