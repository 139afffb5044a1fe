"""What is asked before a profile is added, renamed, copied or deleted, and the change of the file that comes of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from tui.config.profiles import free_name, name_problem, renamed, table_of
from tui.config.references import REFERENCE, REFERENCE_ENV, RESERVED, named_by
from tui.config.schema import FIELDS
from tui.config.toml import tables
from tui.config.toml.document import Document
from tui.config.workspace import NEW_FILE, Workspace
from tui.screens.dialog import Answer, Dialog
from tui.screens.name_dialog import NameDialog
from tui.screens.saving import SAVE, Change
from tui.text import visible_line

_WHAT: Final = "It starts empty and inherits everything from [llm]; what you set in it then holds for it alone."
_FOLLOW: Final = (Answer("follow", "Change them too"), Answer("leave", "Leave them"))


class Host(Protocol):
    """Whoever asks questions and writes the file."""

    async def ask(self, dialog: Dialog) -> str:
        """The answer; "" for going back."""

    async def save_change(self, change: Change, title: str, note: str = "", answer: Answer = SAVE) -> bool:
        """Show what the change makes of the file, and write it; whether that was done."""


class ProfileChanges:
    """One change at a time; each way out leaves the file as it was, or as the diff showed it."""

    def __init__(self, workspace: Workspace, host: Host) -> None:
        self._workspace = workspace
        self._host = host

    async def create(self) -> str:
        """The name of the new profile; "" if there is none."""
        name = await self._ask_name("New profile", _WHAT, "Create")
        return await self._saved(name, f"Add the profile {name}?", lambda doc: tables.create(doc, table_of(name)))

    async def rename(self, old: str) -> str:
        """The new name of the profile; "" if it keeps the old one."""
        new = await self._ask_name(f"Rename {old}", "", "Rename", old)
        if new in ("", old):
            return ""
        follow = await self._ask_follow(old, new)
        if not follow:
            return ""

        def change(document: Document) -> Document:
            return renamed(document, old, new, follow=follow == "follow")

        return await self._saved(new, f"Rename the profile {old} to {new}?", change, self._elsewhere(old))

    async def duplicate(self, name: str) -> str:
        """The name of the copy; "" if there is none."""
        document = self._document
        copy = await self._ask_name(f"Copy of {name}", "", "Copy", free_name(name, document))
        secrets = [FIELDS[key].title for key in document.table(table_of(name)) if key in FIELDS and FIELDS[key].secret]
        note = f"The copy holds {' and '.join(secrets)} too, readable in the file." if secrets else ""

        def change(document: Document) -> Document:
            return tables.duplicate(document, table_of(name), copy)

        return await self._saved(copy, f"Copy the profile {name} to {copy}?", change, note)

    async def delete(self, name: str) -> str:
        """The name of the profile that is gone; "" if it is not."""
        note = " ".join(part for part in (self._left_alone(name), self._elsewhere(name)) if part)

        def change(document: Document) -> Document:
            return tables.delete(document, table_of(name))

        return await self._saved(name, f"Delete the profile {name}?", change, note, Answer("save", "Delete"))

    @property
    def _document(self) -> Document:
        return self._workspace.document or Document(NEW_FILE)

    async def _ask_name(self, title: str, text: str, answer: str, name: str = "") -> str:
        keeps = name if name in self._workspace.profiles else ""

        def problem(new: str) -> str:
            return "" if new and new == keeps else name_problem(new, self._document)

        return await self._host.ask(NameDialog(visible_line(title), text, answer, name, problem))

    async def _ask_follow(self, old: str, new: str) -> str:
        tables_ = named_by(self._document.values, old)
        if not tables_:
            return "leave"
        text = (
            f'{_listed(tables_)} {"name" if len(tables_) > 1 else "names"} it: {REFERENCE} = "{old}". '
            f"Change that to {new} too? Where it stays, OpenHands falls back to [llm], and says so only in its log."
        )
        return await self._host.ask(Dialog("Who uses it", visible_line(text), _FOLLOW))

    async def _saved(
        self,
        name: str,
        title: str,
        change: Callable[[Document], Document],
        note: str = "",
        answer: Answer = SAVE,
    ) -> str:
        if not name:
            return ""
        done = await self._host.save_change(
            lambda raw: change(Document(raw)).raw, visible_line(title), visible_line(note), answer
        )
        return name if done else ""

    def _left_alone(self, name: str) -> str:
        tables_ = named_by(self._document.values, name)
        if not tables_:
            return ""
        verb = "name" if len(tables_) > 1 else "names"
        return (
            f"{_listed(tables_)} {verb} it ({REFERENCE}): OpenHands then uses [llm] there, and says so only in its log."
        )

    def _elsewhere(self, name: str) -> str:
        """Who knows the profile by its name, outside the file."""
        if self._workspace.env.get(REFERENCE_ENV) == name:
            return f"{REFERENCE_ENV} in the environment names it as well: change it there."
        return f"OpenHands' own editor looks for {RESERVED} by this name." if name == RESERVED else ""


def _listed(found: tuple[tuple[str, ...], ...]) -> str:
    return " and ".join(f"[{'.'.join(table)}]" for table in found)
