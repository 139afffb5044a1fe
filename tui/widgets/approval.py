"""A yes-or-no question that has to be answered before anything is sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Final

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Button, Static

from tui.text import visible
from tui.usage.question import NeedsYesError

_DEAF_S: Final = 0.4
"""A key pressed this soon was meant for the prompt."""


class Approval(Vertical):
    """Two buttons, "no" first, and no letters as short cuts: who goes on typing must not say yes by it."""

    DEFAULT_CSS = """
    Approval {
        height: auto;
        border-left: outer $warning;
        padding: 0 0 0 1;
        & > Static { height: auto; }
        & > Horizontal { height: auto; }
        & Button { margin: 0 1 0 0; min-width: 12; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,right", "other", "Other answer", id="approval.other", tooltip="Go to the other answer"),
    ]

    yes = getters.query_one("#yes", Button)
    no = getters.query_one("#no", Button)

    @dataclass
    class Answered(Message):
        """The user decided."""

        yes: bool

    def __init__(self, needed: NeedsYesError, clock: Callable[[], float]) -> None:
        super().__init__()
        self._needed = needed
        self._clock = clock
        self._asked_at = clock()

    def compose(self) -> ComposeResult:
        """The question and its buttons."""
        yield Static(Content.styled(visible(self._needed.question), "bold $text-warning"))
        yield Static(Content.styled(visible(self._needed.note), "dim"))
        with Horizontal():
            yield Button(Content("Do not send"), id="no", compact=True)
            yield Button(Content("Send it"), id="yes", compact=True)

    def take_focus(self) -> None:
        """Put the focus on the answer that sends nothing."""
        self.no.focus()

    def action_other(self) -> None:
        """Move between the two answers."""
        (self.yes if self.no.has_focus else self.no).focus()

    @on(Button.Pressed)
    def _press(self, event: Button.Pressed) -> None:
        event.stop()
        if self._clock() - self._asked_at >= _DEAF_S:
            self.post_message(self.Answered(event.button is self.yes))
