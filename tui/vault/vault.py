"""Which key goes with a request: the order in which sources are asked, and whether the one found may go there."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from tui.config.secret import Secret
from tui.vault.places import Place

KeySource: TypeAlias = Literal["session", "env", "file", "keyring", "provider env"]
BaseURLSource: TypeAlias = Literal["default", "file", "env", "edited"]


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What a request needs a key for, and what the configuration already holds."""

    place: Place
    """The provider and the origin that the request goes to."""
    title: str
    """The provider in words: "OpenAI"."""
    home: str | None
    """The provider's own canonical origin; None if it has none (a proxy, Azure, a local server)."""
    base_url_from: BaseURLSource
    """Which source gave the base URL; `default` if none did."""
    env_names: tuple[str, ...] = ()
    """The provider's usual variables, in order: OPENAI_API_KEY."""
    env_key: Secret | None = None
    """`LLM_API_KEY`, where it counts."""
    file_key: Secret | None = None
    """`api_key` in the file (the table that is shown, or the one it inherits)."""


class FoundKey(msgspec.Struct, frozen=True, kw_only=True):
    """The first key found."""

    secret: Secret
    source: KeySource
    name: str = ""
    """The environment variable it came from, if it did."""
    question: str = ""
    """Empty if the key may go to the place; else what the user has to be asked once, before anything is sent."""
