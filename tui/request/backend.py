"""The one place where settings and a prompt become a request: what is missing, where it goes, which key goes along."""

from __future__ import annotations

import uuid
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Literal, Protocol, TypeAlias

import msgspec

from tui.config.resolve import Resolved
from tui.config.schema import LLM
from tui.config.secret import Secret
from tui.llm.events import Ask, Cause, Listed, ListFailed, ListModels, Message, Tool, TurnEvent
from tui.local.errors import FetchError, LocalError
from tui.providers.registry import Provider, join_model
from tui.providers.requirements import env_for
from tui.request.consent import ApprovalNeededError
from tui.request.key import Keys, key_for, wanted_at
from tui.request.prepare import checked_settings, needs_key, origin_of, place_at, ready_provider
from tui.usage.accounting import Books
from tui.usage.ledger import Purpose
from tui.usage.prepared import Prepared
from tui.usage.price import Load
from tui.usage.question import NeedsYesError, NotReadyError, SpendingError
from tui.vault.places import is_loopback

__all__ = ["Backend", "Progress", "new_turn_id"]

Progress: TypeAlias = Callable[[str, float | None], None]
"""Told what is being done ("fetching the built-in model 34 of 93 MB") and how much of it, 0 to 1, if that is known."""


class Models(Protocol):
    """What is needed of the built-in model."""

    def wants(self, settings: LLM) -> bool: ...
    async def ensure(self, settings: LLM, progress: Callable[[int, int], None]) -> None: ...


class Worker(Protocol):
    """What is needed of the engine."""

    @property
    def ready(self) -> bool: ...
    def turn(self, ask: Ask, provider_env: Mapping[str, str] | None = None) -> AsyncGenerator[TurnEvent, None]: ...
    async def models(self, request: ListModels) -> Listed | ListFailed: ...
    def retry_now(self, turn_id: str) -> None: ...
    def cancel(self, turn_id: str) -> None: ...


