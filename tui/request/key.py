"""Which key goes along with a request, if any: looked for where its address needs one, and only where it may go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

from tui.config.resolve import OriginKind, Resolved
from tui.config.secret import Secret
from tui.providers.registry import Provider
from tui.request.consent import ApprovalNeededError
from tui.request.prepare import checked_settings, known_provider, origin_of, place_at
from tui.usage.question import NeedsYesError, NotReadyError
from tui.vault.places import Place, is_loopback
from tui.vault.vault import BaseURLSource, FoundKey, Search, Wanted

_BASE_URL_FROM: Final[Mapping[OriginKind, BaseURLSource]] = {
    "default": "default",
    "file": "file",
    "profile": "file",
    "env": "env",
    "edited": "edited",
}


class Keys(Protocol):
    """What is needed of the vault."""

    async def find(self, wanted: Wanted) -> Search:
        """The key for this, perhaps with a question, or what was in the way."""
        ...

    async def approve(self, found: FoundKey, wanted: Wanted) -> None:
        """From now on there is no question about it."""
        ...


def wanted_key(resolved: Mapping[str, Resolved]) -> Wanted:
    """What a request with these settings needs a key for, as the form asks before there is any request.

    Raises:
        NotReadyError: the settings do not say yet where a key would go.
    """
    settings = checked_settings(resolved)
    provider = known_provider(settings)
    return wanted_at(resolved, provider, place_at(provider, origin_of(settings, provider)))


def wanted_at(resolved: Mapping[str, Resolved], provider: Provider, place: Place) -> Wanted:
    """What a request to this place needs a key for."""
    base_url, api_key = resolved["base_url"], resolved["api_key"]
    secret = api_key.value if isinstance(api_key.value, Secret) and api_key.value else None
    return Wanted(
        place=place,
        title=provider.title,
        home=provider.home,
        base_url_from=_BASE_URL_FROM.get(base_url.origin.kind, "file") if base_url.value else "default",
        env_names=provider.key_env,
        env_key=secret if api_key.origin.kind == "env" else None,
        file_key=secret if api_key.origin.kind in ("file", "profile", "edited") else None,
        file_key_edited=api_key.origin.kind == "edited",
    )


async def key_for(vault: Keys, wanted: Wanted, approved: NeedsYesError | None, *, required: bool) -> Secret | None:
    """The key that goes along; None if there is none and none is `required`, or if it has no business there.

    Raises:
        NotReadyError: a key is required, and there is none.
        ApprovalNeededError: it may not go there before the user has said so, and `approved` is no yes to that.
    """
    search = await vault.find(wanted)
    found = search.found
    if found is None:
        if required:
            raise _no_key(wanted, str(search.trouble or ""))
        return None
    agreed = isinstance(approved, ApprovalNeededError) and (found, wanted) == (approved.found, approved.wanted)
    if not found.question or agreed:
        return found.secret
    if _meant_for_home(found, wanted):
        return None
    raise ApprovalNeededError(found, wanted, found.question)


def _meant_for_home(found: FoundKey, wanted: Wanted) -> bool:
    """Whether it is the variable of a far provider, such as OPENAI_API_KEY, and the server is on this machine."""
    return found.source == "provider env" and wanted.home is not None and is_loopback(wanted.place.origin)


def _no_key(wanted: Wanted, trouble: str) -> NotReadyError:
    variable = f", or set {wanted.env_names[0]}" if wanted.env_names else ""
    message = f"No key for {wanted.title}: enter one in Settings (F2){variable}."
    return NotReadyError(f"{message} {trouble}".rstrip(), "api_key", "key")
