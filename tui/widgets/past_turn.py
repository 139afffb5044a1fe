"""A turn of long ago, from a file, as one block of text: a chat of hundreds of turns is there at once."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from tui.chat.conversation import Turn
from tui.config.visible import visible
from tui.widgets.exchange import REPLACED
from tui.widgets.usage_line import usage_line_words


class PastTurn(Static):
    """Plain, whatever Markdown is in it; the thinking is left out."""

    DEFAULT_CSS = """
    PastTurn { height: auto; padding: 0 0 1 0; }
    """

    def __init__(self, turn: Turn) -> None:
        super().__init__(_drawn(turn, replaced=turn.replaced))
        self._turn = turn

    async def replace(self) -> None:
        """A newer turn stands in the place of this one."""
        self.update(_drawn(self._turn, replaced=True))


def _drawn(turn: Turn, *, replaced: bool) -> Content:
    failed = turn.failure
    parts = (
        Content.styled(f"> {visible(turn.prompt)}", "bold $text-primary"),
        Content.styled(REPLACED if replaced else "", "$text-muted"),
        Content.styled(visible(turn.reply).strip("\n"), "$text-muted" if replaced else ""),
        Content.styled("" if failed is None else visible(failed.message), "$text-error"),
        Content.styled(usage_line_words(turn), "$text-muted"),
    )
    return Content("\n").join([part for part in parts if part.plain])
