"""A turn of long ago as one block of text: a chat of hundreds of turns stays small."""

from __future__ import annotations

import msgspec
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from tui.chat.conversation import Turn
from tui.text import visible
from tui.widgets.exchange import REPLACED, Exchange
from tui.widgets.shielded import shielded
from tui.widgets.usage_line import usage_line_words


class PastTurn(Static):
    """Plain, whatever Markdown is in it; the thinking is left out."""

    DEFAULT_CSS = """
    PastTurn { height: auto; padding: 0 0 1 0; }
    """

    def __init__(self, turn: Turn) -> None:
        super().__init__(_drawn(turn))
        self._turn = turn

    async def replace(self) -> None:
        """A newer turn stands in the place of this one."""
        if not self._turn.replaced:
            self._turn = msgspec.structs.replace(self._turn, replaced=True)
            self.update(_drawn(self._turn))


def turns_in(place: Widget) -> list[Exchange | PastTurn]:
    """All that are shown there, the oldest first."""
    return [one for one in place.children if isinstance(one, Exchange | PastTurn)]


@shielded
async def prune(place: Widget, *, rich: int, most: int) -> int:
    """Keep the last `most` turns; those before the last `rich` become cheap to keep and to lay out.

    Returns:
        How many of them became cheap now.
    """
    shown = turns_in(place)
    costly = [one for one in shown[-most:-rich] if isinstance(one, Exchange)]
    for old in shown[:-most]:
        await _take_away(old)
    return sum([await _condensed(old, place) for old in costly])


async def _condensed(old: Exchange, place: Widget) -> bool:
    """Make it one block of text; where there is something in the turn to open, its answer at least."""
    turn = old.ended
    if turn is None or turn.thinking or turn.failure is not None:
        await old.flatten()
        return False
    await place.mount(PastTurn(msgspec.structs.replace(turn, replaced=old.replaced)), before=old)
    await _take_away(old)
    return True


@shielded
async def _take_away(old: Widget) -> None:
    """Remove it, and with it what was drawn of it: Textual holds on to the last 1,024 widgets that it has drawn."""
    drawn = list(old.walk_children(with_self=True))
    removal = old.remove()
    for widget in drawn:
        widget.refresh()
    await removal


def _drawn(turn: Turn) -> Content:
    failed = turn.failure
    parts = (
        Content.styled(f"> {visible(turn.prompt)}", "bold $text-primary"),
        Content.styled(REPLACED if turn.replaced else "", "$text-muted"),
        Content.styled(visible(turn.reply).strip("\n"), "$text-muted" if turn.replaced else ""),
        Content.styled("" if failed is None else visible(failed.message), "$text-error"),
        Content.styled(usage_line_words(turn), "$text-muted"),
    )
    return Content("\n").join([part for part in parts if part.plain])
