"""What plain mode does with a keyring or a model: `key`, `checkup` and `chat`. Ctrl+C stops an answer or a wait."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import aclosing
from typing import Any, TypeVar, assert_never

from tui.chat.conversation import Conversation, Running
from tui.cli.checkup import run_checkup
from tui.cli.edit import read_secret
from tui.cli.exits import CommandFailed
from tui.cli.parts import Parts, assemble
from tui.cli.plain.lines import Lines
from tui.cli.plain.sentences import Sentences
from tui.cli.plain.waits import interruptible, interruptible_read, with_waits
from tui.config.resolve import settings
from tui.config.secret import Secret
from tui.config.workspace import Workspace
from tui.format import seconds
from tui.llm.events import Attempting, Cancelled, Delta, Failed, Finished, Message, Retrying, TurnEvent
from tui.request.prepare import place_of
from tui.text import visible_line
from tui.usage.prepared import Prepared
from tui.usage.price import load_of
from tui.usage.question import NeedsYesError, NotReadyError
from tui.usage.totals import answered_by, finished_words
from tui.vault.trouble import KeyringError

T = TypeVar("T")


class Talk:
    """Owns the parts and the event loop, which runs only while something is asked. `close` it at the end."""

    def __init__(self, workspace: Workspace, lines: Lines) -> None:
        self._workspace = workspace
        self._lines = lines
        self._runner = asyncio.Runner()
        self._parts: Parts | None = None
        self._conversation = Conversation()
        self.failed = False
        """Whether a request came back without an answer."""

    def key(self, _rest: str = "") -> None:
        """Ask for the API key without showing it, and put it into the keyring."""
        try:
            place = place_of(settings(self._workspace.resolved()))
        except NotReadyError as error:
            raise CommandFailed(error.message) from error
        secret = Secret(read_secret(f"Key for {visible_line(str(place))}, not shown: "))
        try:
            self._run(self._use().vault.keep(place, secret))
        except KeyringError as error:
            self._use().vault.keep_for_session(place, secret)
            self._lines.say(f"{error} The key is kept until you quit.")
        else:
            self._lines.say(f"The keyring now holds a key for {visible_line(str(place))}.")

    def checkup(self, _rest: str = "") -> None:
        """Test the backend in stages, a line for each."""
        resolved = self._workspace.resolved()
        self._run(run_checkup(self._use(), resolved, self._workspace.env, self._consent, as_json=False))

    def chat(self, rest: str = "") -> None:
        """Send each line to the model, until an empty line; with text after `chat`, send that alone."""
        if rest:
            self._send(rest)
            return
        if self._lines.interactive:
            self._lines.say("Each line goes to the model. An empty line ends the chat; Ctrl+C stops an answer.")
            self._run(self._use().engine.start())  # while the first prompt is typed
        while (prompt := self._lines.read("You: ")) and prompt.strip():
            self._send(prompt)

    def close(self) -> None:
        """End the worker and the built-in model."""
        if self._parts is not None:
            self._runner.run(self._end(self._parts))
            for words in self._parts.books.trouble:
                self._lines.say(words)
        self._runner.close()

    @staticmethod
    async def _end(parts: Parts) -> None:
        await asyncio.gather(parts.engine.close(), parts.local.close())
        await parts.books.close()

    def _use(self) -> Parts:
        if self._parts is None:
            self._parts = assemble(self._workspace.env)
        return self._parts

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        """What `work` gives; raises KeyboardInterrupt on Ctrl+C, after it has been taken apart."""
        try:
            return self._runner.run(interruptible(work))
        except asyncio.CancelledError:
            raise KeyboardInterrupt from None

    def _send(self, prompt: str) -> None:
        running = Running(prompt)
        try:
            self._run(self._turn(prompt, running))
        except KeyboardInterrupt:
            running.stop()
            self._lines.say("\nStopped. What came stays in the conversation.")
        except NotReadyError as error:
            raise CommandFailed(error.message) from error
        self._conversation = self._conversation.plus(running.turn())

    async def _turn(self, prompt: str, running: Running) -> None:
        messages = self._conversation.messages(prompt)
        prepared = await self._prepared(messages)
        running.sent(local=prepared.local)
        sentences = Sentences()
        self._lines.say(f"Asking {visible_line(prepared.settings.model)}.")
        turn = self._use().backend.turn(prepared, messages)
        async with aclosing(turn), aclosing(with_waits(turn)) as events:
            async for event in events:
                if isinstance(event, str):
                    self._lines.say(event)
                    continue
                text = running.take(event)
                thought = isinstance(event, Delta) and event.thinking
                self._tell(event, sentences.feed("" if thought else text), sentences, prepared)

    async def _prepared(self, messages: tuple[Message, ...]) -> Prepared:
        backend, resolved = self._use().backend, self._workspace.resolved()

        def progress(words: str, _fraction: float | None) -> None:
            if words not in told:
                told.add(words)
                self._lines.say(words)

        told: set[str] = set()
        approved: NeedsYesError | None = None
        while True:
            try:
                return await backend.prepare(resolved, progress, approved=approved, load=load_of(messages))
            except NeedsYesError as needed:
                if instead := await self._consent(needed):
                    raise NotReadyError(f"{needed.happened} {instead}", needed.field, needed.cause) from needed
                approved = needed

    async def _consent(self, needed: NeedsYesError) -> str:
        """Ask, and remember a yes; after a no, what to do instead."""
        if not self._lines.interactive:
            return f"{needed.question} Nobody is there to say yes. {needed.instead}."
        with interruptible_read():
            answer = self._lines.choose(f"{needed.question} {needed.note}", "yes", "no")
        if answer == "no":
            return f"{needed.instead}."
        await self._use().backend.approve(needed)
        return ""

    def _tell(self, event: TurnEvent, text: str, sentences: Sentences, prepared: Prepared) -> None:
        model, local = prepared.settings.model, prepared.local
        self._lines.say(text, end="")
        match event:
            case Delta() | Attempting():
                pass
            case Retrying():
                wait = f"attempt {event.attempt} of {event.of} in {seconds(event.wait_s)}"
                self._lines.say(f"{visible_line(event.reason)}: {wait}. Ctrl+C gives up.")
            case Finished():
                self._lines.say(sentences.rest())
                if event.note:
                    self._lines.say(visible_line(event.note))
                other = answered_by(model, event.model)
                told = finished_words(event.usage, event.finish_reason, local=local, model=other)
                self._lines.say(f"{visible_line(told)}.")
            case Failed():
                self._lines.say(sentences.rest())
                self._lines.say("\n".join(filter(None, (event.message, event.detail))))
                self.failed = True
            case Cancelled():
                self._lines.say(sentences.rest())
            case _:
                assert_never(event)
