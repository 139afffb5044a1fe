"""What the chosen provider needs, and what of it is still missing, as the form shows it."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from tui.config.resolve import Resolved
from tui.config.resolve import settings as settings_of
from tui.providers.registry import provider_of


class Lack(msgspec.Struct, frozen=True):
    """Nothing is needed until the provider is known."""

    fields: frozenset[str] = frozenset()
    """Names of the fields that are needed, filled in or not."""
    by: str = ""
    """Who needs them, in words: "Azure OpenAI"."""
    told: str = ""
    """What is missing, and where to put it, as the chat would say it; "" if nothing is."""


class Lacking:
    """Reads files of the installed LiteLLM the first time it is asked of a provider that we do not declare."""

    def __init__(self, env: Mapping[str, str]) -> None:
        """`env` is where some providers look for their credentials."""
        self._env = env

    def __call__(self, resolved: Mapping[str, Resolved], *, has_key: bool) -> Lack:
        """What is needed for these settings; `has_key` tells whether any source has a key for them."""
        from tui.providers.requirements import missing, told  # noqa: PLC0415  # first asked after the first paint

        settings = settings_of(resolved)
        provider = provider_of(settings)
        lacks = [item for item in missing(settings, provider, has_key=has_key, env=self._env) if item.blocks]
        if provider is None:
            return Lack(frozenset({"model"}), "LiteLLM", told(None, lacks))
        without_key = missing(settings, provider, has_key=False, env=self._env)
        key = {item.name for item in without_key if item.name == "api_key"}
        return Lack(frozenset({*provider.needs, *key}), provider.title, told(provider, lacks))
