"""The line under an answer: how fast it came, how many tokens it took, what it cost, after how many tries."""

from __future__ import annotations

from typing import Final

from textual import events
from textual.content import Content
from textual.widgets import Static

from tui.chat.conversation import Status, Turn
from tui.usage.totals import answered_by, ending_words, tries_words, usage_words

_SEPARATOR: Final = " · "
_ENDINGS: Final[dict[Status, str]] = {
    "running": "",
    "done": "",
    "cut": ending_words("length"),
    "stopped": "stopped",
    "failed": "incomplete",
}


class UsageLine(Static):
    """Words alone carry the state: "stopped · 61 tok/s · …"; where it is narrow, lines break between two facts."""

    DEFAULT_CSS = """
    UsageLine { height: auto; color: $text-muted; }
    """

    def __init__(self, turn: Turn) -> None:
        self._words = usage_line_words(turn)
        super().__init__(Content(self._words))
        self.display = bool(self._words)

    def on_resize(self, event: events.Resize) -> None:
        """Break the line anew."""
        self.update(Content(_broken(self._words, event.size.width)))


def usage_line_words(turn: Turn) -> str:
    """The whole line for a turn that has ended; empty if nothing was sent or nothing is known."""
    ending = "" if turn.status == "failed" and not turn.reply else _ENDINGS[turn.status]
    usage = turn.usage
    if usage is None:
        return ending
    told = usage_words(usage, local=turn.local) if turn.reply or usage.output_tokens is not None else tries_words(usage)
    return _SEPARATOR.join(filter(None, (ending, told, answered_by(turn.model, turn.answered), turn.note)))


def _broken(words: str, width: int) -> str:
    lines = [""]
    for part in words.split(_SEPARATOR):
        joined = lines[-1] + _SEPARATOR + part if lines[-1] else part
        if len(joined) <= width or not lines[-1]:
            lines[-1] = joined
        else:
            lines.append(part)
    return "\n".join(lines)
