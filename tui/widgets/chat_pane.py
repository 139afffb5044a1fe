"""The chat: what a person can do with a conversation, by its keys."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Final

from textual import on, work
from textual.binding import Binding, BindingType
from textual.message import Message

from tui.chat.conversation import Conversation
from tui.clipboard import Clipboard
from tui.request.backend import Backend
from tui.widgets.bindings import hidden
from tui.widgets.conversation_pane import AskingPane
from tui.widgets.copying import copy
from tui.widgets.prompt import Prompt
from tui.widgets.shielded import shielded
from tui.widgets.turn_run import Settings

_EDITING: Final = "Enter sends it, and its answer and all that follows is replaced; esc leaves everything as it is."


class ChatPane(AskingPane):
    """Retry, ask anew, edit, clear, copy; what takes a dialog is asked of whoever can show one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "stop", "Stop", id="chat.stop", tooltip="Stop the answer or the wait; what came stays"),
        Binding("ctrl+r", "retry", "Retry", id="chat.retry", tooltip="Retry now, or send the last prompt again"),
        hidden("ctrl+n", "regenerate", "chat.regenerate", "Ask for another answer to the last prompt"),
        Binding("ctrl+l", "clear", "Clear", id="chat.clear", tooltip="Empty the conversation; stops an answer first"),
        Binding("ctrl+o", "copy", "Copy reply", id="chat.copy", tooltip="Copy the last reply"),
        hidden("ctrl+b", "want('code')", "chat.code", "Copy one block of code of the last reply"),
        hidden("ctrl+y", "want('menu')", "chat.menu", "Save or load the chat, system prompt, edit a prompt"),
        Binding("ctrl+t", "screen.tab('compare')", "Compare", id="chat.compare", tooltip="Ask several profiles"),
    ]  # fmt: skip

    @dataclass
    class Wanted(Message):
        """The user asked for something that takes a dialog."""

        what: str
        """"menu", "save", "load", "system", "edit" or "code"."""

    def __init__(
        self,
        backend: Backend,
        settings: Settings,
        *,
        clock: Callable[[], float] = time.monotonic,
        clipboard: Clipboard | None = None,
        id: str | None = None,  # noqa: A002  # Textual's name
    ) -> None:
        """As `AskingPane`; `clipboard` is the desktop's, which gets copies besides the terminal's."""
        super().__init__(backend, settings, clock=clock, id=id)
        self._clipboard = clipboard
        self._editing: int | None = None  # the place of the prompt that is being edited

    @property
    def can_retry(self) -> bool:
        """Whether a wait can be ended, or the last prompt has no complete answer."""
        return self._talk.unanswered is not None if self._under_way is None else self._under_way.retrying

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  # Textual's signature
        """Esc is ours only while there is something to stop."""
        return self.busy or self._editing is not None if action == "stop" else True

    def in_vain(self, action: str) -> bool:
        """Whether there is nothing to retry, to clear or to copy; the key then says so."""
        match action:
            case "retry":
                return not self.can_retry
            case "clear":
                return not self.busy and not self.conversation.turns
            case "copy":
                return not self.conversation.last_reply
            case _:
                return False

    def tell(self, system: str) -> None:
        """Set the system prompt; the next request carries it."""
        self._talk.tell(system)
        self.show_totals()

    def edit(self, at: int) -> None:
        """Put the prompt of turn `at` where it can be edited; sending it cuts the conversation there."""
        self._be_editing(at)
        self.prompt.put(self.conversation.turns[at].prompt)
        self.hint(_EDITING)
        self.focus_prompt()

    async def begin(self, prompt: str, at: int | None = None) -> None:
        """As `AskingPane.begin`; whatever is in the prompt is a new one from now on."""
        self._be_editing(None)
        await super().begin(prompt, at)

    async def restore(self, conversation: Conversation) -> None:
        """Go on with a conversation from a file, in place of this one."""
        self.prompt.remember(turn.prompt for turn in conversation.turns)
        await self._replace(lambda: self._talk.load(conversation))

    async def copy(self, text: str) -> None:
        """Put text on the clipboard, as far as the terminal and the desktop play along."""
        await copy(text, self, self._clipboard, self.hint)

    @on(Prompt.Submitted)
    async def _send(self, event: Prompt.Submitted) -> None:
        event.stop()
        if self.free():
            self.prompt.accept(event.text)
            await self.begin(event.text, self._editing)

    async def action_stop(self) -> None:
        """Stop the answer or the wait, a second time without asking the worker; else leave an edited prompt."""
        if self.busy:
            await self.stop()
        elif self._editing is not None:
            self._be_editing(None)
            self.prompt.clear()
            self.hint("")

    async def action_retry(self) -> None:
        """Send now what waits to be retried; else send the last prompt again if its answer is not complete."""
        if self._under_way is not None:
            self._under_way.retry_now()
        elif (again := self._talk.unanswered) is not None:
            await self.begin(*again)
        elif self._talk.last is not None:
            self.hint("There is nothing to retry: the answer is complete. ^n asks for another one.")
        else:
            self.hint("There is nothing to retry: type a prompt and press Enter.")

    async def action_regenerate(self) -> None:
        """Send the last prompt again; the answer that is there stays to be seen, but is replaced."""
        if not self.free():
            return
        if self._talk.last is None:
            self.hint("There is no answer yet: type a prompt and press Enter.")
        else:
            await self.begin(*self._talk.last)

    async def action_clear(self) -> None:
        """Empty the transcript and the history; what was spent stays in the title."""
        if self.in_vain("clear"):
            self.hint("There is nothing to clear: the conversation is empty.")
        else:
            await self._replace(self._talk.clear)

    async def action_copy(self) -> None:
        """Copy the last reply."""
        if self.conversation.last_reply:
            self._copy_aside(self.conversation.last_reply)
        else:
            self.hint("There is no reply to copy yet.")

    async def action_want(self, what: str) -> None:
        """Ask whoever shows dialogs."""
        self.post_message(self.Wanted(what))

    @work(exclusive=True, group="copy")
    async def _copy_aside(self, text: str) -> None:
        await self.copy(text)

    def _be_editing(self, at: int | None) -> None:
        """Say which of the prompts that were sent is being edited, if one is."""
        self._editing = at
        standing = self.conversation.standing
        words = "" if at is None else f"editing prompt {standing.index(at) + 1} of {len(standing)}"
        self.prompt.border_title = words
        self.refresh_bindings()

    @shielded
    async def _replace(self, change: Callable[[], None]) -> None:
        """Begin with another conversation; no turn begins or ends before it is there."""
        async with self._beginning:
            await self.abandon()
            async with self._ending:
                change()
                self._be_editing(None)
                await self.transcript.show(self.conversation.turns, self._clock)
                self.hint("")
                self.show_totals()
