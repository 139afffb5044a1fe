"""What stands over the form when the file can't be read: where it breaks, why, and the two ways on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from textual import on
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Button, Static

from tui.config.toml.document import BadFileError
from tui.text import visible

_REPAIR: Final = (
    "The app does not touch it. OpenHands would ignore the whole file. Repair the line, then read it again."
)
_WAIT: Final = "The app does not touch it. See to that, then read it again."


class Banner(Vertical):
    """Hidden while the file is fine."""

    DEFAULT_CSS = """
    Banner {
        display: none;
        height: auto;
        padding: 0 2 1 2;
        #banner-text { height: auto; color: $error; }
        #banner-ways { height: 1; margin-top: 1; & > Button { margin-right: 2; } }
    }
    """

    @dataclass
    class EditorAsked(Message):
        """The user wants to repair the file in an editor."""

    @dataclass
    class ReloadAsked(Message):
        """The user wants the file to be read again."""

    def __init__(self) -> None:
        super().__init__(id="banner")
        self._text: Static | None = None

    def show(self, name: str, problem: BadFileError | None) -> None:
        """Show the problem, or hide."""
        self.display = problem is not None
        if problem is not None:
            text = f"✗ {name} is not valid TOML: {problem}\n\n{_REPAIR}" if problem.line else f"✗ {problem}\n\n{_WAIT}"
            self._filled().update(Content(visible(text)))

    def _filled(self) -> Static:
        """What shows the reason, with the ways on below it: made when a file is bad, as most never are."""
        if self._text is None:
            self._text = Static("", id="banner-text", markup=False)
            editor = Button(Content("Open in $EDITOR"), id="banner-editor", compact=True)
            reload = Button(Content("Read it again"), id="banner-reload", compact=True)
            self.mount(self._text, Horizontal(editor, reload, id="banner-ways"))
        return self._text

    def enter(self) -> None:
        """Take the focus, as soon as there is something to take it."""
        self.call_after_refresh(self._focus_first)

    def _focus_first(self) -> None:
        for button in self.query(Button).results(Button):
            button.focus()
            return

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.post_message(self.EditorAsked() if event.button.id == "banner-editor" else self.ReloadAsked())
