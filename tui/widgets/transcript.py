"""The turns of the chat on the screen: rich ones at the end, cheap ones above, and no more than anybody scrolls to."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from typing import Final

from textual import getters
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.reactive import reactive
from textual.widgets import Static

from tui.chat.conversation import Turn
from tui.widgets.column import Column
from tui.widgets.exchange import Exchange
from tui.widgets.past_turn import PastTurn, prune, turns_in
from tui.widgets.shielded import shielded

_RICH_TURNS: Final = 12
"""Older answers become plain text, which costs next to nothing to lay out."""
_SHOWN_TURNS: Final = 200
"""Older turns leave the screen, not the conversation."""
_TIDY_TURNS: Final = 8
"""So many turns are worth a look at all objects."""
_EMPTY: Final = "Ask the model something: it uses the settings as they stand in the form, saved or not."


class Transcript(VerticalScroll, can_focus=True):
    """Follows the end of the newest answer until somebody scrolls up."""

    DEFAULT_CSS = """
    Transcript {
        height: 1fr;
        padding: 0 1;
        scrollbar-size-vertical: 1;
        & > #turns { height: auto; min-height: 100%; }
        & #empty { color: $text-muted; height: auto; }
    }
    """

    virtual_size: reactive[Size] = reactive(Size(0, 0), repaint=False)
    """Without a second layout and frame each time it has grown; what scrollbars need of one they ask for themselves."""

    _turns = getters.query_one("#turns", Column)

    def __init__(self, id: str) -> None:  # noqa: A002  # Textual's name
        super().__init__(id=id)
        self._garbage = 0

    def compose(self) -> ComposeResult:
        """What stands there before the first turn."""
        with Column(id="turns"):
            yield Static(Content(_EMPTY), id="empty")

    def on_mount(self) -> None:
        """Follow the end from the start."""
        self.anchor()

    @shielded
    async def begin(self, exchange: Exchange) -> None:
        """Add a turn at the end, and follow it."""
        await self._turns.query("#empty").remove()
        await self._turns.mount(exchange)
        self.anchor()

    @shielded
    async def show(self, turns: Sequence[Turn], clock: Callable[[], float]) -> None:
        """Show turns that have ended before, if any, in place of what is there; `clock` is in seconds."""
        await self._turns.remove_children()
        if not turns:
            await self._turns.mount(Static(Content(_EMPTY), id="empty"))
            return
        rich = [(Exchange(turn.prompt, clock), turn) for turn in turns[-_RICH_TURNS:]]
        await self._turns.mount(*map(PastTurn, turns[-_SHOWN_TURNS:-_RICH_TURNS]), *(exchange for exchange, _ in rich))
        for exchange, turn in rich:
            await exchange.show(turn)
        self.anchor()

    async def mark(self, turns: Sequence[Turn]) -> None:
        """Show which of the turns, of which the last ones are here, have been replaced."""
        ended = [one for one in turns_in(self._turns) if isinstance(one, PastTurn) or one.ended is not None]
        for shown, turn in zip(reversed(ended), reversed(turns), strict=False):
            if turn.replaced:
                await shown.replace()

    async def prune(self) -> None:
        """Make turns that have scrolled far away cheap."""
        self._garbage += await prune(self._turns, rich=_RICH_TURNS, most=_SHOWN_TURNS)

    def tidy(self) -> None:
        """Give back the memory of what was pruned, 0.5 MB a turn; it takes up to 0.1 s, so call it when nobody types.

        By itself Python's collector would come to it after some 250 turns: see `cli/settling.py`.
        """
        if self._garbage >= _TIDY_TURNS:
            self._garbage = 0
            gc.collect()

    def page(self, direction: int) -> None:
        """Scroll by a page: -1 up, 1 down."""
        (self.scroll_page_up if direction < 0 else self.scroll_page_down)(animate=False)
