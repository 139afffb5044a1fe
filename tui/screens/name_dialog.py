"""The question for a name: what is wrong with the one that is typed is said while it is typed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import events, on
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from tui.screens.dialog import Answer, Dialog
from tui.widgets.line_input import LineInput
from tui.widgets.status_line import Said


class NameDialog(Dialog):
    """Answers the name; "" for going back."""

    DEFAULT_CSS = """
    NameDialog {
        #name-line { height: 1; background: $panel; padding: 0 1; }
        #name-line > Static { width: auto; color: $quiet; }
        #name-problem { height: auto; min-height: 1; color: $warning; }
    }
    """

    def __init__(self, title: str, text: str, answer: str, name: str, problem: Callable[[str], str]) -> None:
        """`problem` says why a name will not do; "" if it will."""
        super().__init__(title, text, [Answer("name", answer)])
        self._proposed = name
        self._problem = problem

    def content(self) -> Sequence[Widget]:
        """The text, the field, what is wrong."""
        line = Horizontal(Static(Content("[llm.")), LineInput(id="name-input"), Static(Content("]")), id="name-line")
        return [*super().content(), line, Said(id="name-problem")]

    def on_mount(self, event: events.Mount) -> None:  # type: ignore[override]  # Textual passes the event to who takes it
        """Typing replaces the name that is proposed."""
        event.prevent_default()  # else the button takes the focus
        field = self.query_one(LineInput)
        field.focus()
        field.put(self._proposed, "a name, such as cheap")

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._say(self._problem(event.value.strip()) if event.value.strip() else "")

    @on(Input.Submitted)
    @on(Button.Pressed)
    def _given(self, event: Input.Submitted | Button.Pressed) -> None:
        event.stop()
        event.prevent_default()
        name = self.query_one(LineInput).value.strip()
        if reason := self._problem(name):
            self._say(reason)
            self.query_one(LineInput).focus()
        else:
            self.dismiss(name)

    def _say(self, problem: str) -> None:
        self.query_one(LineInput).set_class(bool(problem), "-wrong")
        self.query_one("#name-problem", Said).say(problem)
