"""The providers: what each is called, where it lives, which variables hold its key, which fields it needs."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from tui.config.schema import LLM


class Provider(msgspec.Struct, frozen=True, kw_only=True):
    """One provider that LiteLLM can reach."""

    name: str
    """As LiteLLM names it and as a model's prefix spells it: `openai`."""
    title: str
    """In words: "OpenAI"."""
    home: str | None = None
    """Its own base URL's origin, such as `https://api.openai.com`; None if each user has another one."""
    key_env: tuple[str, ...] = ()
    """The variables that usually hold its key, in order."""
    needs: tuple[str, ...] = ()
    """Fields of `[llm]` without which nothing can be sent, besides the model: ("base_url", "api_version")."""
    needs_key: bool = True
    """False for servers that take any key, and for providers that authenticate through the environment."""
    env_auth: tuple[str, ...] = ()
    """The variables of a provider that authenticates through the environment; the worker gets exactly these."""


def providers() -> Mapping[str, Provider]:
    """Every provider by name: those with a guide first, then the rest alphabetically."""
    raise NotImplementedError


def split_model(model: str) -> tuple[str, str]:
    """(provider, name) of a model as `[llm]` holds it; the provider is "" where neither prefix nor price list tells."""
    raise NotImplementedError


def join_model(provider: str, name: str) -> str:
    """The one `provider/model` that LiteLLM resolves, for a provider and a model as chosen in the form."""
    raise NotImplementedError


def provider_of(settings: LLM) -> Provider | None:
    """The provider that LiteLLM would send `settings` to; None where it can't be told."""
    raise NotImplementedError
