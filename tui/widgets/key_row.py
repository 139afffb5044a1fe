"""The row of the API key: takes a new one, says which one is in effect and where a new one will be kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import msgspec
from textual import events, on
from textual.binding import BindingType
from textual.message import Message

from tui.config.schema import Field
from tui.config.secret import Secret
from tui.text import visible_line
from tui.widgets.bindings import hidden
from tui.widgets.row import Help, Row
from tui.widgets.secret_input import SecretInput


class KeyState(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the key for the settings that are shown."""

    kind: Literal["looking", "found", "none", "not needed", "unlocking"] = "looking"
    origin: str = ""
    """Where it comes from, as origins are shown: `keyring`, `env LLM_API_KEY`."""
    host: str = ""
    """Where it goes: `api.anthropic.com`; empty if that is not known yet."""
    note: str = ""
    """What the user should know, in a sentence or two."""
    serious: bool = False
    """Whether the note is a problem."""
    can_move: bool = False
    """Whether the key stands in the file and could be in the keyring."""
    can_forget: bool = False
    can_unlock: bool = False
    """Whether the keyring is locked, and could be asked for its password."""


class KeyRow(Row):
    """Never holds a key longer than it takes to hand it up."""

    BINDINGS: ClassVar[list[BindingType]] = [
        hidden("ctrl+k", "keyring", "key.keyring", "Unlock the keyring, or move the key from the file to it"),
        hidden(
            "ctrl+o,ctrl+l",
            "forget",
            "key.forget",
            "Forget the key that this session holds, or take it out of the file",
        ),
    ]

    @dataclass
    class Given(Message):
        """The user gave a key."""

        secret: Secret

    @dataclass
    class MoveAsked(Message):
        """The key in the file should go to the keyring."""

    @dataclass
    class UnlockAsked(Message):
        """The keyring should ask for its password."""

    @dataclass
    class ForgetAsked(Message):
        """The key should be forgotten."""

    def __init__(self, field: Field) -> None:
        self.field = field
        self.state = KeyState()
        self.needed_by = ""
        self._input = SecretInput()
        super().__init__(field.title, self._input, id="key")

    def show(self, state: KeyState) -> None:
        """Show what is known now."""
        self.state = state
        self._input.set_class(state.kind != "found", "-empty")
        goes = f" for {visible_line(state.host)}" if state.host else ""
        self._input.placeholder = {
            "looking": f"looking for a key{goes} …",
            "found": f"••••••••{goes}",
            "none": f"type or paste one{goes}",
            "not needed": "none: type one only if it is asked for",
            "unlocking": "waiting for the keyring's password prompt …",
        }[state.kind]
        self._mark()

    def need(self, by: str) -> None:
        """Mark the key as needed by this provider, in words; "" takes the mark away."""
        if by != self.needed_by:
            self.needed_by = by
            self._mark()

    def _mark(self) -> None:
        lacks = self.state.kind == "none" and bool(self.needed_by)
        self.set_class(self.state.serious or lacks, "-shadowed")
        self.say_origin(f"needed: {self.state.origin or 'no key'}" if lacks else self.state.origin)

    @property
    def help(self) -> Help:
        """Which key, where it goes, what can be done."""
        state = self.state
        keys = [("^k", "unlock the keyring")] if state.can_unlock else []
        keys += [("^k", "move it to the keyring")] if state.can_move and not state.can_unlock else []
        keys += [("^l", "forget it")] if state.can_forget else []
        keys += [("esc", "stop waiting")] if state.kind == "unlocking" else []
        needed = (f"needed by {self.needed_by}",) if self.needed_by else ()
        return Help(
            self.field.name,
            ("secret", self.field.env_name, *needed),
            f"{self.field.help} A key is shown nowhere, and sent only to {state.host or 'its provider'}.",
            keys=tuple(keys),
        )

    def action_keyring(self) -> None:
        """Ask for what can be done with the keyring: it has to be open before a key can move into it."""
        if self.state.can_unlock:
            self.post_message(self.UnlockAsked())
        elif self.state.can_move:
            self.post_message(self.MoveAsked())

    def action_forget(self) -> None:
        """Ask to forget the key."""
        if self._input.take() is None and self.state.can_forget:
            self.post_message(self.ForgetAsked())

    def take(self) -> Secret | None:
        """What was typed and not entered yet, once."""
        return self._input.take()

    def on_descendant_blur(self, _event: events.DescendantBlur) -> None:
        """Leaving the field takes what was typed."""
        if (typed := self.take()) is not None:
            self.post_message(self.Given(typed))

    @on(SecretInput.Submitted)
    def _entered(self, event: SecretInput.Submitted) -> None:
        event.stop()
        if event.secret is not None:
            self.post_message(self.Given(event.secret))
