"""The variables that an export names without their values: the key, and those of a provider that reads its own."""

from __future__ import annotations

from collections.abc import Mapping

from tui.config.resolve import Resolved, settings
from tui.config.schema import FIELDS
from tui.config.secret import Secret
from tui.providers.registry import provider_of
from tui.providers.requirements import env_for


def names_for(resolved: Mapping[str, Resolved], env: Mapping[str, str]) -> tuple[str, ...]:
    """Variables of a provider that reads its own: those that are set, else all; and `LLM_API_KEY` if it wants a key.

    May read the price map from the disk, for a model whose name does not begin with its provider.
    """
    key = resolved["api_key"].value
    provider = provider_of(settings(resolved))
    if provider is None:
        return ()
    wants = (FIELDS["api_key"].env_name,) if provider.needs_key and not (isinstance(key, Secret) and key) else ()
    return (*wants, *(env_for(provider, env) or provider.env_auth))
