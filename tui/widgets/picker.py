"""A text field with a list under it that narrows as one types."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from tui.text import visible_line
from tui.widgets.bindings import hidden
from tui.widgets.line_input import LineInput
from tui.widgets.suggestion import Search, Suggestion

_DETAIL_AT: Final = 36


class Picker(Vertical):
    """Enter opens the list and takes what is highlighted; leaving the field takes free text as it was typed."""

    DEFAULT_CSS = """
    Picker {
        width: 1fr;
        height: 1;
        & > OptionList {
            overlay: screen;
            constrain: inside inflect;
            display: none;
            width: 72;
            max-width: 96vw;
            height: auto;
            max-height: 11;
            padding: 0;
            border: round $border;
            background: $boost;
            scrollbar-size-vertical: 1;
            text-wrap: nowrap;
            text-overflow: ellipsis;
        }
        &.-open > OptionList { display: block; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        hidden("down", "highlight(1)", "picker.next", "The next line of the list"),
        hidden("up", "highlight(-1)", "picker.previous", "The previous line of the list"),
        hidden("pagedown", "highlight(8)", "picker.page_down", "A page down the list"),
        hidden("pageup", "highlight(-8)", "picker.page_up", "A page up the list"),
        hidden("escape", "close", "picker.close", "Close the list, change nothing"),
    ]

    @dataclass
    class Picked(Message):
        """The user chose a line, or left free text."""

        picker: Picker
        value: str

        @property
        def control(self) -> Picker:
            """The widget that was used."""
            return self.picker

    @dataclass
    class Opened(Message):
        """The list was opened."""

        picker: Picker

    @dataclass
    class Left(Message):
        """Enter closed the list: the user is done here."""

        picker: Picker

    def __init__(self, search: Search, *, free_text: bool, id: str | None = None) -> None:  # noqa: A002  # Textual's name
        super().__init__(id=id)
        self._search = search
        self._free_text = free_text
        self._lines: list[Suggestion | None] = []
        self._text = ""
        self._typed = False
        self._moved = False  # whether somebody went to the highlighted line
        self.input = LineInput()
        self._made: OptionList | None = None

    def compose(self) -> ComposeResult:
        """The list comes when it is first opened."""
        yield self.input

    @property
    def _listing(self) -> OptionList:
        """The list. It keeps no focus: keys stay with the text."""
        if self._made is None:
            self._made = OptionList(markup=False, compact=True)
            self._made.can_focus = False
            self.mount(self._made)
        return self._made

    def put(self, text: str, placeholder: str = "") -> None:
        """Show `text` as what holds now; somebody who is just choosing is not disturbed."""
        self._text = text
        if not self._typed and not self.is_open:
            self.input.put(text, placeholder)

    @property
    def is_open(self) -> bool:
        """Whether the list is shown."""
        return self.has_class("-open")

    def open(self, text: str) -> None:
        """Show the list for `text`; whoever waits for it to open is told once, not for each letter."""
        self._list(text)
        if self.is_open:
            return
        self.add_class("-open")
        self.refresh_bindings()
        self.post_message(self.Opened(self))

    def close(self) -> None:
        """Hide the list."""
        self.remove_class("-open")
        if self.is_attached:
            self.refresh_bindings()

    def again(self) -> None:
        """Search once more, because there is more to search in now; the line that was gone to stays."""
        if not self.is_open:
            return
        listing = self._listing
        held = self._line(listing.highlighted) if self._moved or self._typed else None
        self._list(self.input.value if self._typed else "")
        if held is not None and held.value in (values := [line and line.value for line in self._lines]):
            listing.highlighted = values.index(held.value)

    def take(self) -> str | None:
        """What was typed and not chosen yet, once; None if nothing was, or it is not listed and has to be."""
        if not self._typed:
            return None
        typed = self.input.value.strip()
        exact = self._search(typed).exact
        self.action_close()
        return exact or (typed if self._free_text else None)

    def commit(self) -> None:
        """Take free text that was typed and not chosen yet; where only listed values count, go back."""
        if (typed := self.take()) is not None:
            self._pick(typed)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  # Textual's signature
        """Without a list, the arrows belong to the form."""
        return self.is_open if action in ("highlight", "close") else True

    def action_highlight(self, step: int) -> None:
        """Move along the list, round its ends by single steps."""
        listing = self._listing
        places = [at for at, line in enumerate(self._lines) if line is not None]
        if not places:
            return
        now = places.index(listing.highlighted) if listing.highlighted in places else -1
        to = (now + step) % len(places) if abs(step) == 1 else max(0, min(len(places) - 1, now + step))
        listing.highlighted = places[to]
        self._moved = True
        if to == 0:
            listing.scroll_home(animate=False)  # what stands above the first line shows again

    def action_close(self) -> None:
        """Close the list and show again what holds."""
        self._typed = False
        self.close()
        self.input.put(self._text, self.input.placeholder)

    @on(Input.Changed)
    def _narrow(self, event: Input.Changed) -> None:
        event.stop()
        self._typed = True
        self.open(event.value)

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        if not self.is_open:
            self.open("")
            return
        if (line := self._line(self._listing.highlighted)) is not None:
            self._pick(line.value)
        self.close()
        self.post_message(self.Left(self))

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if (line := self._line(event.option_index)) is not None:
            self._pick(line.value)

    def on_descendant_blur(self, _event: events.DescendantBlur) -> None:
        """Leaving the field takes what stands in it."""
        self.commit()
        self.close()

    def _pick(self, value: str) -> None:
        self._typed = False
        self.close()
        self.post_message(self.Picked(self, value))

    def _list(self, text: str) -> None:
        text = text.strip()
        found = self._search(text)
        shown = list(found.lines)
        if self._free_text and text and not found.exact:
            shown.append(Suggestion(text, f"use “{visible_line(text)}” as it is"))
        options = self._grouped(shown)
        if (more := found.count - len(found.lines)) > 0:
            options.append(_aside(f"{more} more: type to narrow"))
        listing = self._listing
        listing.set_options(options or [_aside("nothing matches")])
        places = [at for at, line in enumerate(self._lines) if line is not None]
        held = [at for at in places if not text and self._holds(at)]
        listing.highlighted = next(iter(held or places), None)
        self._moved = False

    def _grouped(self, shown: Sequence[Suggestion]) -> list[Option]:
        """The lines with what stands above each group; `_lines` says which of them can be chosen."""
        self._lines, options, group = [], [], ""
        for item in shown:
            if item.group != group:
                group = item.group
                self._lines.append(None)
                options.append(_aside(visible_line(group) or "all others"))
            self._lines.append(item)
            options.append(Option(_drawn(item)))
        return options

    def _holds(self, at: int) -> bool:
        line = self._line(at)
        return line is not None and self._text in (line.value, line.title)

    def _line(self, at: int | None) -> Suggestion | None:
        return self._lines[at] if at is not None and at < len(self._lines) else None


def _aside(text: str) -> Option:
    return Option(Content.styled(f"  {text}", "$faint"), disabled=True)


def _drawn(item: Suggestion) -> Content:
    title = visible_line(item.title)
    gap = " " * max(2, _DETAIL_AT - len(title))
    return Content.assemble((f"{item.mark or ' '} ", "$primary"), title, gap, (visible_line(item.detail), "$quiet"))
