"""How times, tokens and money read: the one line under an answer, and the totals of a conversation."""

from __future__ import annotations

from tui.chat.conversation import Totals
from tui.llm.events import Usage

_SEPARATOR = " · "


def seconds(duration_s: float) -> str:
    """A duration: "0.4 s", "5 s", "12 s", "3 min 5 s"."""
    if 0 < duration_s < 0.1:  # noqa: PLR2004  # shorter than anybody waits
        return "under 0.1 s"
    if duration_s < 9.95:  # noqa: PLR2004  # from here on a tenth says nothing
        return f"{duration_s:.1f}".removesuffix(".0") + " s"
    whole = round(duration_s)
    return f"{whole} s" if whole < 120 else f"{whole // 60} min {whole % 60} s"  # noqa: PLR2004  # two minutes


def dollars(cost_usd: float) -> str:
    """An amount with enough digits to be told from nothing: "$1.20", "$0.0031", "under $0.0001"; free is "$0"."""
    if cost_usd == 0:
        return "$0"
    if cost_usd < 0.0001:  # noqa: PLR2004  # a hundredth of a cent
        return "under $0.0001"
    return f"${cost_usd:.2f}" if cost_usd >= 0.1 else f"${cost_usd:.4f}"  # noqa: PLR2004  # from a dime on a cent is enough


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
    return _about(usage) + dollars(usage.cost_usd)


def _about(usage: Usage) -> str:
    return "~" if usage.tokens_estimated else ""
