"""One line of a form: a label, a control, and where the value comes from."""

from __future__ import annotations

import msgspec
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget

from tui.widgets.status_line import Said


class Help(msgspec.Struct, frozen=True):
    """What the help strip says of the row that has the focus. Every part may hold text from outside."""

    name: str
    facts: tuple[str, ...] = ()
    """What it takes and the variable that overrides it."""
    text: str = ""
    problem: str = ""
    """What is wrong, and what to do."""
    notes: tuple[str, ...] = ()
    """What holds just now: the saved value, a variable that wins."""
    keys: tuple[tuple[str, str], ...] = ()
    """Keys that do something to this row now."""


class _Label(Widget):
    """The label, with a mark in front of it while its row has the focus: a sign as well as a colour."""

    def __init__(self, text: str) -> None:
        super().__init__(classes="label")
        self._text = text

    def render(self) -> Content:
        """Drawn anew when the focus comes or goes, because that changes its style."""
        focused = isinstance(self.parent, Widget) and self.parent.has_focus_within
        return Content.assemble(("▌ ", "$primary") if focused else "  ", self._text)


class Row(Horizontal):
    """Label, control and origin; the row that holds the focus is marked with a bar and a lighter ground."""

    DEFAULT_CSS = """
    Row {
        height: 1;
        padding: 0 1 0 0;
        & > .label { width: 23; height: 1; color: $quiet; text-wrap: nowrap; text-overflow: ellipsis; }
        & > .origin { width: auto; max-width: 24; padding: 0 0 0 1; color: $faint; }
        & > .origin { text-wrap: nowrap; text-overflow: ellipsis; }
        &.-edited > .origin { color: $primary; }
        &.-shadowed > .origin { color: $warning; }
        &.-invalid > .origin { color: $error; }
        &:focus-within {
            background: $panel;
            & > .label { color: $foreground; text-style: bold; }
        }
    }
    """

    def __init__(self, label: str, control: Widget, *, id: str | None = None) -> None:  # noqa: A002  # Textual's name
        super().__init__(id=id)
        self.label = label
        self.control = control
        self._origin = Said(classes="origin")

    def compose(self) -> ComposeResult:
        """Three widgets: a page has many rows, and each widget takes its share of every layout."""
        yield _Label(self.label)
        yield self.control
        yield self._origin

    @property
    def help(self) -> Help:
        """What the help strip says."""
        return Help(self.label)

    @property
    def problem(self) -> str:
        """Why the row can't be saved as it is; empty if it can."""
        return ""

    def matches(self, words: list[str]) -> bool:
        """Whether every word occurs in what the row says of itself."""
        about = self.help
        haystack = " ".join((self.label, about.name, *about.facts, about.text)).casefold()
        return all(word in haystack for word in words)

    def say_origin(self, text: str) -> None:
        """Show where the value comes from."""
        self._origin.say(text)
