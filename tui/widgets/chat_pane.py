"""The chat: a transcript with a prompt below it, over the settings as they stand, saved or not."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import ClassVar, Final, TypeAlias, assert_never

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Markdown, Static
from textual.worker import Worker

from tui.chat.backend import Backend, NeedsYesError, NotReadyError, Prepared, new_turn_id
from tui.chat.conversation import Conversation, Running, Totals
from tui.chat.price import load_of
from tui.config.resolve import Resolved
from tui.config.visible import visible_line
from tui.llm.events import Attempting, Cancelled, Delta, Failed, Finished, Retrying, TurnEvent
from tui.widgets.approval import Approval
from tui.widgets.chat_title import ChatTitle
from tui.widgets.exchange import Exchange
from tui.widgets.prompt import Prompt

Settings: TypeAlias = Callable[[], Mapping[str, Resolved]]

_RICH_TURNS: Final = 12
"""Older answers become plain text, which costs next to nothing to lay out."""
_SHOWN_TURNS: Final = 200
"""Older turns leave the screen, not the conversation."""
_EMPTY: Final = "Ask the model something: it uses the settings as they stand in the form, saved or not."
_COPIED: Final = "Sent to the terminal's clipboard; not confirmed."


class ChatPane(Vertical):
    """Works by itself: needs only a backend and the settings. The app calls `settings_changed` when they change."""

    DEFAULT_CSS = """
    ChatPane {
        & > #transcript { height: 1fr; padding: 0 1; scrollbar-size-vertical: 1; }
        & #turns { height: auto; min-height: 100%; }
        & #empty { color: $text-muted; height: auto; }
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

    transcript = getters.query_one("#transcript", VerticalScroll)
    _turns = getters.query_one("#turns", Vertical)
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
        self._under_way: Running | None = None
        self._exchange: Exchange | None = None
        self._worker: Worker[None] | None = None
        self._model = ""  # of the turn under way
        self._turn_id = ""  # while its events are being read
        self._answer: asyncio.Future[bool] | None = None
        self._focus_wanted = False

    def compose(self) -> ComposeResult:
        """Title, transcript, hint, prompt."""
        yield ChatTitle()
        with VerticalScroll(id="transcript", can_focus=True), Vertical(id="turns"):
            yield Static(Content(_EMPTY), id="empty")
        yield Static(id="hint")
        yield Prompt(id="prompt")

    def on_mount(self) -> None:
        """Follow the answer's end until somebody scrolls up."""
        self.transcript.anchor()
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
        waits = self._exchange is not None and self._exchange.strip.retrying
        return waits if self.busy else bool(turns) and turns[-1].status != "done"

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
        (self.transcript.scroll_page_up if event.direction < 0 else self.transcript.scroll_page_down)(animate=False)

    @on(Approval.Answered)
    def _answered(self, event: Approval.Answered) -> None:
        event.stop()
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(event.yes)

    @on(Markdown.LinkClicked)
    def _show_link(self, event: Markdown.LinkClicked) -> None:
        event.stop()
        self._hint(f"Links are not opened from here: {visible_line(event.href)}")

    async def action_stop(self) -> None:
        """Stop the answer or the wait; a second time without asking the worker."""
        if self._turn_id:
            turn_id, self._turn_id = self._turn_id, ""
            self._backend.cancel(turn_id)
        else:
            await self._abandon()

    async def action_retry(self) -> None:
        """Send now what waits to be retried; else send the last prompt again if its answer is not complete."""
        if self.busy:
            if self._exchange is not None and self._exchange.strip.retrying:
                self._backend.retry_now(self._turn_id)
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
        await self._turns.remove_children()
        await self._turns.mount(Static(Content(_EMPTY), id="empty"))
        self._hint("")
        self.refresh_bindings()

    def action_copy(self) -> None:
        """Put the last reply on the clipboard, as far as the terminal plays along."""
        self.app.copy_to_clipboard(self._conversation.last_reply)
        self._hint(_COPIED)

    async def _begin(self, prompt: str) -> None:
        self._hint("")
        await self._turns.query("#empty").remove()
        self._exchange = Exchange(prompt, self._clock)
        self._under_way = Running(prompt)
        await self._turns.mount(self._exchange)
        self.transcript.anchor()
        self.settings_changed()
        self.refresh_bindings()
        self._worker = self._run(self._under_way, self._exchange, prompt)

    @work(exclusive=True, group="turn", exit_on_error=True)
    async def _run(self, running: Running, exchange: Exchange, prompt: str) -> None:
        """One turn from the settings to its end; cancelled by `_abandon`, which then shows the end itself."""
        try:
            prepared = await self._prepared(exchange, prompt)
        except NotReadyError as error:
            running.take(Failed(id="", cause=error.cause, message=error.message, field=error.field))
        else:
            running.sent(local=prepared.local)
            await self._follow(prepared, running, exchange, prompt)
        await self._end()

    async def _prepared(self, exchange: Exchange, prompt: str) -> Prepared:
        settings, load = self._settings(), load_of(self._conversation.messages(prompt))
        approved: NeedsYesError | None = None
        while True:
            exchange.strip.wait_for("checking settings and key…")
            try:
                return await self._backend.prepare(settings, exchange.strip.progress, approved=approved, load=load)
            except NeedsYesError as needed:
                if not await self._ask(needed, exchange):
                    raise needed.refused() from None
                await self._backend.approve(needed)
                approved = needed

    async def _follow(self, prepared: Prepared, running: Running, exchange: Exchange, prompt: str) -> None:
        turn_id = self._turn_id = new_turn_id()
        self._model = prepared.settings.model
        if not self._backend.ready:
            exchange.strip.wait_for("starting the worker (LiteLLM loads once, about 3 s)…", timed=True)
        messages = self._conversation.messages(prompt)
        try:
            async with aclosing(self._backend.turn(prepared, messages, turn_id=turn_id)) as events:
                async for event in events:
                    await self._show(event, running.take(event), exchange)
        finally:
            self._turn_id = ""

    async def _show(self, event: TurnEvent, text: str, exchange: Exchange) -> None:
        match event:
            case Attempting(attempt=attempt, of=of):
                words = "waiting for the first token…"
                exchange.strip.wait_for(words if attempt == 1 else f"attempt {attempt} of {of}: {words}", timed=True)
            case Retrying():
                exchange.strip.count_down(event)
            case Delta(thinking=True):
                await exchange.add_thinking(text)
            case Delta():
                exchange.add_reply(text)
            case Finished() | Failed() | Cancelled():
                pass  # the turn as a whole is shown when it has ended
            case _:
                assert_never(event)

    async def _ask(self, needed: NeedsYesError, exchange: Exchange) -> bool:
        self._answer = asyncio.get_running_loop().create_future()
        approval = Approval(needed, self._clock)
        exchange.strip.quiet()
        await exchange.mount(approval)
        if self.prompt.has_focus and not self.prompt.text:
            approval.take_focus()
        else:
            self._hint("There is a question above: shift+tab goes to it, left and right to its answers.")
        try:
            return await self._answer
        finally:
            self._answer = None
            if approval.is_attached:  # else the app is leaving
                self._hint("")
                if approval.has_focus_within:
                    self.prompt.focus()
                approval.remove()

    async def _abandon(self) -> None:
        """End the turn from here, whatever the worker does."""
        if self._under_way is None:
            return
        self._under_way.stop()
        if self._worker is not None:
            self._worker.cancel()
        await self._end()

    async def _end(self) -> None:
        running, exchange = self._under_way, self._exchange
        if running is None or exchange is None:
            return
        self._under_way = self._exchange = None
        turn = running.turn()
        self._conversation = self._conversation.plus(turn)
        self.title.totals = self._cleared + self._conversation.totals()
        self.refresh_bindings()
        if turn.status in ("done", "cut"):
            self.post_message(self.Answered(self._model))
        await exchange.end(turn)
        await self._prune()

    async def _prune(self) -> None:
        exchanges = list(self._turns.query(Exchange))
        for old in exchanges[:-_SHOWN_TURNS]:
            await old.remove()
        for old in exchanges[-_SHOWN_TURNS:-_RICH_TURNS]:
            await old.flatten()

    def _hint(self, words: str) -> None:
        hint = self.query_one("#hint", Static)
        hint.update(Content(words))
        hint.display = bool(words)
