"""What sends prompts: title, transcript, hint and prompt, and one turn at a time from its prompt to its end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from textual import getters, on, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.worker import Worker

from tui.chat.chat_session import Talk
from tui.chat.conversation import Conversation
from tui.request.backend import Backend
from tui.text import visible_line
from tui.widgets.approval import Approval
from tui.widgets.chat_title import ChatTitle
from tui.widgets.consent import Consent
from tui.widgets.exchange import Exchange
from tui.widgets.hint import Hint
from tui.widgets.markdown.prose import Prose
from tui.widgets.prompt import Prompt
from tui.widgets.shielded import shielded
from tui.widgets.transcript import Transcript
from tui.widgets.turn_run import Settings, TurnRun

_BUSY: Final = "An answer is still coming: wait for its end, or press esc to stop it."
_KEPT: Final = "No new answer came, so the earlier one still counts. ^r tries again."


class AskingPane(Vertical):
    """Works by itself: needs only a backend and the settings. The app calls `settings_changed` when they change."""

    @dataclass
    class Answered(Message, namespace="chat_pane"):
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
        self._talk = Talk()
        self._under_way: TurnRun | None = None
        self._worker: Worker[None] | None = None
        self._beginning = asyncio.Lock()  # one turn, or one other conversation, begins at a time
        self._ending = asyncio.Lock()  # the end of one turn is shown at a time, and only in its own conversation
        self._consent = Consent(lambda: self.prompt, self.hint, clock)
        self._focus_wanted = False

    def compose(self) -> ComposeResult:
        """Title, transcript, hint, prompt."""
        yield ChatTitle()
        yield Transcript(id="transcript")
        yield Hint()
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
    def conversation(self) -> Conversation:
        """The turns that have ended since the last `clear`, and the system prompt."""
        return self._talk.conversation

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

    def hint(self, words: str) -> None:
        """Show a line above the prompt, until the next thing happens; "" takes it away."""
        self.query_one(Hint).say(words)

    def free(self) -> bool:
        """Whether a turn can begin, or the conversation change; says so if not."""
        if self.busy:
            self.hint(_BUSY)
        return not self.busy

    async def begin(self, prompt: str, at: int | None = None) -> None:
        """Send a prompt, in place of the turn `at` and all after it if that is given."""
        async with self._beginning:
            self.hint("")
            messages = self._talk.begin(prompt, at)
            exchange = Exchange(prompt, self._clock)
            self._under_way = TurnRun(prompt, messages, self._backend, exchange, self._consent)
            await self.transcript.begin(exchange)
            self.settings_changed()
            self.refresh_bindings()
            self._worker = self._run()

    async def stop(self) -> None:
        """End the turn under way; a second time without asking the worker."""
        if self._under_way is not None and not self._under_way.stop():
            await self.abandon()

    async def abandon(self) -> None:
        """End the turn under way from here, whatever the worker does."""
        if self._under_way is None:
            return
        self._under_way.give_up()
        if self._worker is not None:
            self._worker.cancel()
        await self._end()

    def show_totals(self) -> None:
        """Say what has been used, and whether there is a system prompt."""
        self.title.totals = self._talk.totals
        self.title.told = bool(self.conversation.system)
        self.refresh_bindings()

    @work(exclusive=True, group="turn", exit_on_error=True)
    async def _run(self) -> None:
        """The turn to its end; cancelled by `abandon`, which then shows the end itself.

        It takes nothing: what a worker of Textual's was given stays in memory as long as any widget that it mounted.
        """
        if self._under_way is not None:
            await self._under_way.go(self._settings)
            await self._end()

    @shielded
    async def _end(self) -> None:
        """Count the turn under way as over, then show its end, whatever begins meanwhile."""
        run, self._under_way = self._under_way, None
        if run is None:
            return
        turn = run.exchange.ended = run.turn()
        self.hint("" if self._talk.end(turn) else _KEPT)
        self.show_totals()
        if turn.status in ("done", "cut"):
            self.post_message(self.Answered(run.model))
        async with self._ending:
            await run.exchange.end(turn)
            await self.transcript.prune()
            await self.transcript.mark(self.conversation.turns)
            if not self.prompt.text:
                self.transcript.tidy()

    @on(Prompt.Paged)
    def _page(self, event: Prompt.Paged) -> None:
        event.stop()
        self.transcript.page(event.direction)

    @on(Approval.Answered)
    def _answered(self, event: Approval.Answered) -> None:
        event.stop()
        self._consent.answer(yes=event.yes)

    @on(Prose.LinkClicked)
    def _show_link(self, event: Prose.LinkClicked) -> None:
        event.stop()
        self.hint(f"Links are not opened from here: {visible_line(event.href)}")
