"""The list in which the user chooses who takes part in a comparison."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tui.chat.candidates import Contender
from tui.text import visible_line

_MOST_LINES: Final = 8


class Contenders(Vertical):
    """Hidden until it is opened; space adds or takes away a line, enter or esc ends the choosing."""

    DEFAULT_CSS = """
    Contenders {
        display: none;
        height: auto;
        & > Static { height: auto; padding: 0 1; color: $quiet; }
        & > OptionList { height: auto; margin: 0 1; padding: 0; border: none; background: transparent; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "mark", "In or out", id="contenders.mark", tooltip="Let this profile take part, or not"),
        Binding("escape,ctrl+t", "done", "Done", id="contenders.done", tooltip="Compare the profiles that are chosen"),
    ]

    @dataclass
    class Chosen(Message):
        """The choosing is over."""

        names: tuple[str, ...]
        """In the order of the list."""

    def __init__(self, least: int, most: int) -> None:
        """How many have to take part, and may."""
        super().__init__()
        self._least, self._most = least, most
        self._offered: tuple[Contender, ...] = ()
        self._chosen: set[str] = set()
        self._list = OptionList(compact=True, markup=False)
        self._list.styles.max_height = _MOST_LINES
        self._said = Static(markup=False)

    def compose(self) -> ComposeResult:
        """How many are chosen, and everybody."""
        yield self._said
        yield self._list

    @property
    def names(self) -> tuple[str, ...]:
        """Who takes part, in the order of the list."""
        return tuple(one.name for one in self._offered if one.name in self._chosen)

    def open(self, contenders: Sequence[Contender], chosen: Sequence[str]) -> None:
        """Offer the profiles and take the focus."""
        self._offered, self._chosen = tuple(contenders), set(chosen)
        self._list.clear_options()
        self._list.add_options(Option(self._line(one)) for one in self._offered)
        self._list.highlighted = 0
        self.display = True
        self._say("")
        self._list.focus()

    def action_mark(self) -> None:
        """Add the line under the cursor, or take it away."""
        at = self._list.highlighted
        if at is None:
            return
        name = self._offered[at].name
        if name not in self._chosen and len(self._chosen) >= self._most:
            self._say(f"No more than {self._most}: take another one away first.")
            return
        self._chosen ^= {name}
        self._list.replace_option_prompt_at_index(at, self._line(self._offered[at]))
        self._say("")

    def action_done(self) -> None:
        """End the choosing, if enough take part."""
        if len(self._chosen) < self._least:
            self._say(f"At least {self._least} have to take part.")
            return
        self.display = False
        self.post_message(self.Chosen(self.names))

    @on(OptionList.OptionSelected)
    def _entered(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_done()

    def _line(self, one: Contender) -> Content:
        width = max(len(visible_line(each.name)) for each in self._offered)
        mark = "[x]" if one.name in self._chosen else "[ ]"
        return Content(f"{mark} {visible_line(one.name):<{width}}  {one.model}")

    def _say(self, trouble: str) -> None:
        count = f"{len(self._chosen)} of at most {self._most} take part."
        self._said.update(Content(f"{trouble or count} Space puts a profile in or out, enter is done."))
