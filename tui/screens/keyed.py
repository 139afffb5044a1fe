"""The screen's work with the key: looking for one, taking one, the keyring's password, and what esc stops."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

from textual import on, work
from textual.worker import Worker

from tui.config.resolve import Resolved
from tui.config.secret import Secret
from tui.config.workspace import Workspace
from tui.screens.services import Services
from tui.screens.shell import Shell
from tui.widgets.key_row import KeyRow, KeyState
from tui.widgets.line_input import LineInput

_FIELDS: Final = ("model", "base_url", "custom_llm_provider", "api_key", "api_version")
"""Fields that decide which key is wanted."""
_TYPING_S: Final = 0.15
"""An address is typed letter by letter, and each letter makes it another server's: wait for the last."""
_UNLOCKING: Final = "The system asks for the keyring's password, for up to a minute. esc stops waiting."


class KeyedScreen(Shell):
    """Asks for the key anew whenever something changes that decides which one is wanted."""

    def __init__(self, workspace: Workspace, services: Services) -> None:
        super().__init__(workspace, services)
        self._key_wanted: object = None
        self._unlocking: Worker[None] | None = None

    def follow_key(self, resolved: Mapping[str, Resolved]) -> None:
        """Look for the key, if another one is wanted for these settings than before."""
        wanted = (self.workspace.profile, *(resolved[name].value for name in _FIELDS))
        if wanted != self._key_wanted:
            typing = self._key_wanted is not None and isinstance(self.focused, LineInput)
            if self._key_wanted is None:
                self._settings.show_key(KeyState())  # now: a moment later the screen would be laid out anew for it
            self._key_wanted = wanted
            self._look_for_key(_TYPING_S if typing else 0)

    @work(exclusive=True, group="key")
    async def _look_for_key(self, wait_s: float) -> None:
        await asyncio.sleep(wait_s)
        if not self._is_unlocking:
            self._settings.show_key(KeyState())
        await self._stands.wait()
        state = await self._services.keys.look(self.workspace.resolved())
        if not self._is_unlocking:
            self._settings.show_key(state)
        self._show_needs(self.workspace.resolved())
        self._show_help()

    @on(KeyRow.Given)
    def _key_given(self, event: KeyRow.Given) -> None:
        event.stop()
        self._hold_key(event.secret)

    def _hold_key(self, secret: Secret) -> None:
        if reason := self._services.keys.hold(self.workspace.resolved(), secret):
            self._say(reason, serious=True)
        self._key_changed()

    @on(KeyRow.ForgetAsked)
    def _key_forgotten(self, event: KeyRow.ForgetAsked) -> None:
        event.stop()
        if not self._services.keys.forget(self.workspace.resolved()):
            self.draft.put("api_key", None)
        self._key_changed()

    @on(KeyRow.MoveAsked)
    @work(exclusive=True, group="move")
    async def action_move_key(self) -> None:
        """Put the key that stands in the file into the keyring; the next save takes it out of the file."""
        if reason := await self._services.keys.move(self.workspace.resolved()):
            self._say(reason, serious=True)
        else:
            self.draft.put("api_key", None)
            self._say("The key is in the keyring. Save (^s) takes it out of the file.")
        self._key_changed()

    @on(KeyRow.UnlockAsked)
    def action_unlock(self) -> None:
        """Have the system ask for the keyring's password; esc stops waiting for it."""
        if not self._is_unlocking:
            self._unlocking = self._unlock()

    @work(group="unlock")
    async def _unlock(self) -> None:
        self._settings.show_key(KeyState(kind="unlocking", note=_UNLOCKING))
        self._show_help()
        self.refresh_bindings()
        try:
            reason = await self._services.keys.unlock()
            self._say(reason or "The keyring is unlocked.", serious=bool(reason))
        finally:
            self._unlocking = None
            if self.is_attached:
                self._key_changed()
                self.refresh_bindings()

    @property
    def _is_unlocking(self) -> bool:
        return self._unlocking is not None

    @property
    def can_unlock(self) -> bool:
        """Whether the keyring is locked, as far as is known."""
        return self._settings.key_row.state.can_unlock

    def _key_changed(self) -> None:
        self._key_wanted = None
        self.refresh_form()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Esc and ^r reach the chat from the form, while there is something for them to do."""
        match action:
            case "stop":
                return self._is_unlocking or (self._chat is not None and self._chat.busy)
            case "retry":
                return self._chat is not None and self._chat.can_retry
            case "tab":
                return all(self.has_page(str(name)) for name in parameters)
            case _:
                return super().check_action(action, parameters)

    async def action_stop(self) -> None:
        """Stop waiting for the keyring's password; else the chat's answer or wait."""
        if self._unlocking is not None:
            self._unlocking.cancel()
        elif self._chat is not None:
            await self._chat.action_stop()

    async def action_retry(self) -> None:
        """Send now what the chat waits to send, or what it could not get an answer to."""
        if self._chat is not None:
            await self._chat.action_retry()
