"""What the server of the settings says it serves, asked in the background while a list is open."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, Protocol

import msgspec

from tui.config.resolve import Resolved
from tui.config.resolve import settings as settings_of
from tui.providers.registry import find
from tui.widgets.model_rows import Models

if TYPE_CHECKING:
    from tui.llm.events import Listed, ListFailed
    from tui.providers.catalogue import Model

_BOUND_S: Final = 20.0
_FRESH_S: Final = 60.0
"""So long an answer is not asked for again."""
_ASKED: Final = frozenset({"litellm_proxy", "openrouter"})
"""Providers that are asked without a base URL of one's own; so are those whose home is this machine."""


class Asked(Protocol):
    """What is needed of the backend."""

    async def models(self, resolved: Mapping[str, Resolved], provider: str = "") -> Listed | ListFailed:
        """Ask the endpoint; raises `NotReadyError` and `ApprovalNeededError`."""


class Live(msgspec.Struct, frozen=True, kw_only=True):
    """How the question ended."""

    provider: str
    base_url: str
    host: str = ""
    models: tuple[Model, ...] = ()
    news: str = ""
    """What the user should know: how many there are, or why there is no list and what to do."""


class Listing(Models, Protocol):
    """The catalogue, with room for what a server says above it."""

    def serve(self, live: Live | None) -> None:
        """Show these models above the others, or none."""


class LiveModels:
    """Asks, and remembers the last answer for a minute. No request goes out that would need a question first."""

    def __init__(self, backend: Asked, clock: Callable[[], float] = time.monotonic) -> None:
        self._backend = backend
        self._clock = clock
        self._last: Live | None = None
        self._at = 0.0

    def wanted(self, resolved: Mapping[str, Resolved], provider: str) -> str:
        """The host that would be asked; "" if there is none to ask, or it is the built-in model's."""
        from tui.local.pinned import BUILT_IN  # noqa: PLC0415
        from tui.request.prepare import origin_of  # noqa: PLC0415  # for when a list is opened
        from tui.usage.question import NotReadyError  # noqa: PLC0415  # for when a list is opened
        from tui.vault.places import shown_host  # noqa: PLC0415

        settings = settings_of(resolved)
        known = find(provider)
        own = bool(settings.base_url)
        if known is None or settings.model == BUILT_IN or not (own or provider in _ASKED or known.local):
            return ""
        try:
            origin = origin_of(settings, known)
        except NotReadyError:
            return ""
        return shown_host(origin) if origin else ""

    def known(self, resolved: Mapping[str, Resolved], provider: str) -> Live | None:
        """The last answer, if it is for these settings and fresh."""
        last = self._last
        same = last is not None and (last.provider, last.base_url) == (provider, _base_url(resolved))
        return last if same and self._clock() - self._at < _FRESH_S else None

    async def ask(self, resolved: Mapping[str, Resolved], provider: str) -> Live:
        """Ask the server; every failure is told in `news`."""
        host = self.wanted(resolved, provider)
        live = Live(provider=provider, base_url=_base_url(resolved), host=host)
        live = await self._asked(resolved, live)
        if live.models:  # a failure may be repaired a moment later
            self._last, self._at = live, self._clock()
        return live

    async def _asked(self, resolved: Mapping[str, Resolved], live: Live) -> Live:
        from tui.chat.live import live_models  # noqa: PLC0415
        from tui.llm.events import ListFailed  # noqa: PLC0415
        from tui.request.consent import ApprovalNeededError  # noqa: PLC0415  # as above
        from tui.usage.question import NotReadyError  # noqa: PLC0415

        try:
            async with asyncio.timeout(_BOUND_S):
                listed = await self._backend.models(resolved, live.provider)
        except ApprovalNeededError:
            return _with(live, f"{live.host} was not asked for its models: send a prompt first, it asks about the key.")
        except NotReadyError as error:
            return _with(live, f"{live.host} was not asked for its models. {error.message}")
        except TimeoutError:
            return _with(live, f"{live.host} did not list its models within {_BOUND_S:g} s; any name can be typed.")
        if isinstance(listed, ListFailed):
            return _with(live, listed.message)
        models = live_models(listed, live.provider)
        count = f"{live.host} ({listed.server}) serves {len(models):,} model{'' if len(models) == 1 else 's'}."
        return msgspec.structs.replace(live, models=models, news=f"{count} {listed.note}".rstrip())


def _with(live: Live, news: str) -> Live:
    return msgspec.structs.replace(live, news=news)


def _base_url(resolved: Mapping[str, Resolved]) -> str:
    return str(resolved["base_url"].value or "")
