"""The chat: a transcript with a prompt below it, over the settings as they stand, saved or not."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Final

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Markdown, Static
from textual.worker import Worker

from tui.chat.backend import Backend
from tui.chat.conversation import Conversation, Totals
from tui.config.visible import visible_line
from tui.widgets.approval import Approval
from tui.widgets.chat_title import ChatTitle
from tui.widgets.consent import Consent
from tui.widgets.exchange import Exchange
from tui.widgets.prompt import Prompt
from tui.widgets.transcript import Transcript
from tui.widgets.turn_run import Settings, TurnRun

_COPIED: Final = "Sent to the terminal's clipboard; not confirmed."


class ChatPane(Vertical):
    """Works by itself: needs only a backend and the settings. The app calls `settings_changed` when they change."""

    DEFAULT_CSS = """
    ChatPane {
        & > #hint { height: auto; padding: 0 1; color: $text-warning; display: none; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "stop", "Stop", id="chat.stop", tooltip="Stop the answer or the wait; what came stays"),
        Binding("ctrl+r", "retry", "Retry", id="chat.retry", tooltip="Retry now, or send the last prompt again"),
        Binding("ctrl+l", "clear", "Clear", id="chat.clear", tooltip="Empty the conversation; stops an answer first"),
        Binding("ctrl+o", "copy", "Copy reply", id="chat.copy", tooltip="Copy the last reply through the terminal"),
        Binding("ctrl+t", "screen.tab('compare')", "Compare", id="chat.compare", tooltip="Ask several profiles"),
    ]  # fmt: skip

    @dataclass
    class Answered(Message):
        """A model gave an answer."""

        model: str

    transcript = getters.query_one(Transcript)
    prompt = getters.query_one("#prompt", Prompt)
    title = getters.query_one(ChatTitle)

    def __init__(
        self,
        backend: Backend,
        settings: Settings,
        *,
        clock: Callable[[], float] = time.monotonic,
        id: str | None = None,  # noqa: A002  # Textual's name
    ) -> None:
        """`settings` gives the effective settings with the draft, anew for each prompt; `clock` is in seconds."""
        super().__init__(id=id)
        self._backend = backend
        self._settings = settings
        self._clock = clock
        self._conversation = Conversation()
        self._cleared = Totals()
        self._under_way: TurnRun | None = None
        self._worker: Worker[None] | None = None
        self._consent = Consent(lambda: self.prompt, self._hint, clock)
        self._focus_wanted = False

    def compose(self) -> ComposeResult:
        """Title, transcript, hint, prompt."""
        yield ChatTitle()
        yield Transcript(id="transcript")
        yield Static(id="hint")
        yield Prompt(id="prompt")

    def on_mount(self) -> None:
        """Say what holds, and take the focus if it was asked for before."""
        self.settings_changed()
        if self._focus_wanted:
            self.focus_prompt()

    @property
    def busy(self) -> bool:
        """Whether a turn is under way."""
        return self._under_way is not None

    @property
    def can_retry(self) -> bool:
        """Whether a wait can be ended, or the last prompt has no complete answer."""
        turns = self._conversation.turns
        if self._under_way is not None:
            return self._under_way.retrying
        return bool(turns) and turns[-1].status != "done"

    @property
    def conversation(self) -> Conversation:
        """The turns that have ended since the last `clear`."""
        return self._conversation

    def settings_changed(self) -> None:
        """Say whether the chat uses a draft."""
        draft = any(item.origin.kind == "edited" for item in self._settings().values())
        for title in self.query(ChatTitle):  # none yet: `on_mount` says it
            title.state = "draft, not saved" if draft else "saved settings"

    def focus_prompt(self) -> None:
        """Put the cursor where a prompt is typed; as soon as there is such a place."""
        self._focus_wanted = not self.query(Prompt)
        if self._focus_wanted:
            return
        self.screen.set_focus(self.prompt)  # at once, for what is typed next

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  # Textual's signature
        """Esc is ours only while there is something to stop."""
        match action:
            case "stop":
                return self.busy
            case "retry":
                return self.busy or bool(self._conversation.turns)
            case "copy":
                return bool(self._conversation.last_reply)
            case _:
                return True

    @on(Prompt.Submitted)
    async def _send(self, event: Prompt.Submitted) -> None:
        event.stop()
        if self.busy:
            self._hint("An answer is still coming: wait for its end, or press esc to stop it.")
            return
        self.prompt.accept(event.text)
        await self._begin(event.text)

    @on(Prompt.Paged)
    def _page(self, event: Prompt.Paged) -> None:
        event.stop()
        self.transcript.page(event.direction)

    @on(Approval.Answered)
    def _answered(self, event: Approval.Answered) -> None:
        event.stop()
        self._consent.answer(yes=event.yes)

    @on(Markdown.LinkClicked)
    def _show_link(self, event: Markdown.LinkClicked) -> None:
        event.stop()
        self._hint(f"Links are not opened from here: {visible_line(event.href)}")

    async def action_stop(self) -> None:
        """Stop the answer or the wait; a second time without asking the worker."""
        if self._under_way is None or not self._under_way.stop():
            await self._abandon()

    async def action_retry(self) -> None:
        """Send now what waits to be retried; else send the last prompt again if its answer is not complete."""
        if self._under_way is not None:
            self._under_way.retry_now()
            return
        last = self._conversation.turns[-1] if self._conversation.turns else None
        if last is None or last.status == "done":
            self._hint("There is nothing to retry: type a prompt and press Enter.")
            return
        self._conversation = self._conversation.resending()
        await self._begin(last.prompt)

    async def action_clear(self) -> None:
        """Empty the transcript and the history; what was spent stays in the title."""
        await self._abandon()
        self._cleared += self._conversation.totals()
        self._conversation = Conversation()
        await self.transcript.clear()
        self._hint("")
        self.refresh_bindings()

    def action_copy(self) -> None:
        """Put the last reply on the clipboard, as far as the terminal plays along."""
        self.app.copy_to_clipboard(self._conversation.last_reply)
        self._hint(_COPIED)

    async def _begin(self, prompt: str) -> None:
        self._hint("")
        exchange = Exchange(prompt, self._clock)
        self._under_way = TurnRun(prompt, self._backend, exchange, self._consent)
        await self.transcript.begin(exchange)
        self.settings_changed()
        self.refresh_bindings()
        self._worker = self._run(self._under_way, prompt)

    @work(exclusive=True, group="turn", exit_on_error=True)
    async def _run(self, run: TurnRun, prompt: str) -> None:
        """One turn to its end; cancelled by `_abandon`, which then shows the end itself."""
        await run.go(self._settings, self._conversation.messages(prompt))
        await self._end()

    async def _abandon(self) -> None:
        """End the turn from here, whatever the worker does."""
        if self._under_way is None:
            return
        self._under_way.give_up()
        if self._worker is not None:
            self._worker.cancel()
        await self._end()

    async def _end(self) -> None:
        run, self._under_way = self._under_way, None
        if run is None:
            return
        turn = run.turn()
        self._conversation = self._conversation.plus(turn)
        self.title.totals = self._cleared + self._conversation.totals()
        self.refresh_bindings()
        if turn.status in ("done", "cut"):
            self.post_message(self.Answered(run.model))
        await run.exchange.end(turn)
        await self.transcript.prune()

    def _hint(self, words: str) -> None:
        hint = self.query_one("#hint", Static)
        hint.update(Content(words))
        hint.display = bool(words)
