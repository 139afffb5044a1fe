"""What several turns have used together, and how usage is worded: the line under an answer, and the title."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import msgspec

from tui.format import dollars, seconds
from tui.llm.events import Usage

_SEPARATOR = " · "


class Totals(msgspec.Struct, frozen=True):
    """What a conversation has used. A part that is unknown is counted, never taken for zero."""

    tokens: int = 0
    """Prompt and answer tokens of the turns that told them."""
    tokens_unknown: int = 0
    """Turns that did not."""
    cost_usd: float = 0.0
    """Cost of the turns whose price is known."""
    cost_known: int = 0
    """How many those are."""
    cost_unknown: int = 0
    cost_local: int = 0
    """Turns of a model on this machine, with no price."""
    tokens_estimated: bool = False
    """Whether any of the counts is ours."""

    def __add__(self, other: Totals) -> Totals:
        return Totals(
            tokens=self.tokens + other.tokens,
            tokens_unknown=self.tokens_unknown + other.tokens_unknown,
            cost_usd=self.cost_usd + other.cost_usd,
            cost_known=self.cost_known + other.cost_known,
            cost_unknown=self.cost_unknown + other.cost_unknown,
            cost_local=self.cost_local + other.cost_local,
            tokens_estimated=self.tokens_estimated or other.tokens_estimated,
        )


def usage_words(usage: Usage, *, local: bool = False) -> str:
    """One turn in a line: "1.2 s to first token · 61 tok/s · 412 tok · $0.0031"; what isn't known is left out or named.

    Args:
        usage: of the turn.
        local: the model ran on this machine, so an unknown price reads "local".
    """
    about = _about(usage)
    parts = []
    if usage.first_token_s is not None:
        parts.append(f"{seconds(usage.first_token_s)} to first token")
    if speed := speed_words(usage):
        parts.append(f"{speed} tok/s")
    parts.append("tokens unknown" if usage.output_tokens is None else f"{about}{usage.output_tokens:,} tok")
    if usage.cached_tokens:
        parts.append(f"{usage.cached_tokens:,} cached")
    parts.append(_cost(usage, local=local))
    return _SEPARATOR.join(filter(None, (*parts, tries_words(usage))))


ENDINGS: Final[Mapping[str, str]] = {"length": "cut off at the token limit"}
"""What a finish reason is called, where the answer is not whole."""


def ending_words(finish_reason: str) -> str:
    """As in "cut off at the token limit"; empty for an answer that ended by itself."""
    return ENDINGS.get(finish_reason, "")


def answered_by(asked: str, named: str) -> str:
    """As in "answered by gpt-5-mini", where the server names another model than the one that was asked for.

    Args:
        asked: the field `model`, with its provider.
        named: by the server; a date or a version at its end is no other model, nor is a missing vendor.
    """
    ours, theirs = _bare(asked), _bare(named)
    if not theirs or not ours or theirs.startswith(ours) or ours.startswith(theirs):
        return ""
    return f"answered by {named}"


def _bare(model: str) -> str:
    return re.sub(r"[^a-z0-9]", "", model.rpartition("/")[2].partition(":")[0].lower())


def finished_words(usage: Usage, finish_reason: str, *, local: bool = False, model: str = "") -> str:
    """The whole line of an answer that has ended: how it ended, what it used, and who answered."""
    return _SEPARATOR.join(filter(None, (ending_words(finish_reason), usage_words(usage, local=local), model)))


def speed_words(usage: Usage) -> str:
    """Tokens per second, as in "61" or, where the count is ours, "~61"; empty if unknown."""
    if (speed := usage.tokens_per_s) is None:
        return ""
    return f"{_about(usage)}{speed:.0f}" if speed >= 1 else f"{_about(usage)}{speed:.1f}"


def tries_words(usage: Usage) -> str:
    """As in "3 tries, waited 10 s"; empty if the first try did."""
    return f"{usage.attempts} tries, waited {seconds(usage.waited_s)}" if usage.attempts > 1 else ""


def totals_words(totals: Totals) -> str:
    """A conversation in a few words: "1,240 tok · $0.0031 + unknown"; empty while nothing has been used."""
    if not (totals.tokens or totals.tokens_unknown):
        return ""
    about = "~" if totals.tokens_estimated else ""
    tokens = [f"{about}{totals.tokens:,} tok"] if totals.tokens else []
    tokens += ["unknown"] if tokens and totals.tokens_unknown else ["tokens unknown"] if totals.tokens_unknown else []
    return _SEPARATOR.join(filter(None, (" + ".join(tokens), cost_words(totals))))


def cost_words(totals: Totals) -> str:
    """What a conversation cost: "$0.0031 + unknown", "cost unknown", "local"; empty while nothing has been used."""
    about = "~" if totals.tokens_estimated else ""
    if totals.cost_known and not (totals.cost_usd == 0 and totals.cost_local):
        return about + dollars(totals.cost_usd) + (" + unknown" if totals.cost_unknown else "")
    if totals.cost_unknown:
        return "cost unknown"
    return "local" if totals.cost_local else ""


def _cost(usage: Usage, *, local: bool) -> str:
    if usage.cost_usd is None or (local and usage.cost_usd == 0):
        return "local" if local else "cost unknown"
    return ("" if usage.cost_stated else _about(usage)) + dollars(usage.cost_usd)


def _about(usage: Usage) -> str:
    return "~" if usage.tokens_estimated else ""
