"""Which key goes with a request: the order in which sources are asked, and whether the one found may go there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Literal, Protocol, TypeAlias, TypeVar

import msgspec

from tui.config.secret import Secret
from tui.threads import aside
from tui.vault.approvals import Approval, Approvals
from tui.vault.index import Index
from tui.vault.places import Place, is_loopback, is_plain_http, shown_host
from tui.vault.session import SessionStore
from tui.vault.trouble import KeyringError, KeyringFailedError, KeyringTimeoutError

T = TypeVar("T")

KeySource: TypeAlias = Literal["session", "env", "file", "keyring", "provider env"]
BaseURLSource: TypeAlias = Literal["default", "file", "env", "edited"]
Where: TypeAlias = Literal["session", "keyring"]

_DISK_S: Final = 3.0
"""How long the user's data directory may take to answer."""

_ADDRESS: Final[Mapping[BaseURLSource, str]] = {
    "default": "the provider's settings",
    "file": "the file",
    "env": "LLM_BASE_URL",
    "edited": "the draft",
}
"""Where a base URL comes from, in words."""


class Store(Protocol):
    """What the vault needs of a keyring; `KeyringStore` is the real one. All raise `KeyringError`, but `state`."""

    async def get(self, place: Place) -> Secret | None:
        """The key for the place, or None."""

    async def set(self, place: Place, secret: Secret) -> None:
        """Store the key for the place."""

    async def delete(self, place: Place) -> bool:
        """Remove the key for the place; whether there was one."""

    async def unlock(self) -> None:
        """Have the system ask for the keyring's password."""

    async def state(self) -> KeyringError | None:
        """Why the keyring can't be used now, or None if it can."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What a request needs a key for, and what the configuration already holds."""

    place: Place
    """The provider and the origin that the request goes to."""
    title: str
    """The provider in words: "OpenAI"."""
    home: str | None
    """The provider's own canonical origin; None if it has none (a proxy, Azure, a local server)."""
    base_url_from: BaseURLSource
    """Which source gave the base URL; `default` if none did."""
    env_names: tuple[str, ...] = ()
    """The provider's usual variables, in order: OPENAI_API_KEY."""
    env_key: Secret | None = None
    """`LLM_API_KEY`, where it counts."""
    file_key: Secret | None = None
    """`api_key` in the file (the table that is shown, or the one it inherits)."""
    file_key_edited: bool = False
    """Whether that key is an edit which has not been saved to the file yet."""


class FoundKey(msgspec.Struct, frozen=True, kw_only=True):
    """The first key found."""

    secret: Secret
    source: KeySource
    name: str = ""
    """The environment variable it came from, if it did."""
    question: str = ""
    """Empty if the key may go to the place; else what the user has to be asked once, before anything is sent."""


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """How the search for a key ended."""

    found: FoundKey | None = None
    trouble: KeyringError | None = None
    """Why the keyring could not be asked, if it was its turn: a key of its own may be hidden behind this one."""


class Stored(msgspec.Struct, frozen=True, order=True):
    """A place that a key is stored for."""

    place: Place
    where: Where


