"""What the chat does through dialogs: save, load, system prompt, edit an earlier prompt, copy a block of code."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tui.chat.conversation import Conversation, Turn
from tui.chat.transcript import Loaded, NotATranscriptError, dump
from tui.chat.transcript_files import (
    AlreadyThereError,
    default_folder,
    named,
    new_path,
    newest_first,
    open_chat,
    save,
    typed_path,
)
from tui.config.errors import StorageError
from tui.config.resolve import Resolved
from tui.screens.choosing import ChoiceDialog, Line, LoadPathDialog, SavePathDialog
from tui.screens.dialog import Answer, Dialog
from tui.screens.disk import BOUND_S
from tui.screens.text_dialog import USE, TextDialog
from tui.text import visible_line
from tui.threads import aside
from tui.usage.totals import totals_words
from tui.widgets.lines import short_path
from tui.widgets.markdown.code_blocks import code_blocks

if TYPE_CHECKING:
    from tui.widgets.chat_pane import ChatPane  # whoever makes this has it

MENU: Final = (
    ("save", "Save the transcript"),
    ("load", "Load a transcript"),
    ("system", "System prompt"),
    ("edit", "Edit an earlier prompt"),
    ("code", "Copy a block of code"),
)
_AGAIN: Final = Answer("again", "Choose another")
_REPLACE: Final = Answer("replace", "Replace it")
_SAVE_TEXT: Final = (
    "A mere name goes to {folder}. The file has the chat with tokens and costs, and the settings; never a key."
)
_LOAD_TEXT: Final = "The chats in {folder}, the last one first."
_MISTAKE: Final = "llm-backends made a mistake ({name}). The chat is still here: ^o copies the last reply."
_SYSTEM_TEXT: Final = "It goes before the conversation with each request, until you change it. ^l does not clear it."
_UNSAVED_TEXT: Final = "{count} here that no file has. Loading takes the place of this conversation."


class ChatTools:
    """One for each chat: remembers which file has it."""

    def __init__(
        self,
        chat: ChatPane,
        ask: Callable[[Dialog], Awaitable[str]],
        settings: Callable[[], Mapping[str, Resolved]],
        now: Callable[[], datetime] = lambda: datetime.now().astimezone(),
    ) -> None:
        """`ask` shows a dialog and gives its answer, "" for going back; `settings` gives those that hold now."""
        self._chat = chat
        self._ask = ask
        self._settings = settings
        self._now = now
        self._path: Path | None = None
        self._kept: tuple[Turn, ...] = ()  # the turns that the file has

    async def do(self, what: str) -> None:
        """Do what `ChatPane.Wanted` asks for."""
        tools = {
            "menu": self.menu, "save": self.save, "load": self.load, "system": self.system, "edit": self.edit,
            "code": self.code,
        }  # fmt: skip
        await tools[what]()

    async def menu(self) -> None:
        """Ask which of these things to do."""
        answer = await self._ask(ChoiceDialog("Chat", "", [Line(title) for _, title in MENU]))
        if answer:
            await self.do(MENU[int(answer)][0])

    async def save(self) -> None:
        """Ask for a name and write the chat as it is now."""
        talk = self._chat.conversation
        if not talk.turns:
            self._chat.hint("There is nothing to save yet: type a prompt and press Enter.")
            return
        folder = default_folder()
        text = await self._suggested(folder, talk)
        while True:
            dialog = SavePathDialog("Save the chat", _SAVE_TEXT.format(folder=_short(folder)), text)
            if not await self._ask(dialog):
                return
            if not (text := dialog.path.strip()):
                continue
            typed = await self._typed(text, folder, "The chat was not saved")
            if typed is None:
                continue
            path = named(typed, folder)
            if await self._written(path, partial(dump, talk, dict(self._settings()), self._now())):
                self._path, self._kept = path, talk.turns
                self._chat.hint(f"Saved as {_short(path)}.")
                return

    async def load(self) -> None:
        """Ask for a file and go on with its chat."""
        if not self._chat.free() or not await self._may_go():
            return
        folder = default_folder()
        while True:
            try:
                files = await aside(lambda: newest_first(folder), BOUND_S)
            except OSError:
                files = []
            text = await self._ask(LoadPathDialog("Load a chat", _LOAD_TEXT.format(folder=_short(folder)), files))
            if not text:
                return
            path = await self._typed(text, folder, "The chat was not loaded")
            if path is not None and (loaded := await self._read(path)) is not None:
                self._path, self._kept = path, loaded.conversation.turns
                await self._chat.restore(loaded.conversation)
                self._chat.hint(_welcome(path, loaded))
                return

    async def system(self) -> None:
        """Edit the system prompt."""
        dialog = TextDialog("System prompt", _SYSTEM_TEXT, self._chat.conversation.system)
        answer = await self._ask(dialog)
        if answer:
            text = dialog.text if answer == USE.value and dialog.text.strip() else ""
            self._chat.tell(text)
            self._chat.hint("The next request carries the system prompt." if text else "There is no system prompt.")

    async def edit(self) -> None:
        """Ask which prompt is to be edited."""
        talk = self._chat.conversation
        if not self._chat.free():
            return
        if not talk.standing:
            self._chat.hint("There is no prompt to edit yet.")
            return
        places = talk.standing[::-1]
        lines = [Line(talk.turns[at].prompt, f"{len(places) - back}  ") for back, at in enumerate(places)]
        text = "The last one first. Sending it takes the place of its answer and of all that follows."
        if answer := await self._ask(ChoiceDialog("Edit which prompt?", text, lines)):
            self._chat.edit(places[int(answer)])

    async def code(self) -> None:
        """Copy the one block of code of the last reply, or ask which."""
        blocks = code_blocks(self._chat.conversation.last_reply)
        if not blocks:
            self._chat.hint("There is no block of code in the last reply. ^o copies all of it.")
            return
        answer = "0"
        if len(blocks) > 1:
            width = max(len(block.language) for block in blocks)
            lines = [Line(block.title, f"{block.language:{width}}  ") for block in blocks]
            answer = await self._ask(ChoiceDialog("Copy which block of code?", "", lines))
        if answer:
            await self._chat.copy(blocks[int(answer)].text)

    async def _suggested(self, folder: Path, talk: Conversation) -> str:
        """The file that has this chat already; else a new name."""
        if self._path is not None and self._kept and talk.turns[:1] == self._kept[:1]:
            return self._path.name if self._path.parent == folder else str(self._path)
        model = self._settings()["model"].value
        try:
            return (await aside(lambda: new_path(folder, str(model), self._now()), BOUND_S)).name
        except OSError:
            return ""

    async def _typed(self, text: str, folder: Path, title: str) -> Path | None:
        """The path that the user means; None, after saying why, if it can't be told."""
        try:
            return typed_path(text, folder)
        except StorageError as error:
            await self._ask(Dialog(title, str(error), [_AGAIN]))
            return None

    async def _written(self, path: Path, made: Callable[[], bytes], *, replace: bool = False) -> bool:
        try:
            await aside(lambda: save(path, made(), replace=replace), BOUND_S)
        except AlreadyThereError as error:
            answer = await self._ask(Dialog("Replace the file?", str(error), [_AGAIN, _REPLACE]))
            return answer == _REPLACE.value and await self._written(path, made, replace=True)
        except (StorageError, OSError) as error:
            await self._ask(Dialog("The chat was not saved", str(error), [_AGAIN]))
            return False
        except Exception as error:  # noqa: BLE001  # a mistake of ours, which must not cost the chat
            await self._ask(Dialog("The chat was not saved", _MISTAKE.format(name=type(error).__name__), [_AGAIN]))
            return False
        return True

    async def _read(self, path: Path) -> Loaded | None:
        try:
            return await aside(lambda: open_chat(path), BOUND_S)
        except NotATranscriptError as error:
            text = f"{_short(path)}, {error}"
        except (StorageError, OSError) as error:
            text = str(error)
        await self._ask(Dialog("The chat was not loaded", text, [_AGAIN]))
        return None

    async def _may_go(self) -> bool:
        """Whether what is here is in a file, or need not be."""
        turns = self._chat.conversation.turns
        if not turns or turns == self._kept:
            return True
        count = "There is 1 turn" if len(turns) == 1 else f"There are {len(turns)} turns"
        text = _UNSAVED_TEXT.format(count=count)
        return bool(await self._ask(Dialog("Load another chat?", text, [Answer("go", "Go on")])))


def _welcome(path: Path, loaded: Loaded) -> str:
    """What was loaded, in words. What it used is not counted as spent now."""
    count = len(loaded.conversation.turns)
    used = totals_words(Conversation(loaded.conversation.turns).totals())
    facts = " · ".join(filter(None, (visible_line(loaded.facts.model), f"{loaded.facts.saved:%Y-%m-%d %H:%M}", used)))
    return f"Loaded {count} turn{'' if count == 1 else 's'} from {_short(path)} ({facts})."


def _short(path: Path) -> str:
    return visible_line(short_path(path))
