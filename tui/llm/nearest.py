"""The right names nearest to a model's name that its provider does not know."""

from __future__ import annotations

from urllib.parse import urlsplit

from tui.config.schema import LLM
from tui.providers.registry import find, join_model, split_model


def nearest_words(settings: LLM, provider: str = "") -> str:
    """A sentence, "The nearest in the catalogue: openai/gpt-4o."; "" where nothing is like it.

    Nor is there one where the catalogue can't tell what is served: a server of one's own serves what it likes, and a
    deployment has a name of its own. Takes about 10 ms for a name that is nobody's, and 25 ms more the first time.

    Args:
        settings: effective settings.
        provider: where they are sent to; "" if that can't be told, then every provider's models count.
    """
    from tui.providers.catalogue import catalogue  # noqa: PLC0415  # only a wrong name needs these
    from tui.providers.search import nearest  # noqa: PLC0415

    known = find(provider)
    if provider == "azure" or not at_home(settings, known.home if known else None):
        return ""
    pool = catalogue().of(provider) if provider else catalogue().models
    prefix, name = split_model(settings.model)
    wanted = join_model(provider, name if prefix == provider else settings.model)
    near = [model for model in nearest(wanted, (model.id for model in pool)) if model != settings.model]
    return f"The nearest in the catalogue: {', '.join(near)}." if near else ""


def at_home(settings: LLM, home: str | None) -> bool:
    """Whether requests go to the provider's own host, whose address is `home`; not where that is not known."""
    if not settings.base_url:
        return True
    return home is not None and urlsplit(settings.base_url).hostname == urlsplit(home).hostname
