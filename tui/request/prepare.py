"""Whether settings can be sent at all, and where to: what is missing is said before anything leaves this machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from tui.config.resolve import Resolved
from tui.config.resolve import settings as settings_of
from tui.config.schema import FIELDS, LLM, InvalidValueError, ScreenName, checked
from tui.llm.nearest import nearest_words
from tui.providers.registry import Provider, provider_of
from tui.providers.requirements import Missing, missing, told
from tui.threads import aside
from tui.usage.question import NotReadyError
from tui.vault.places import BadURLError, Place, canonical_origin

_SCREENS: Final[Mapping[ScreenName, str]] = {"settings": "Settings (F2)", "advanced": "Advanced (F3)"}
_DISK_S: Final = 10.0
_DECIDING: Final = ("model", "api_key", "base_url", "api_version", "custom_llm_provider")
"""Fields that decide who gets the request: a source of theirs that was passed over is not quietly replaced."""


def screen_of(field: str) -> str:
    """The screen that shows the field, with its key: "Settings (F2)"."""
    return _SCREENS[FIELDS[field].screen]


def checked_settings(resolved: Mapping[str, Resolved]) -> LLM:
    """The settings to send; blank text counts as unset.

    Raises:
        NotReadyError: a value does not fit its field, the model is missing, or a source that decides where the
            request goes could not be used.
    """
    for name, item in resolved.items():
        if item.problem and (name in _DECIDING or not _fits(item)):
            raise NotReadyError(f"{item.problem} Change it in {screen_of(name)}.", name)
    settings = settings_of(resolved)
    blank = {name: None for name, field in FIELDS.items() if field.optional and getattr(settings, name) == ""}
    settings = msgspec.structs.replace(settings, **blank)
    if not settings.model.strip():
        raise NotReadyError(f"No model is chosen. Choose one in {screen_of('model')}.", "model")
    return settings


def known_provider(settings: LLM) -> Provider:
    """The provider that the settings name.

    Raises:
        NotReadyError: it can't be told.
    """
    provider = provider_of(settings)
    if provider is None:
        _refuse(None, missing(settings, None, has_key=True, env={}))
        raise NotReadyError(f"No provider serves this model. Choose one in {screen_of('model')}.", "model")
    return provider


async def ready_provider(settings: LLM, env: Mapping[str, str]) -> Provider:
    """The provider of settings that are about to be sent, which lack nothing but, perhaps, a key.

    A model's name that no provider has gets the nearest right ones. Which providers there are is read from LiteLLM's
    files, so this is done beside the event loop.

    Raises:
        NotReadyError: the provider can't be told, something is missing, or the disk does not answer.
    """

    def look() -> Provider:
        try:
            provider = known_provider(settings)
        except NotReadyError as error:
            near = nearest_words(settings) if error.field == "model" else ""
            raise NotReadyError(f"{error.message} {near}".rstrip(), error.field, error.cause) from error
        check_complete(settings, provider, env)
        return provider

    try:
        return await aside(look, _DISK_S)
    except OSError as error:
        reason = error.strerror or "it can't be read"
        raise NotReadyError(f"LiteLLM's list of providers: {reason}. Check the disk, then send again.") from error


def check_complete(settings: LLM, provider: Provider, env: Mapping[str, str]) -> None:
    """Return if the provider has all it needs but, perhaps, a key.

    Raises:
        NotReadyError: a field is empty, a package is not installed, or a variable is not set.
    """
    _refuse(provider, missing(settings, provider, has_key=True, env=env))


def needs_key(settings: LLM, provider: Provider, env: Mapping[str, str]) -> bool:
    """Whether nothing can be sent without a key."""
    return any(item.name == "api_key" for item in missing(settings, provider, has_key=False, env=env))


def origin_of(settings: LLM, provider: Provider) -> str | None:
    """The canonical origin that the request goes to; None where only the provider's own library knows it.

    Raises:
        NotReadyError: the base URL can't be used.
    """
    if settings.base_url is None:
        return provider.home and canonical_origin(provider.home)
    try:
        return canonical_origin(settings.base_url)
    except BadURLError as error:
        raise NotReadyError(f"{error} The field is Base URL in {screen_of('base_url')}.", "base_url") from error


def place_of(settings: LLM) -> Place:
    """The place to which a key for these settings belongs.

    Raises:
        NotReadyError: the provider or its address can't be told.
    """
    provider = known_provider(settings)
    return place_at(provider, origin_of(settings, provider))


def place_at(provider: Provider, origin: str | None) -> Place:
    """The provider's key's place; raises `NotReadyError` where it has no address to bind a key to."""
    if origin is None:
        raise NotReadyError(
            f"{provider.title} has no fixed address that a key could belong to. Enter its Base URL in "
            f"{screen_of('base_url')}.",
            "base_url",
        )
    return Place(provider.name, origin)


def _refuse(provider: Provider | None, lacks: Sequence[Missing]) -> None:
    blocking = [item for item in lacks if item.blocks]
    if blocking:
        name = blocking[0].name
        raise NotReadyError(told(provider, blocking), name if name in FIELDS else "")


def _fits(item: Resolved) -> bool:
    if item.value is None:
        return item.field.optional
    try:
        checked(item.field, item.value)
    except InvalidValueError:
        return False
    return True
