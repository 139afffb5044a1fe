"""Where no key is needed, and why: a server on this machine, credentials from the environment, a sign-in."""

from __future__ import annotations

from collections.abc import Mapping

from tui.config.resolve import Resolved
from tui.local.pinned import BUILT_IN
from tui.providers.requirements import missing
from tui.request.prepare import checked_settings, known_provider, origin_of
from tui.usage.question import NotReadyError
from tui.vault.places import is_loopback


def why_keyless(resolved: Mapping[str, Resolved], env: Mapping[str, str]) -> str:
    """Why nothing has to be entered as a key, in a sentence or two; "" if one may be needed.

    Args:
        resolved: the settings with their origins.
        env: the app's environment, in which some providers look for their credentials.
    """
    try:
        settings = checked_settings(resolved)
        provider = known_provider(settings)
        origin = origin_of(settings, provider)
    except NotReadyError:
        return ""
    if origin is not None and is_loopback(origin):
        return f"Not needed: this {'model' if settings.model == BUILT_IN else 'server'} runs on your machine."
    if provider.sign_in:
        return f"Not needed: {provider.title} signs in through a web browser."
    if provider.env_auth and not provider.needs_key:
        lacks = [item.sentence for item in missing(settings, provider, has_key=True, env=env) if not item.blocks]
        return f"Not used: credentials come from the environment. {lacks[0] if lacks else ''}".rstrip()
    return "" if provider.needs_key else "Needed only if this server asks for one."
