"""The providers: what each is called, where it lives, which variables hold its key, which fields it needs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from urllib.parse import urlsplit

from msgspec.structs import replace

from tui.config.schema import LLM
from tui.providers import installed
from tui.providers.builtin_providers import GUIDED, KNOWN, NO_CHAT
from tui.providers.pricemap import bare_names
from tui.providers.provider import Provider

__all__ = ["Provider", "as_litellm", "find", "join_model", "provider_of", "providers", "split_model", "typed_model"]


@cache
def providers() -> Mapping[str, Provider]:
    """Every provider by name: those with a guide first, then the rest alphabetically by title.

    Ours, and all others in the installed LiteLLM with which it can chat. Reads three of its files: about 5 ms, once.
    """
    names = installed.provider_names() - NO_CHAT
    compatible = installed.compatible()
    titles = installed.titles()
    rest = {**KNOWN}
    for name in sorted((names | compatible.keys()) - KNOWN.keys()):
        title = titles.get(name) or name.replace("_", " ").replace("-", " ").title()
        rest[name] = _from_data(name, title, compatible.get(name))
    guided = {provider.name: provider for provider in GUIDED}
    others = sorted((rest[name] for name in rest.keys() - guided.keys()), key=lambda item: item.title.casefold())
    return MappingProxyType(guided | {provider.name: provider for provider in others})


def _from_data(name: str, title: str, data: installed.Compatible | None) -> Provider:
    if data is None:
        return Provider(name=name, title=title)
    url = urlsplit(data.base_url)
    return Provider(name=name, title=title, home=f"{url.scheme}://{url.netloc}", key_env=(data.api_key_env,))


def find(name: str) -> Provider | None:
    """The provider of that name; None if there is none. Those that we declare cost no reading of files."""
    return KNOWN.get(name) or (providers().get(name) if name else None)


def split_model(model: str) -> tuple[str, str]:
    """(provider, name) of a model as `[llm]` holds it; the provider is "" where neither prefix nor price list tells.

    `openrouter/openrouter/auto` is ("openrouter", "openrouter/auto"). A name without prefix that LiteLLM finds by
    itself gets its provider: `gpt-4o` is ("openai", "gpt-4o").
    """
    prefix, slash, name = model.partition("/")
    if slash and name and find(prefix) is not None:
        return prefix, name
    if not model:
        return "", ""
    return bare_names().provider(model), model


def join_model(provider: str, name: str) -> str:
    """The one `provider/model` that LiteLLM resolves, for a provider and a name that belongs to it.

    The inverse of `split_model`. Text that a person typed goes through `typed_model` first.
    """
    return f"{provider}/{name}" if provider and name else name


def typed_model(provider: str, text: str) -> tuple[str, str]:
    """(provider, name) that are meant by `text` in the model field of a form that shows `provider`.

    A model of another provider typed in full switches the provider. Names of OpenRouter and its like start with other
    providers' names themselves, so there only its own prefix is taken off; `openrouter/auto`, which has no vendor
    behind the prefix, is a name of OpenRouter's own.
    """
    text = text.strip()
    prefix, slash, name = text.partition("/")
    if not slash or not name or find(prefix) is None:
        return provider, text
    if prefix == provider:
        return (provider, text) if provider == "openrouter" and "/" not in name else (prefix, name)
    current = find(provider)
    return (provider, text) if current is not None and current.nested else (prefix, name)


def as_litellm(settings: LLM) -> LLM:
    """`settings` as LiteLLM understands them: a provider of OpenHands' own under LiteLLM's name, at its address."""
    prefix, slash, name = settings.model.partition("/")
    provider = KNOWN.get(prefix) if slash and not settings.custom_llm_provider else None
    if provider is None or not provider.sent_as:
        return settings
    model = join_model(provider.sent_as, name)
    return replace(settings, model=model, base_url=settings.base_url or provider.base_url)


def provider_of(settings: LLM) -> Provider | None:
    """The provider that LiteLLM would send `settings` to; None where it can't be told."""
    return find(settings.custom_llm_provider or split_model(settings.model)[0])
