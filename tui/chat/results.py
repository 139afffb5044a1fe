"""What came of a comparison's round: the figures of each side, who was the fastest and who the cheapest."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from tui.chat.conversation import Status, Turn
from tui.format import dollars, seconds
from tui.llm.events import Usage
from tui.text import visible
from tui.usage.totals import speed_words, tries_words

HEADINGS: Final = ("profile", "model", "first token", "total", "tok/s", "tokens", "cost", "")
"""Of the cells of a standing."""
_ABSENT: Final = "-"
_ENDINGS: Final[dict[Status, str]] = {
    "running": "running", "done": "", "cut": "cut off", "stopped": "stopped", "failed": "failed"
}  # fmt: skip


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """One side's last turn, beside the others'."""

    name: str
    """Of the profile."""
    model: str
    turn: Turn
    fastest: bool = False
    """Whether no complete answer was there sooner, retries and their waits included, and one was there later."""
    cheapest: bool = False
    """Whether no complete answer with a known cost cost less, and one cost more."""
    cost_unknown: bool = False
    """Whether a complete answer of this round has no known cost, so that "cheapest" says less."""

    @property
    def total_s(self) -> float | None:
        """From the sending of the first attempt to the end of the answer; None without a complete answer."""
        usage = self.turn.usage
        return None if usage is None or not _complete(self.turn) else usage.waited_s + usage.total_s

    @property
    def marks(self) -> str:
        """What stands out, in words: "fastest, cheapest", "failed", "2 tries, waited 5 s"."""
        cheapest = "cheapest known" if self.cost_unknown else "cheapest"
        best = [word for word, holds in (("fastest", self.fastest), (cheapest, self.cheapest)) if holds]
        tries = tries_words(self.turn.usage) if self.turn.usage else ""
        return ", ".join(filter(None, (*best, _ENDINGS[self.turn.status], tries)))

    @property
    def short(self) -> str:
        """A few words that tell most: "1.2 s · $0.0031 · fastest"."""
        _name, _model, _first, total, _speed, _tokens, cost, marks = self.cells
        return " · ".join(filter(None, (*(text for text in (total, cost) if text != _ABSENT), marks)))

    @property
    def cells(self) -> tuple[str, ...]:
        """In the order of `HEADINGS`; what isn't known is a dash, and an unknown cost says so."""
        usage = self.turn.usage or Usage()
        about = "~" if usage.tokens_estimated else ""
        tokens = _ABSENT if usage.output_tokens is None else f"{about}{usage.output_tokens:,}"
        speed = speed_words(usage) or _ABSENT
        times = exact_seconds(usage.first_token_s), exact_seconds(self.total_s)
        return self.name, self.model, *times, speed, tokens, self._cost_words(about), self.marks

    def _cost_words(self, about: str) -> str:
        cost_usd = self.turn.usage.cost_usd if self.turn.usage else None
        if cost_usd is None or (cost_usd == 0 and self.turn.local):
            return _ABSENT if not self.turn.counts else "local" if self.turn.local else "unknown"
        return about + exact_dollars(cost_usd)


def exact_seconds(duration_s: float | None) -> str:
    """With hundredths, to be told from another side's: "0.04 s"; from ten seconds on as everywhere."""
    if duration_s is None:
        return _ABSENT
    return f"{duration_s:.2f} s" if duration_s < 9.995 else seconds(duration_s)  # noqa: PLR2004  # ten, rounded


def exact_dollars(cost_usd: float) -> str:
    """With two digits that count, however small: "$0.000031"."""
    if cost_usd == 0 or cost_usd >= 0.01:  # noqa: PLR2004  # a cent
        return dollars(cost_usd)
    return f"${cost_usd:.{1 - math.floor(math.log10(cost_usd))}f}"


def judged(standings: Iterable[Standing]) -> tuple[Standing, ...]:
    """The same standings with the fastest and the cheapest marked: nobody alone, nobody if all are even."""
    given = tuple(standings)
    times = {one.name: one.total_s for one in given if one.total_s is not None}
    costs = {one.name: cost for one in given if _complete(one.turn) and (cost := _cost(one.turn)) is not None}
    unknown = any(_complete(one.turn) and _cost(one.turn) is None for one in given)
    fastest, cheapest = _least(times), _least(costs)
    return tuple(
        msgspec.structs.replace(one, fastest=one.name in fastest, cheapest=one.name in cheapest, cost_unknown=unknown)
        for one in given
    )


def markdown(prompt: str, standings: Sequence[Standing]) -> str:
    """The round to paste elsewhere: the prompt as a quote, and the figures as a table. Answers are not in it."""
    quote = "\n".join(f"> {line}" for line in visible(prompt).split("\n"))
    rows = [HEADINGS, tuple("---" for _ in HEADINGS), *(one.cells for one in standings)]
    table = "\n".join("| " + " | ".join(map(_cell, row)) + " |" for row in rows)
    return f"{quote}\n\n{table}\n"


def _complete(turn: Turn) -> bool:
    return turn.status in ("done", "cut")


def _cost(turn: Turn) -> float | None:
    """In USD; a model on this machine costs nothing, an unknown price is None."""
    known = turn.usage.cost_usd if turn.usage else None
    return 0.0 if known is None and turn.local else known


def _least(amounts: dict[str, float]) -> set[str]:
    if len(set(amounts.values())) <= 1:
        return set()
    return {name for name, amount in amounts.items() if amount == min(amounts.values())}


def _cell(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ")
