"""The screen's work with the key: looking for one, holding one, moving one, the keyring's password."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Final

from textual.worker import Worker

from tui.config.resolve import Resolved
from tui.config.secret import Secret
from tui.config.workspace import Workspace
from tui.screens.draft import Draft
from tui.screens.host import Host
from tui.screens.keys import Keys
from tui.screens.settings import SettingsPage
from tui.widgets.key_row import KeyState

_FIELDS: Final = ("model", "base_url", "custom_llm_provider", "api_key", "api_version")
"""Fields that decide which key is wanted."""
_TYPING_S: Final = 0.15
"""An address is typed letter by letter, and each letter makes it another server's: wait for the last."""
_UNLOCKING: Final = "The system asks for the keyring's password, for up to a minute. esc stops waiting."


class KeyController:
    """Looks for the key anew whenever something changes that decides which one is wanted."""

    def __init__(self, draft: Draft, keys: Keys, page: SettingsPage, host: Host, started: asyncio.Event) -> None:
        """`started` is set once whatever `keys` needs is imported."""
        self._draft = draft
        self._keys = keys
        self._page = page
        self._host = host
        self._started = started
        self._wanted: object = None
        self._unlocking: Worker[None] | None = None

    @property
    def unlocking(self) -> bool:
        """Whether the system is asking for the keyring's password."""
        return self._unlocking is not None

    @property
    def can_unlock(self) -> bool:
        """Whether the keyring is locked, as far as is known."""
        return self._page.key_row.state.can_unlock

    @property
    def waiting(self) -> str:
        """The place in words for which a typed key waits to be stored; "" if none does."""
        return self.waiting_for(self._resolved)

    @property
    def has_key(self) -> bool:
        """Whether any source has a key."""
        return self._page.key_row.state.kind != "none"

    def waiting_for(self, resolved: Mapping[str, Resolved]) -> str:
        """As `waiting`, for settings that are at hand."""
        return self._keys.waiting(resolved)

    def follow(self, resolved: Mapping[str, Resolved], *, typing: bool) -> None:
        """Look for the key, if another one is wanted than before; `typing`: more letters may come."""
        wanted = (self._workspace.profile, *(resolved[name].value for name in _FIELDS))
        if wanted != self._wanted:
            typing = typing and self._wanted is not None
            if self._wanted is None:
                self._page.show_key(KeyState())  # now: a moment later the screen would be laid out anew for it
            self._wanted = wanted
            self._host.start(partial(self._look, _TYPING_S if typing else 0), "key", exclusive=True)

    def changed(self) -> None:
        """Another key may be found now, for the same settings."""
        self._wanted = None
        self._host.refresh_form()

    def hold(self, secret: Secret) -> None:
        """Hold a typed key for this session."""
        if reason := self._keys.hold(self._resolved, secret):
            self._host.tell(reason, serious=True)
        self.changed()

    def forget(self) -> None:
        """Forget the key that the session holds; else take the one out of the file."""
        if not self._keys.forget(self._resolved):
            self._draft.put("api_key", None)
        self.changed()

    def move(self) -> None:
        """Put the key that stands in the file into the keyring; the next save takes it out of the file."""
        self._host.start(self._move, "move", exclusive=True)

    async def store(self) -> str:
        """Put the typed key into the keyring; gives the reason in words if it stays in the session, else ""."""
        return await self._keys.store(self._resolved)

    def unlock(self) -> None:
        """Have the system ask for the keyring's password."""
        if not self.unlocking:
            self._unlocking = self._host.start(self._unlock, "unlock")

    def stop_unlocking(self) -> bool:
        """Stop waiting for the password; whether there was something to stop."""
        if self._unlocking is None:
            return False
        self._unlocking.cancel()
        return True

    @property
    def _workspace(self) -> Workspace:
        return self._draft.workspace

    @property
    def _resolved(self) -> Mapping[str, Resolved]:
        return self._workspace.resolved()

    async def _look(self, wait_s: float) -> None:
        await asyncio.sleep(wait_s)
        if not self.unlocking:
            self._page.show_key(KeyState())
        await self._started.wait()
        state = await self._keys.look(self._resolved)
        if not self.unlocking:
            self._page.show_key(state)
        self._host.refresh_needs()
        self._host.refresh_help()

    async def _move(self) -> None:
        if reason := await self._keys.move(self._resolved):
            self._host.tell(reason, serious=True)
        else:
            self._draft.put("api_key", None)
            self._host.tell("The key is in the keyring. Save (^s) takes it out of the file.")
        self.changed()

    async def _unlock(self) -> None:
        self._page.show_key(KeyState(kind="unlocking", note=_UNLOCKING))
        self._host.refresh_help()
        self._host.refresh_bindings()
        try:
            reason = await self._keys.unlock()
            self._host.tell(reason or "The keyring is unlocked.", serious=bool(reason))
        finally:
            self._unlocking = None
            if self._host.is_attached:
                self.changed()
                self._host.refresh_bindings()
