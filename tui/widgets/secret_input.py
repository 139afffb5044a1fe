"""A field for a key: takes typing and pasting, never gives anything back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from tui.config.secret import Secret
from tui.widgets.bindings import hidden

_MOST_BULLETS: Final = 8
"""More than this are not shown, so that the screen does not tell how long a key is."""


class SecretInput(Widget, can_focus=True):
    """Shows bullets while a key is typed. There is no cursor, no selection and no copying."""

    DEFAULT_CSS = """
    SecretInput { width: 1fr; height: 1; text-wrap: nowrap; text-overflow: ellipsis; &:disabled { opacity: 60%; } }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        hidden("enter", "submit", "secret.submit", "Take the key that was typed"),
        hidden("backspace,delete", "erase", "secret.erase", "Take back the last character"),
        hidden("ctrl+u,ctrl+w", "erase_all", "secret.erase_all", "Take back all that was typed"),
        hidden("ctrl+c,super+c,ctrl+x", "refuse", "secret.refuse", "Keys are not copied"),
    ]

    placeholder: reactive[str] = reactive("")
    _count: reactive[int] = reactive(0)

    @dataclass
    class Changed(Message):
        """The user typed, pasted or erased; `typed` tells whether something is there."""

        secret_input: SecretInput
        typed: bool

        @property
        def control(self) -> SecretInput:
            """The widget that was used."""
            return self.secret_input

    @dataclass
    class Submitted(Message):
        """The user pressed enter; with nothing typed the secret is None."""

        secret_input: SecretInput
        secret: Secret | None

        @property
        def control(self) -> SecretInput:
            """The widget that was used."""
            return self.secret_input

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  # Textual's name
        super().__init__(id=id)
        self._typed = Secret("")

    def render(self) -> Content:
        """Bullets for what is typed, else the placeholder."""
        cursor = ("▏", "$primary") if self.has_focus else ""
        if self._count:
            return Content.assemble("•" * min(self._count, _MOST_BULLETS), cursor)
        return Content.assemble((self.placeholder, "$faint" if self.has_class("-empty") else ""))

    def take(self) -> Secret | None:
        """What was typed, once: the field is empty afterwards. None if nothing was."""
        typed = Secret(self._typed.reveal().strip())
        self._put(Secret(""))
        return typed or None

    def check_consume_key(self, key: str, character: str | None) -> bool:  # noqa: ARG002  # Textual's signature
        """Every printable key is text here."""
        return character is not None and character.isprintable()

    def on_key(self, event: events.Key) -> None:
        """Add a character."""
        if event.is_printable and event.character:
            event.stop()
            event.prevent_default()
            self._add(event.character)

    def on_paste(self, event: events.Paste) -> None:
        """Add the first line of what was pasted."""
        event.stop()
        event.prevent_default()
        self._add(event.text.strip().partition("\n")[0].strip())

    def action_erase(self) -> None:
        """Take back the last character."""
        self._put(Secret(self._typed.reveal()[:-1]))

    def action_erase_all(self) -> None:
        """Take back everything."""
        self._put(Secret(""))

    def action_submit(self) -> None:
        """Hand over what was typed."""
        self.post_message(self.Submitted(self, self.take()))

    def action_refuse(self) -> None:
        """Say why nothing was copied."""
        self.notify("A key is never copied out of this field.", markup=False)

    def _add(self, text: str) -> None:
        if text:
            self._put(Secret(self._typed.reveal() + text))

    def _put(self, typed: Secret) -> None:
        if typed != self._typed:
            self._typed = typed
            self._count = len(typed.reveal())
            self.post_message(self.Changed(self, bool(typed)))
