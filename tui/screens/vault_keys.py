"""The vault as the form sees it: a typed key waits in the session until a save puts it into the keyring."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from tui.config.resolve import Origin, Resolved
from tui.config.secret import Secret
from tui.threads import aside
from tui.usage.question import NotReadyError
from tui.vault.places import Place, shown_host
from tui.vault.trouble import KeyringError
from tui.vault.vault import FoundKey, Search, Vault, Wanted
from tui.widgets.key_row import KeyState


class VaultKeys:
    """Implements `Keys` over a `Vault`."""

    def __init__(
        self,
        vault: Vault,
        wanted: Callable[[Mapping[str, Resolved]], Wanted],
        keyless: Callable[[Mapping[str, Resolved]], str] = lambda _: "",
    ) -> None:
        """Keys are kept by `vault`.

        Args:
            vault: all keys of the user.
            wanted: what a request with these settings needs a key for; raises `NotReadyError`.
            keyless: why these settings need none, in words; "" if they may need one.
        """
        self._vault = vault
        self._wanted = wanted
        self._keyless = keyless
        self._waiting: dict[Place, Secret] = {}
        self._troubles: dict[Place, str] = {}
        self._locked = False  # as the keyring said the last time it was asked

    async def look(self, resolved: Mapping[str, Resolved]) -> KeyState:
        """Which key would go with a request now; every trouble is a note."""
        why_none = ""
        try:  # both read files: the price map for a name without provider, a package's place for some providers
            why_none = await aside(lambda: self._keyless(resolved), _BOUND_S)
            wanted = await aside(lambda: self._wanted(resolved), _BOUND_S)
        except NotReadyError as error:
            return _not_needed(why_none) if why_none else KeyState(kind="none", note=_first(error))
        except OSError:
            return KeyState(kind="none", note=_SLOW_DISK, serious=True)
        search = await self._vault.find(wanted)
        state = self._state(wanted, search, why_none)
        in_file = search.found is not None and search.found.source == "file"
        return _where(state, resolved["api_key"].origin) if in_file else state

    def hold(self, resolved: Mapping[str, Resolved], secret: Secret) -> str:
        """Hold the key in the session: a request can use it at once."""
        try:
            place = self._wanted(resolved).place
        except NotReadyError as error:
            return f"The key was not taken, because it is not known where it belongs. {error}"
        self._vault.keep_for_session(place, secret)
        self._waiting[place] = secret
        self._troubles.pop(place, None)
        return ""

    def waiting(self, resolved: Mapping[str, Resolved]) -> str:
        """The host for which a typed key waits."""
        if not self._waiting:
            return ""
        place = self._place(resolved)
        return shown_host(place.origin) if place in self._waiting else ""

    async def store(self, resolved: Mapping[str, Resolved]) -> str:
        """Put the waiting key into the keyring; if that fails it stays in the session, and the reason is kept."""
        place = self._place(resolved)
        secret = self._waiting.get(place) if place else None
        if place is None or secret is None:
            return ""
        reason = await self._keep(place, secret)
        del self._waiting[place]
        if reason:
            self._troubles[place] = reason
        return reason

    async def move(self, resolved: Mapping[str, Resolved]) -> str:
        """Put the key that the file holds into the keyring."""
        try:
            wanted = self._wanted(resolved)
        except NotReadyError as error:
            return str(error)
        if wanted.file_key is None:
            return "There is no key in the file."
        return await self._keep(wanted.place, wanted.file_key)

    def forget(self, resolved: Mapping[str, Resolved]) -> bool:
        """Forget the key that the session holds."""
        place = self._place(resolved)
        if place is None:
            return False
        self._waiting.pop(place, None)
        self._troubles.pop(place, None)
        return self._vault.session.delete(place)

    async def unlock(self) -> str:
        """Have the system ask for the keyring's password; then keys that it did not take wait to be stored."""
        try:
            await self._vault.store.unlock()
        except KeyringError as error:
            self._locked = error.can_unlock
            return str(error)
        self._locked = False
        for place in self._troubles:
            if secret := self._vault.session.get(place):
                self._waiting[place] = secret
        self._troubles.clear()
        return ""

    async def _keep(self, place: Place, secret: Secret) -> str:
        try:
            await self._vault.keep(place, secret)
        except KeyringError as error:
            self._locked = error.can_unlock
            return str(error)
        return ""

    def _place(self, resolved: Mapping[str, Resolved]) -> Place | None:
        try:
            return self._wanted(resolved).place
        except NotReadyError:
            return None

    def _state(self, wanted: Wanted, search: Search, why_none: str) -> KeyState:
        host, found, trouble = shown_host(wanted.place.origin), search.found, search.trouble
        if trouble is not None:
            self._locked = trouble.can_unlock
        elif found is None or found.source in ("keyring", "provider env"):  # then the keyring answered
            self._locked = False
        if why_none and (found is None or (found.source == "provider env" and found.question)):
            locked = trouble is not None and trouble.state == "locked"  # it may hold one for this server all the same
            return _not_needed(
                why_none, locked=locked
            )  # a far provider's variable is not sent to a server on this machine
        if found is not None:
            return self._found(wanted, found, host)
        note = str(trouble) if trouble else f"A key that you type is kept in the keyring, for {host}."
        note += _UNLOCKS if self._locked else ""
        serious = trouble is not None and trouble.state not in ("no bus", "no service")
        return KeyState(
            kind="none", origin="no key", host=host, note=note, serious=serious, can_unlock=self._locked,
        )  # fmt: skip

    def _found(self, wanted: Wanted, found: FoundKey, host: str) -> KeyState:
        origin = f"env {found.name}" if found.name else found.source
        note, serious = found.question and f"Before the first request: {found.question}", False
        if found.source == "file":
            note, serious = "It stands in the file, readable. ^k moves it to the keyring.", True
        if found.source == "session":
            trouble = self._troubles.get(wanted.place)
            note, serious = "Typed: ^s puts it into the keyring.", bool(trouble)
            if trouble:
                fact = trouble.partition(". ")[0].removesuffix(".")
                note = f"Kept for this session only. {fact}.{_UNLOCKS if self._locked else ''}"
        return KeyState(
            kind="found", origin=origin, host=host, note=note, serious=serious,
            can_move=found.source == "file", can_forget=found.source in ("session", "file"), can_unlock=self._locked,
        )  # fmt: skip


def _where(state: KeyState, origin: Origin) -> KeyState:
    """The state of a key in the file, with its line; one that a profile inherits is moved where it stands."""
    if origin.kind not in ("file", "profile"):
        return state
    state = msgspec.structs.replace(state, origin=str(origin))
    if not origin.inherited:
        return state
    note = "It stands in [llm], readable; this profile inherits it. Switch to default below to move it to the keyring."
    return msgspec.structs.replace(state, note=note, can_move=False, can_forget=False)


def _not_needed(why: str, *, locked: bool = False) -> KeyState:
    note = f"{why} The keyring is locked.{_UNLOCKS}" if locked else why
    return KeyState(kind="not needed", origin="not needed", note=note, can_unlock=locked)


def _first(error: NotReadyError) -> str:
    """What has to be done before there can be a key; the line below the form says how it is with the model."""
    return "Choose the provider and the model first." if error.field == "model" else str(error)


_BOUND_S = 10.0
_UNLOCKS = " ^k here unlocks it."
_SLOW_DISK = "The user's data directory did not answer in time. Try again."
