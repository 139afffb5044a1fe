"""One turn on the screen: the prompt, what is awaited, the thinking, the answer, and how it ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from textual.app import ComposeResult
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from tui.chat.conversation import Turn
from tui.text import visible
from tui.widgets.attempt_strip import AttemptStrip
from tui.widgets.column import Column
from tui.widgets.failure import Failure
from tui.widgets.fold import Fold
from tui.widgets.reply import FLUSH_S, Reply
from tui.widgets.usage_line import UsageLine

_THINKING_REFRESH_S: Final = 0.5
REPLACED: Final = "replaced below, not sent any more"


class Exchange(Column):
    """Grows from a prompt to a finished turn."""

    DEFAULT_CSS = """
    Exchange {
        height: auto;
        padding: 0 0 1 0;
        & > .exchange--prompt { height: auto; text-style: bold; color: $text-primary; }
        & > .exchange--replaced { height: auto; color: $text-muted; }
        &.-replaced > Reply { opacity: 75%; }
    }
    """

    def __init__(self, prompt: str, clock: Callable[[], float], *, flush_s: float = FLUSH_S) -> None:
        """`flush_s` is the time between two additions to the answer on the screen."""
        super().__init__()
        self._prompt = prompt
        self._clock = clock
        self.strip = AttemptStrip(clock)
        self.reply = Reply(flush_s=flush_s)
        self.ended: Turn | None = None
        """The turn, once it has ended."""
        self._thinking: Fold | None = None
        self._thinking_chars = 0
        self._thinking_drawn_at = 0.0

    def compose(self) -> ComposeResult:
        """What every turn has; the rest is mounted as it comes."""
        yield Static(Content(f"> {visible(self._prompt)}"), classes="exchange--prompt")
        yield self.reply
        yield self.strip

    def add_reply(self, text: str) -> None:
        """More of the answer, safe to show."""
        self.strip.quiet()
        self.reply.take(text)

    async def add_thinking(self, text: str) -> None:
        """More of the reasoning, safe to show; it is folded away unless somebody opens it."""
        self.strip.quiet()
        self._thinking_chars += len(text)
        if self._thinking is None:
            self._thinking = Fold("thinking…", text)
            await self.mount(self._thinking, before=self.reply)
        else:
            self._thinking.add(text)
        if self._clock() - self._thinking_drawn_at >= _THINKING_REFRESH_S:
            self._draw_thinking()

    async def end(self, turn: Turn) -> None:
        """Show how the turn ended."""
        self.ended = turn
        self.strip.quiet()
        self._draw_thinking()
        await self.reply.finish()
        ending: list[Widget] = [UsageLine(turn)]
        if turn.failure is not None:
            ending.insert(0, Failure(turn.failure))
        await self.mount(*ending)

    async def show(self, turn: Turn) -> None:
        """Show a turn that ended before, whose texts come from a file."""
        if turn.thinking:
            await self.add_thinking(visible(turn.thinking))
        self.reply.take(visible(turn.reply))
        await self.end(turn)
        if turn.replaced:
            await self.replace()

    @property
    def replaced(self) -> bool:
        """Whether a newer turn stands in the place of this one."""
        return self.has_class("-replaced")

    async def replace(self) -> None:
        """A newer turn stands in the place of this one."""
        if not self.replaced:
            self.add_class("-replaced")
            await self.mount(Static(Content(REPLACED), classes="exchange--replaced"), after=0)

    async def flatten(self) -> None:
        """Make the answer cheap to lay out, now that it has scrolled far away."""
        await self.reply.flatten()

    def _draw_thinking(self) -> None:
        if self._thinking is not None:
            self._thinking_drawn_at = self._clock()
            self._thinking.refresh_text(f"thinking, {self._thinking_chars:,} characters")
