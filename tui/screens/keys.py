"""What the screens ask of the vault, with every answer and every failure already in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Protocol

from tui.config.resolve import Resolved
from tui.config.secret import Secret
from tui.widgets.key_row import KeyState


class Keys(Protocol):
    """Keys for the settings that are shown. No call blocks the event loop; each one has a bound."""

    async def look(self, resolved: Mapping[str, Resolved]) -> KeyState:
        """Which key would go with a request now."""

    def hold(self, resolved: Mapping[str, Resolved], secret: Secret) -> str:
        """Hold a typed key for this session; gives the reason in words if it can't be held, else ""."""

    def waiting(self, resolved: Mapping[str, Resolved]) -> str:
        """The place in words for which a typed key waits to be stored; "" if none does."""

    async def store(self, resolved: Mapping[str, Resolved]) -> str:
        """Put the typed key into the keyring; gives the reason in words if it stays in the session, else ""."""

    async def move(self, resolved: Mapping[str, Resolved]) -> str:
        """Put the file's key into the keyring; gives the reason in words if that failed, else ""."""

    async def unlock(self) -> str:
        """Have the system ask for the keyring's password, for a minute at most; the reason in words if it stays shut.

        Keys that were kept for this session because it was locked wait to be stored again.
        """

    def forget(self, resolved: Mapping[str, Resolved]) -> bool:
        """Forget the key that the session holds; whether there was one."""


class LateKeys:
    """`Keys` that are made when first needed: whatever holds them takes longer to import than the first paint may."""

    def __init__(self, make: Callable[[], Keys]) -> None:
        self._make = make

    @cached_property
    def _keys(self) -> Keys:
        return self._make()

    async def look(self, resolved: Mapping[str, Resolved]) -> KeyState:
        """Which key would go with a request now."""
        return await self._keys.look(resolved)

    def hold(self, resolved: Mapping[str, Resolved], secret: Secret) -> str:
        """Hold a typed key for this session."""
        return self._keys.hold(resolved, secret)

    def waiting(self, resolved: Mapping[str, Resolved]) -> str:
        """The place for which a typed key waits; none does before one was looked for or held."""
        return self._keys.waiting(resolved) if "_keys" in self.__dict__ else ""

    async def store(self, resolved: Mapping[str, Resolved]) -> str:
        """Put the typed key into the keyring."""
        return await self._keys.store(resolved)

    async def move(self, resolved: Mapping[str, Resolved]) -> str:
        """Put the file's key into the keyring."""
        return await self._keys.move(resolved)

    async def unlock(self) -> str:
        """Have the system ask for the keyring's password."""
        return await self._keys.unlock()

    def forget(self, resolved: Mapping[str, Resolved]) -> bool:
        """Forget the key that the session holds."""
        return self._keys.forget(resolved)
