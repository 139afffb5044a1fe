"""The actions of the one screen by name, for the command palette."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import Protocol

from textual.app import SystemCommand

from tui.config.schema import FIELDS
from tui.screens.chat_controller import ChatController
from tui.screens.file_controller import FileController
from tui.screens.key_controller import KeyController
from tui.screens.profiles_controller import ProfilesController
from tui.widgets.lines import Tab


class Commanded(Protocol):
    """What the palette needs of the screen."""

    tabs: tuple[Tab, ...]
    chat: ChatController
    file: FileController
    key: KeyController
    profiles: ProfilesController

    def has_page(self, name: str) -> bool:
        """Whether there is such a page."""

    async def action_tab(self, name: str) -> None:
        """Show a page, or go to the chat."""

    async def action_filter(self) -> None:
        """Go to the filter of Advanced."""

    def action_export(self) -> None:
        """Show the settings in other formats."""

    async def go_to_field(self, name: str) -> None:
        """Show the field and focus it."""


def commands(screen: Commanded) -> Iterator[SystemCommand]:
    """Every action, then every field."""
    named: tuple[tuple[str, str, Callable[[], Awaitable[None] | object]], ...] = (
        ("Save", "Show the change of the file and save it", screen.file.save),
        ("Undo", "Take the last edit back; after a save, restore the file", screen.file.undo),
        *((f"Go to {tab.title}", tab.key, partial(screen.action_tab, tab.name)) for tab in screen.tabs),
        ("Filter the fields", "Find a field of Advanced", screen.action_filter),
        ("Export the settings", "For a shell, .env, docker, compose; to be copied", screen.action_export),
        ("Open the file in your editor", "$VISUAL or $EDITOR, at the field's line; edits stay", screen.file.edit),
        ("Read the file again", "Your edits stay on top of it", screen.file.reload),
    )
    if screen.has_page("compare"):
        what = "Ask the same prompt of two to four profiles, side by side"
        named += (("Compare profiles", what, partial(screen.action_tab, "compare")),)
    if screen.key.can_unlock:
        named += (("Unlock the keyring", "The system asks for its password", screen.key.unlock),)
    for title, what, call in named:
        yield SystemCommand(title, what, call)
    yield from screen.chat.commands()
    yield from screen.profiles.commands()
    for field in FIELDS.values():
        yield SystemCommand(
            f"Field: {field.title}", f"{field.group} · {field.name}", partial(screen.go_to_field, field.name)
        )
    yield SystemCommand("Discard all edits", "Back to what the file says", screen.file.discard)
