"""What stands over the form when the file can't be read: where it breaks, why, and the two ways on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Button, Static

from tui.config.document import BadFileError
from tui.config.visible import visible

_REPAIR: Final = (
    "The app does not touch it. OpenHands would ignore the whole file. Repair the line, then read it again."
)
_WAIT: Final = "The app does not touch it. See to that, then read it again."


class Banner(Vertical):
    """Hidden while the file is fine."""

    @dataclass
    class EditorAsked(Message):
        """The user wants to repair the file in an editor."""

    @dataclass
    class ReloadAsked(Message):
        """The user wants the file to be read again."""

    def __init__(self) -> None:
        super().__init__(id="banner")

    def compose(self) -> ComposeResult:
        """The reason and the ways on."""
        yield Static("", id="banner-text", markup=False)
        with Horizontal(id="banner-ways"):
            yield Button(Content("Open in $EDITOR"), id="banner-editor", compact=True)
            yield Button(Content("Read it again"), id="banner-reload", compact=True)

    def show(self, name: str, problem: BadFileError | None) -> None:
        """Show the problem, or hide."""
        self.display = problem is not None
        if problem is not None:
            text = f"✗ {name} is not valid TOML: {problem}\n\n{_REPAIR}" if problem.line else f"✗ {problem}\n\n{_WAIT}"
            self.query_one("#banner-text", Static).update(Content(visible(text)))

    def enter(self) -> None:
        """Take the focus."""
        self.query(Button).first().focus()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.post_message(self.EditorAsked() if event.button.id == "banner-editor" else self.ReloadAsked())
