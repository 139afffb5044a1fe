"""The lines around the form: title line, tab line, key line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
from textual import events
from textual.binding import ActiveBinding
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from tui.text import visible_line
from tui.widgets.bindings import Explaining

_MANY: Final = 100
"""From here on a count is shown as "99+"."""


class Title(msgspec.Struct, frozen=True):
    """What the title line shows."""

    path: str = ""
    table: str = ""
    model: str = ""
    state: str = ""
    """"saved", "2 unsaved", or what is wrong."""
    calm: bool = True
    """Whether the state needs no attention."""


def short_path(path: Path) -> str:
    """`path` with the home directory as `~`."""
    try:
        return str(Path("~") / path.relative_to(Path.home()))
    except (ValueError, RuntimeError):
        return str(path)


def shorten(text: str, width: int) -> str:
    """The end of `text`, which tells more of a path or a model than its start."""
    return text if len(text) <= width else "…" + text[len(text) - max(0, width - 1) :]


class TitleLine(Widget):
    """Name, file and table on the left; model and state on the right."""

    DEFAULT_CSS = """
    TitleLine { height: 1; padding: 0 1; background: $boost; }
    """

    title: reactive[Title] = reactive(Title())

    def render(self) -> Content:
        """Everything that fits; the path and the model give way first, the state never."""
        title, width = self.title, self.size.width
        name = "llm-backends  " if width >= 70 else ""  # noqa: PLR2004  # below, the file is worth more than the name
        fixed = len(name) + len(title.table) + len(title.state) + 5
        room = width - fixed - 2
        path, model = visible_line(title.path), visible_line(title.model)
        path = shorten(path, max(8, room // 2, room - len(model)))
        model = shorten(model, max(8, room - len(path)))
        left = Content.assemble((name, "bold $primary"), path, "  ", (visible_line(title.table), "$quiet"))
        state = (title.state, "$quiet" if title.calm else "bold $warning")
        right = Content.assemble((model, "$quiet"), "   ", state)
        gap = max(1, width - left.cell_length - right.cell_length)
        return Content.assemble(left, " " * gap, right)


class Tab(msgspec.Struct, frozen=True):
    """One entry of the tab line."""

    name: str
    key: str
    title: str
    short: str
    """The title where there is no room for all."""


class Count(msgspec.Struct, frozen=True):
    """How much waits behind a tab."""

    number: int
    serious: bool = False


class TabLine(Widget):
    """The pages with their function keys; the one that is shown is underlined, and a count stands after its title."""

    DEFAULT_CSS = """
    TabLine { height: 1; padding: 0 1; color: $quiet; }
    """

    active: reactive[str] = reactive("")
    counts: reactive[Mapping[str, Count]] = reactive[Mapping[str, Count]]({})

    @dataclass
    class Picked(Message):
        """A tab was clicked."""

        name: str

    def __init__(self, tabs: Sequence[Tab]) -> None:
        super().__init__()
        self._tabs = tuple(tabs)

    def count(self, name: str, number: int, *, serious: bool = False) -> None:
        """Show a number after the tab's title; 0 shows none."""
        rest = {tab: count for tab, count in self.counts.items() if tab != name}
        self.counts = {**rest, name: Count(number, serious)} if number else rest

    def render(self) -> Content:
        """All tabs in order."""
        titles, gap = self._fitting()
        return Content(" " * gap).join(map(self._drawn, self._tabs, titles))

    def _drawn(self, tab: Tab, title: str) -> Content:
        count = self.counts.get(tab.name, Count(0))
        number = (self._number(tab), "$error" if count.serious else "$warning")
        style = "bold underline $primary" if tab.name == self.active else ""
        return Content.assemble((tab.key, "$faint"), " ", (title, style), number)

    def _number(self, tab: Tab) -> str:
        number = self.counts.get(tab.name, Count(0)).number
        return "" if not number else f" {number}" if number < _MANY else f" {_MANY - 1}+"

    def _fitting(self) -> tuple[list[str], int]:
        """The titles as there is room for them, the active one's in full if it can be, and the gap between two."""
        full = [tab.title for tab in self._tabs]
        mixed = [tab.title if tab.name == self.active else tab.short for tab in self._tabs]
        short = [tab.short for tab in self._tabs]
        fixed = sum(len(tab.key) + 1 + len(self._number(tab)) for tab in self._tabs)
        for titles, gap in ((full, 2), (full, 1), (mixed, 2), (mixed, 1)):
            if fixed + sum(map(len, titles)) + gap * (len(titles) - 1) <= self.size.width:
                return titles, gap
        return short, 1

    def on_click(self, event: events.Click) -> None:
        """Pick the tab under the pointer."""
        at, (titles, gap) = 1, self._fitting()
        for tab, title in zip(self._tabs, titles, strict=True):
            width = len(tab.key) + 1 + len(title) + len(self._number(tab))
            if at <= event.x < at + width:
                self.post_message(self.Picked(tab.name))
            at += width + gap


def _in_vain(active: ActiveBinding) -> bool:
    return isinstance(active.node, Explaining) and active.node.in_vain(active.binding.action)


class KeyLine(Widget):
    """The keys that work now, made from the bindings; those that do not fit go, but help and quit stay."""

    DEFAULT_CSS = """
    KeyLine { height: 1; padding: 0 1; background: $boost; color: $quiet; }
    """

    LAST = ("app.help", "app.quit")

    def on_mount(self) -> None:
        """Follow the focus."""
        self.screen.bindings_updated_signal.subscribe(self, lambda _: self.refresh())

    def render(self) -> Content:
        """One line of key and word."""
        shown = {
            active.binding.id: (self.app.get_key_display(active.binding), active.binding.description)
            for active in self.screen.active_bindings.values()
            if active.binding.show and active.enabled and not _in_vain(active)
        }
        last = {name: shown.pop(name) for name in self.LAST if name in shown}
        room = self.size.width - sum(len(key) + len(what) + 3 for key, what in last.values())
        kept = []
        for entry in shown.values():
            room -= len(entry[0]) + len(entry[1]) + 3
            if room >= 0:
                kept.append(entry)
        return Content("  ").join(
            Content.assemble((key, "$primary"), " ", what) for key, what in (*kept, *last.values())
        )