class Backend:
    """Prepares requests and hands them to the worker."""

    def __init__(
        self, vault: Keys, local: Models, engine: Worker, env: Mapping[str, str], books: Books | None = None
    ) -> None:
        """`env` is the app's environment, from which a provider gets its own variables and no others.

        Without `books` nothing is recorded, and there is no spending limit.
        """
        self._vault = vault
        self._local = local
        self._engine = engine
        self._env = env
        self._books = books

    @property
    def ready(self) -> bool:
        """Whether the worker can send at once; if not, the first turn waits for it."""
        return self._engine.ready

    async def prepare(
        self,
        resolved: Mapping[str, Resolved],
        progress: Progress = lambda _words, _fraction: None,
        *,
        approved: NeedsYesError | None = None,
        load: Load | None = None,
    ) -> Prepared:
        """Everything that has to be true before a request; starts the built-in model where its address is chosen.

        Args:
            resolved: the settings with their origins.
            progress: told of waits that take a while.
            approved: a question of an earlier call to which the user said yes; it holds for that key and place only.
            load: how much will be sent; None if nothing will be that costs anything.

        Raises:
            NotReadyError: something is missing or wrong.
            ApprovalNeededError: the key may not go there before the user has said so.
            SpendingError: it may pass a spending limit, or nobody knows its price. Give `approve` the yes.
        """
        settings = checked_settings(resolved)
        provider = await ready_provider(settings, self._env)
        origin = origin_of(settings, provider)
        near = origin is not None and is_loopback(origin)
        if self._local.wants(settings):
            await self._start_local(settings, progress)
            key = None
        else:
            required = needs_key(settings, provider, self._env) and not near
            key = await self._key(resolved, provider, origin, approved, required=required)
        prepared = Prepared(
            settings=msgspec.structs.replace(settings, api_key=None),
            provider=provider,
            origin=origin,
            key=key,
            local=near,
            env=env_for(provider, self._env),
        )
        if self._books is not None and load is not None:
            await self._books.check(prepared, load)
        return prepared

    async def approve(self, needed: NeedsYesError) -> None:
        """The user said yes: remember it, so that the question does not come again."""
        if isinstance(needed, ApprovalNeededError):
            await self._vault.approve(needed.found, needed.wanted)
        elif isinstance(needed, SpendingError) and self._books is not None:
            self._books.allow(needed)

    def turn(
        self,
        prepared: Prepared,
        messages: tuple[Message, ...],
        *,
        turn_id: str | None = None,
        max_tokens: int | None = None,
        stream: bool = True,
        response_format: Literal["", "json"] = "",
        tools: tuple[Tool, ...] = (),
        purpose: Purpose = "chat",
    ) -> AsyncGenerator[TurnEvent, None]:
        """The events of one turn, which goes into the books; consume them inside `aclosing`. See `Engine.turn`."""
        ask = Ask(
            id=turn_id or new_turn_id(),
            settings=prepared.settings,
            key=prepared.key,
            origin=prepared.origin,
            messages=messages,
            max_tokens=max_tokens,
            stream=stream,
            response_format=response_format,
            tools=tools,
        )
        events = self._engine.turn(ask, prepared.env)
        if self._books is None:
            return events
        return self._books.follow(prepared, ask, purpose, events, lambda: self._engine.cancel(ask.id))

    async def models(
        self,
        resolved: Mapping[str, Resolved],
        provider: str = "",
        *,
        progress: Progress = lambda _words, _fraction: None,
        approved: NeedsYesError | None = None,
    ) -> Listed | ListFailed:
        """The models that the endpoint of these settings serves, asked for now; the key's rules are those of `prepare`.

        Starts the built-in model where its address is chosen. Takes up to 30 s; cancelling the call ends the question.

        Args:
            resolved: the settings with their origins.
            provider: the provider whose models are wanted, where the settings have no model of it yet; "" for theirs.
            progress: told of waits that take a while.
            approved: as in `prepare`.

        Raises:
            NotReadyError: something other than the model is missing or wrong.
            ApprovalNeededError: the key may not go there before the user has said so.
        """
        prepared = await self.prepare(_for_any_model(resolved, provider), progress, approved=approved)
        request = ListModels(
            id=new_turn_id(), provider=prepared.provider.name, settings=prepared.settings, key=prepared.key
        )
        return await self._engine.models(request)

    def retry_now(self, turn_id: str) -> None:
        """End the wait before the turn's next attempt."""
        self._engine.retry_now(turn_id)

    def cancel(self, turn_id: str) -> None:
        """End the turn; its events end with `Cancelled`."""
        self._engine.cancel(turn_id)

    async def _start_local(self, settings: LLM, progress: Progress) -> None:
        def fetched(so_far: int, whole: int) -> None:
            share = so_far / whole if whole else None
            progress(f"fetching the built-in model {_mb(so_far)} of {_mb(whole)} MB", share)

        progress("starting the built-in model", None)
        try:
            await self._local.ensure(settings, fetched)
        except FetchError as error:
            cause: Cause = "settings" if error.on_this_machine else "network"
            raise NotReadyError(str(error), "base_url", cause) from error
        except LocalError as error:
            raise NotReadyError(str(error), "base_url", "server") from error

    async def _key(
        self,
        resolved: Mapping[str, Resolved],
        provider: Provider,
        origin: str | None,
        approved: NeedsYesError | None,
        *,
        required: bool,
    ) -> Secret | None:
        if origin is None and not required:
            return None
        wanted = wanted_at(resolved, provider, place_at(provider, origin))
        return await key_for(self._vault, wanted, approved, required=required)


def new_turn_id() -> str:
    """An id that no other turn has."""
    return uuid.uuid4().hex


def _for_any_model(resolved: Mapping[str, Resolved], provider: str) -> Mapping[str, Resolved]:
    """The settings with some model of `provider`, which is all that a list needs of it."""
    if not provider:
        return resolved
    own = {"model": join_model(provider, "any"), "custom_llm_provider": None}
    return {**resolved, **{name: msgspec.structs.replace(resolved[name], value=own[name], problem="") for name in own}}


def _mb(count: int) -> int:
    return round(count / 1_000_000)
