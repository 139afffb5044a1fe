"""The screen's work with the chat: making it after the first paint, its dialogs, the way to it from the palette."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Final

from textual.app import SystemCommand
from textual.containers import Container

from tui.config.resolve import Resolved
from tui.screens.host import Host
from tui.screens.services import ChatMaker

if TYPE_CHECKING:
    from tui.screens.chat_tools import ChatTools
    from tui.widgets.chat_pane import ChatPane  # its imports are for after the first paint

_COMMANDS: Final = (
    ("save the transcript", "As Markdown, with settings, tokens and cost; never a key", "want('save')"),
    ("load a transcript", "Go on with a chat that was saved", "want('load')"),
    ("system prompt", "What goes before the conversation with each request", "want('system')"),
    ("edit an earlier prompt", "And go on from there", "want('edit')"),
    ("regenerate the last answer", "The old one stays to be seen, as replaced", "regenerate"),
    ("copy the last reply", "To the terminal's clipboard and the desktop's", "copy"),
    ("copy a block of code", "Of the last reply", "want('code')"),
    ("clear", "Empty the conversation; the system prompt stays", "clear"),
)


class ChatController:
    """The chat is never moved or made again."""

    def __init__(
        self,
        side: Container,
        make: ChatMaker,
        settings: Callable[[], Mapping[str, Resolved]],
        host: Host,
        started: asyncio.Event,
    ) -> None:
        """The pane goes into `side`, made by `make` over `settings` once `started` is set."""
        self.pane: ChatPane | None = None
        self.question = ""
        """What the prompt shall hold when the chat is there."""
        self._side = side
        self._make = make
        self._settings = settings
        self._host = host
        self._started = started
        self._making = asyncio.Lock()
        self._tools: ChatTools | None = None

    @property
    def busy(self) -> bool:
        """Whether an answer or a wait is under way."""
        return self.pane is not None and self.pane.busy

    @property
    def can_retry(self) -> bool:
        """Whether there is something to send at once, or again."""
        return self.pane is not None and self.pane.can_retry

    async def ensure(self) -> ChatPane:
        """The chat, with its prompt in place. Whoever goes there before it is made waits for it, and so do later keys.

        A wish that is only noted would be lost: the form takes the focus first, and takes the tab along.
        """
        await self._started.wait()
        async with self._making:
            if self.pane is None:
                pane = self._make(self._settings)
                await self._side.mount(pane)
                self.pane = pane
            return self.pane

    def enter(self, pane: ChatPane) -> None:
        """Focus the prompt, with the question that waits for it."""
        if self.question:
            pane.prompt.suggest(self.question)
            self.question = ""
        pane.focus_prompt()

    def settings_changed(self) -> None:
        """Show that the settings are others now."""
        if self.pane is not None:
            self.pane.settings_changed()

    async def stop(self) -> None:
        """Stop the answer or the wait."""
        if self.pane is not None:
            await self.pane.action_stop()

    async def retry(self) -> None:
        """Send now what waits to be sent, or what got no answer."""
        if self.pane is not None:
            await self.pane.action_retry()

    def use_tool(self, what: str) -> None:
        """Show the dialogs that the chat asks for: it has none of its own."""
        self._host.start(partial(self._use_tool, what), "chat-tool", exclusive=True)

    def commands(self) -> Iterator[SystemCommand]:
        """What can be done with the chat, by name."""
        for title, what, action in _COMMANDS:
            yield SystemCommand(f"Chat: {title}", what, partial(self._run, action))

    async def _use_tool(self, what: str) -> None:
        if self.pane is None:
            return
        if self._tools is None:
            from tui.screens.chat_tools import ChatTools  # noqa: PLC0415  # only who asks for one pays for it

            self._tools = ChatTools(self.pane, self._host.ask, self._settings)
        await self._tools.do(what)

    async def _run(self, action: str) -> None:
        await self._host.action_tab("chat")
        if self.pane is not None:
            await self.pane.run_action(action)
