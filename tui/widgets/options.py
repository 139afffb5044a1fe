"""A control for a few fixed options on one line: the arrows, space or enter move to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from tui.text import visible_line
from tui.widgets.bindings import hidden


class Options(Widget, can_focus=True):
    """Shows `a [b] c`, or `◂ b ▸ 2 of 9` where there is no room for all of them."""

    DEFAULT_CSS = """
    Options { width: 1fr; height: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        hidden("right,space,enter", "move(1)", "options.next", "Choose the next option"),
        hidden("left", "move(-1)", "options.previous", "Choose the previous option"),
    ]

    chosen: reactive[str | None] = reactive(None)
    """The option that holds; None shows none of them as chosen."""

    @dataclass
    class Changed(Message):
        """The user chose an option."""

        options: Options
        value: str

        @property
        def control(self) -> Options:
            """The widget that was used."""
            return self.options

    def __init__(self, options: Sequence[str], *, id: str | None = None) -> None:  # noqa: A002  # Textual's name
        super().__init__(id=id)
        self._options = tuple(options)
        self._starts: list[tuple[int, int, str]] = []
        self.dimmed = False

    def offer(self, options: Sequence[str], chosen: str | None, *, dimmed: bool = False) -> None:
        """Show these options; `dimmed` tells that the chosen one is only what would hold by default."""
        if (tuple(options), chosen, dimmed) != (self._options, self.chosen, self.dimmed):
            self._options, self.dimmed = tuple(options), dimmed
            self.set_reactive(Options.chosen, chosen)
            self.refresh()

    def render(self) -> Content:
        """All options with the chosen one in brackets, if they fit."""
        self._starts = []
        parts: list[tuple[str, str]] = []
        at = 0
        for option in self._options:
            name = visible_line(option)
            text = f"[{name}]" if option == self.chosen else f" {name} "
            self._starts.append((at, at + len(text), option))
            at += len(text)
            parts.append((text, self._style(option)))
        return Content.assemble(*parts) if at <= self.size.width else self._short()

    def action_move(self, step: int) -> None:
        """Choose the next option, round the end to the first."""
        at = self._options.index(self.chosen) + step if self.chosen in self._options else 0
        self._choose(self._options[at % len(self._options)])

    def on_click(self, event: events.Click) -> None:
        """Choose the option under the pointer."""
        for start, end, option in self._starts:
            if start <= event.x < end:
                self._choose(option)

    def _choose(self, option: str) -> None:
        if option != self.chosen:
            self.chosen = option
            self.dimmed = False
            self.post_message(self.Changed(self, option))

    def _short(self) -> Content:
        at = self._options.index(self.chosen) + 1 if self.chosen in self._options else 0
        name = visible_line(self.chosen or "")
        self._starts = []
        return Content.assemble(("◂ ", "$faint"), name, (f" ▸ {at} of {len(self._options)}", "$faint"))

    def _style(self, option: str) -> str:
        if option != self.chosen:
            return "$faint"
        return "$quiet" if self.dimmed else "bold $primary"