class Vault:
    """All keys of this user, and where each may go."""

    def __init__(
        self, store: Store, session: SessionStore, approvals: Approvals, index: Index, env: Mapping[str, str]
    ) -> None:
        """`env` is read for the providers' usual variables only."""
        self.store = store
        self.session = session
        self.approvals = approvals
        self.index = index
        self._env = env
        self._disk_problem = ""

    @property
    def problem(self) -> str:
        """What went wrong with the files of the user's data directory, if anything; nothing there is fatal."""
        return self._disk_problem or self.approvals.problem or self.index.problem

    async def find(self, wanted: Wanted) -> Search:
        """The first key, in the order: session, LLM_API_KEY, file, keyring, the provider's usual variable.

        A keyring that fails hides no later source; `Search.trouble` tells of it.
        """
        if secret := self.session.get(wanted.place):
            return await self._ended(wanted, FoundKey(secret=secret, source="session"))
        if wanted.env_key:
            return await self._ended(wanted, FoundKey(secret=wanted.env_key, source="env", name="LLM_API_KEY"))
        if wanted.file_key:
            return await self._ended(wanted, FoundKey(secret=wanted.file_key, source="file"))
        trouble = None
        try:
            if secret := await self.store.get(wanted.place):
                await self._disk(lambda: self.index.add(wanted.place))  # another program may have put it there
                return await self._ended(wanted, FoundKey(secret=secret, source="keyring"))
        except KeyringError as error:
            trouble = error
        for name in wanted.env_names:
            if self._env.get(name):
                found = FoundKey(secret=Secret(self._env[name]), source="provider env", name=name)
                return await self._ended(wanted, found, trouble)
        return Search(trouble=trouble)

    async def approve(self, found: FoundKey, wanted: Wanted) -> None:
        """The user said yes to `found.question`: remember it for this source and place."""
        await self._disk(lambda: self.approvals.add(found.source, wanted.place))

    async def approved(self) -> tuple[Approval, ...]:
        """The remembered answers."""
        return await self._disk(self.approvals.all) or ()

    async def revoke(self, approval: Approval) -> bool:
        """Forget an answer, so that the question comes again; whether there was one."""
        return await self._disk(lambda: self.approvals.revoke(approval)) is True

    async def keep(self, place: Place, secret: Secret) -> None:
        """Store the key in the keyring and read it back, so that the caller may then remove other copies.

        Raises `KeyringError`: the key may or may not be stored, so other copies must stay.
        """
        try:
            await self.store.set(place, secret)
            if await self.store.get(place) != secret:
                raise KeyringFailedError("it did not give back the key that it was given")
        except KeyringTimeoutError:
            await self._disk(lambda: self.index.add(place))  # it may yet be stored: better listed than forgotten
            raise
        self.session.delete(place)  # it would come before the new one
        await self._disk(lambda: self.index.add(place))

    def keep_for_session(self, place: Place, secret: Secret) -> None:
        """Hold the key in memory until the process ends."""
        self.session.set(place, secret)

    async def forget(self, place: Place) -> tuple[Where, ...]:
        """Remove the key from memory and from the keyring; where there was one.

        Raises `KeyringError` if the keyring may hold a key that it does not let go.
        """
        in_session = self.session.delete(place)
        listed = place in (await self._disk(self.index.all) or ())
        if in_session and not listed:
            return ("session",)
        in_keyring = await self.store.delete(place)
        await self._disk(lambda: self.index.discard(place))
        return (*(("session",) if in_session else ()), *(("keyring",) if in_keyring else ()))

    async def places(self) -> tuple[Stored, ...]:
        """Every place that a key is stored for, by place. Does not ask the keyring."""
        in_keyring = [Stored(place, "keyring") for place in (await self._disk(self.index.all) or ())]
        return tuple(sorted(in_keyring + [Stored(place, "session") for place in self.session.places()]))

    async def _ended(self, wanted: Wanted, found: FoundKey, trouble: KeyringError | None = None) -> Search:
        question = _question(wanted, found)
        if question:
            approved = await self._disk(lambda: self.approvals.holds(found.source, wanted.place))
            found = msgspec.structs.replace(found, question="" if approved else question)
        return Search(found=found, trouble=trouble)

    async def _disk(self, work: Callable[[], T]) -> T | None:
        """What `work` gives, or None if the disk does not answer: that is told, and ends nothing."""
        try:
            result = await aside(work, _DISK_S)
        except OSError as error:
            self._disk_problem = f"The user's data directory can't be used: {error.strerror}. Check that disk."
            return None
        self._disk_problem = ""
        return result


def _question(wanted: Wanted, found: FoundKey) -> str:
    """What to ask before the key travels; empty if it came with the origin and nobody can read it on the way."""
    origin = wanted.place.origin
    send = f"Send your {wanted.title} key to {shown_host(origin)}"
    if is_plain_http(origin) and not is_loopback(origin):
        return f"{send} without encryption? Anyone on the way can read it; https:// would hide it."
    if _belongs(wanted, found.source):
        return ""
    source = found.name or ("your edit" if wanted.file_key_edited else "the file")
    return f"{send}? The key comes from {source}, the address from {_ADDRESS[wanted.base_url_from]}."


def _belongs(wanted: Wanted, source: KeySource) -> bool:
    """Whether the key came with the origin: by its own place, by its provider's home, or from one source with it."""
    return (
        source in {"session", "keyring"}  # looked up by place
        or wanted.place.origin == wanted.home
        or (source in {"env", "file"} and source == wanted.base_url_from)
    )
