"""The actions of the one screen by name, for the command palette."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from textual.app import SystemCommand

from tui.config.schema import FIELDS

if TYPE_CHECKING:
    from tui.screens.main import MainScreen  # it imports this module


def commands(screen: MainScreen) -> Iterator[SystemCommand]:
    """Every action, then every field."""
    named: tuple[tuple[str, str, Callable[[], Awaitable[None] | object]], ...] = (
        ("Save", "Show the change of the file and save it", screen.action_save),
        ("Undo", "Take the last edit back; after a save, restore the file", screen.action_undo),
        *((f"Go to {tab.title}", tab.key, partial(screen.action_tab, tab.name)) for tab in screen.tabs),
        ("Filter the fields", "Find a field of Advanced", screen.action_filter),
        ("Export the settings", "For a shell, .env, docker, compose; to be copied", screen.action_export),
        ("Open the file in your editor", "$VISUAL or $EDITOR, at the field's line; edits stay", screen.action_editor),
        ("Read the file again", "Your edits stay on top of it", screen.action_reload),
    )
    if screen.has_page("compare"):
        what = "Ask the same prompt of two to four profiles, side by side"
        named += (("Compare profiles", what, partial(screen.action_tab, "compare")),)
    if screen.can_unlock:
        named += (("Unlock the keyring", "The system asks for its password", screen.action_unlock),)
    for title, what, call in named:
        yield SystemCommand(title, what, call)
    yield from screen.chat_commands()
    yield from screen.profile_commands()
    for field in FIELDS.values():
        yield SystemCommand(
            f"Field: {field.title}", f"{field.group} · {field.name}", partial(screen.go_to_field, field.name)
        )
    yield SystemCommand("Discard all edits", "Back to what the file says", screen.action_discard)
