"""The screen's work with the chat: what its keys ask for, and the way to it from the palette."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Final

from textual import work
from textual.app import SystemCommand

from tui.config.workspace import Workspace
from tui.screens.served import ServedScreen
from tui.screens.services import Services

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


class ChattingScreen(ServedScreen):
    """Shows the dialogs that the chat asks for."""

    def __init__(self, workspace: Workspace, services: Services) -> None:
        super().__init__(workspace, services)
        self._tools: ChatTools | None = None

    def on_chat_pane_wanted(self, event: ChatPane.Wanted) -> None:
        """The chat has no dialogs of its own."""
        event.stop()
        self._use_tool(event.what)

    @work(exclusive=True, group="chat-tool")
    async def _use_tool(self, what: str) -> None:
        if self._chat is None:
            return
        if self._tools is None:
            from tui.screens.chat_tools import ChatTools  # noqa: PLC0415  # only who asks for one pays for it

            self._tools = ChatTools(self._chat, self.app.push_screen_wait, self.workspace.resolved)
        await self._tools.do(what)

    def chat_commands(self) -> Iterator[SystemCommand]:
        """What can be done with the chat, by name."""
        for title, what, action in _COMMANDS:
            yield SystemCommand(f"Chat: {title}", what, partial(self._in_chat, action))

    async def _in_chat(self, action: str) -> None:
        await self.action_tab("chat")
        if self._chat is not None:
            await self._chat.run_action(action)
