"""One side of a comparison on the screen: a heading, and the transcript of its conversation."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Final, assert_never

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from tui.chat.candidates import Contender
from tui.chat.conversation import Turn
from tui.chat.side import Counting, Ended, Said, SideEvent, Waiting
from tui.text import visible_line
from tui.widgets.approval import Approval
from tui.widgets.bindings import hidden
from tui.widgets.consent import put_under
from tui.widgets.exchange import Exchange
from tui.widgets.lines import shorten
from tui.widgets.past_turn import prune
from tui.widgets.reply import FLUSH_S
from tui.widgets.shielded import shielded

_RICH_TURNS: Final = 6
"""Older answers become plain text, which costs next to nothing to lay out."""
_SHOWN_TURNS: Final = 50
_LEAST_MODEL: Final = 8
"""A model is left out rather than shown in fewer columns."""


class SideHeading(Widget):
    """`cheap  openai/gpt-4o-mini · draft       answering`; the model gives way first."""

    DEFAULT_CSS = """
    SideHeading { height: 1; padding: 0 1; background: $boost; }
    """

    model: reactive[str] = reactive("")
    state: reactive[str] = reactive("")
    mark: reactive[str] = reactive("")
    """Before the name: whether the transcript is folded away."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._title = visible_line(name)

    def render(self) -> Content:
        """All that fits; the name of the profile always."""
        title = self.mark + self._title
        room = self.size.width - len(title) - 3
        state = next((words for words in (self.state, self.state.partition(",")[0]) if len(words) <= room), "")
        room -= len(state) + bool(state) * 2
        model = (
            shorten(self.model, room) if min(room, len(self.model)) >= _LEAST_MODEL or room >= len(self.model) else ""
        )
        left = Content.assemble((title, "bold $primary"), "  ", (model, "$quiet"))
        return Content.assemble(left, " " * max(1, self.size.width - left.cell_length - len(state)), state)


class SidePane(Vertical, can_focus=True):
    """Shows what happens on its side; the arrows scroll it while it has the focus."""

    DEFAULT_CSS = """
    SidePane {
        width: 1fr;
        height: 1fr;
        & > VerticalScroll { height: 1fr; padding: 0 1; scrollbar-size-vertical: 1; }
        & .turns { height: auto; min-height: 100%; }
        &.-later { border-left: solid $border; }
        &:focus > SideHeading { background: $panel; text-style: bold; }
        &.-folded { height: 1; }
        &.-folded > VerticalScroll { display: none; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        hidden("up", "scroll(-1)", "side.up", "A line up"),
        hidden("down", "scroll(1)", "side.down", "A line down"),
        hidden("home", "scroll_to(0)", "side.home", "The start"),
        hidden("end", "scroll_to(1)", "side.end", "The end"),
        hidden("pageup", "page(-1)", "side.page_up", "A page up"),
        hidden("pagedown", "page(1)", "side.page_down", "A page down"),
    ]

    def __init__(self, contender: Contender, clock: Callable[[], float], sides: int) -> None:
        """`clock` is in seconds; `sides` is how many stand beside each other."""
        super().__init__()
        self.side = contender.name
        self._contender = contender
        self._clock = clock
        self._flush_s = FLUSH_S * sides  # each addition lays out all sides
        self._exchange: Exchange | None = None
        self.heading = SideHeading(contender.name)
        self.transcript = VerticalScroll(can_focus=False)
        self._turns = Vertical(classes="turns")

    def compose(self) -> ComposeResult:
        """The heading and the turns."""
        yield self.heading
        with self.transcript:
            yield self._turns

    def on_mount(self) -> None:
        """Follow the answer's end until somebody scrolls up."""
        self.transcript.anchor()
        self.show(self._contender)

    def show(self, contender: Contender) -> None:
        """Say with which model the next prompt would be answered."""
        model = contender.model or "no model"
        self.heading.model = f"{model} · draft" if contender.draft else model

    def say(self, state: str) -> None:
        """A few words at the end of the heading."""
        self.heading.state = state

    def fold(self, *, stacked: bool, folded: bool) -> None:
        """Whether sides stand one below the other, and whether this one is a line among them."""
        self.set_class(folded, "-folded")
        self.heading.mark = ("▸ " if folded else "▾ ") if stacked else ""

    async def begin(self, prompt: str) -> None:
        """A turn starts."""
        self._exchange = Exchange(prompt, self._clock, flush_s=self._flush_s)
        await self._turns.mount(self._exchange)
        self.transcript.anchor()

    async def take(self, event: SideEvent) -> None:
        """Show what happened on this side."""
        exchange = self._exchange
        if exchange is None:
            return
        match event:
            case Waiting(words=words, fraction=fraction, timed=timed):
                exchange.strip.wait_for(words, fraction=fraction, timed=timed)
                self.say("waiting")
            case Counting(event=retrying):
                exchange.strip.count_down(retrying)
                self.say(f"retrying: {visible_line(retrying.reason)}")
            case Said(text=text, thinking=True):
                await exchange.add_thinking(text)
                self.say("thinking")
            case Said(text=text):
                exchange.add_reply(text)
                self.say("answering")
            case Ended(turn=turn):
                await self._end(exchange, turn)
            case _:
                assert_never(event)

    async def ask(self, approval: Approval) -> None:
        """Put a question under the turn that has it."""
        if self._exchange is not None:
            await put_under(self._exchange, approval)
            self.say("a question")

    def page(self, direction: int) -> None:
        """Scroll by a page; -1 is up."""
        scroll = self.transcript.scroll_page_up if direction < 0 else self.transcript.scroll_page_down
        scroll(animate=False)

    def action_page(self, direction: int) -> None:
        """Scroll by a page; -1 is up."""
        self.page(direction)

    def action_scroll(self, direction: int) -> None:
        """Scroll by a line; -1 is up."""
        self.transcript.scroll_relative(y=direction, animate=False)

    def action_scroll_to(self, end: int) -> None:
        """Scroll to the start, 0, or the end, 1."""
        (self.transcript.scroll_end if end else self.transcript.scroll_home)(animate=False)

    @shielded
    async def _end(self, exchange: Exchange, turn: Turn) -> None:
        self._exchange = None
        self.say("done" if turn.status == "done" else "ended")
        await exchange.end(turn)
        await prune(self._turns, rich=_RICH_TURNS, most=_SHOWN_TURNS)
