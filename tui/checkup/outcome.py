"""What a check-up tells while it runs: a stage starts, waits, ends with an outcome in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

import msgspec

from tui.llm.events import Cause, Failed
from tui.usage.totals import Totals

StageName: TypeAlias = Literal["settings", "host", "tls", "key", "model", "stream", "json", "tools", "vision", "cache"]
Outcome: TypeAlias = Literal["pass", "fail", "not supported", "skipped"]

TITLES: Final[Mapping[StageName, str]] = {
    "settings": "Settings complete",
    "host": "Host resolves",
    "tls": "TLS",
    "key": "Key accepted",
    "model": "Model answers",
    "stream": "Streams",
    "json": "JSON",
    "tools": "Tool call",
    "vision": "Vision",
    "cache": "Prompt caching",
}
"""Every stage, in the order in which they run."""

_ENDING: Final[frozenset[Cause]] = frozenset({"key", "quota", "rate_limit", "network", "setup", "worker", "limit"})
"""What one request fails of, the next one fails of, too."""


_OURS: Final[frozenset[Cause]] = frozenset({"network", "settings", "setup", "worker", "limit"})
"""Details of these are not the provider's words."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """How a stage ended, and why."""

    outcome: Outcome
    reason: str = ""
    """What was found; of a failure, what happened."""
    next_step: str = ""
    """What to do about it."""
    detail: str = ""
    """The provider's own words, with any key in them masked."""
    cause: Cause | None = None
    """Of a failed request, or what it would have failed of."""
    field: str = ""
    """The field of `[llm]` that most likely has to change, if one does."""
    spent: Totals = Totals()
    time_s: float | None = None
    """Where it is not simply what the stage took."""
    ends: bool = False
    """Whether no later stage can work."""


class StageStarted(msgspec.Struct, frozen=True):
    """A stage is under way."""

    stage: StageName


class StageNews(msgspec.Struct, frozen=True):
    """What the stage waits for now: the built-in model, the worker, the next attempt."""

    stage: StageName
    words: str
    retrying: bool = False
    """Whether the wait is one that "retry now" ends."""


class StageEnded(msgspec.Struct, frozen=True, kw_only=True):
    """A stage is over."""

    stage: StageName
    outcome: Outcome
    time_s: float | None
    """None where nothing was done."""
    reason: str
    next_step: str = ""
    detail: str = ""
    cause: Cause | None = None
    field: str = ""
    reached: bool = True
    """False for a stage that was skipped because an earlier one failed."""
    spent: Totals = Totals()
    """Tokens and cost of the stage's requests; all zero if it sent none."""

    @property
    def said(self) -> str:
        """The details in a line, with who says them; empty if there are none."""
        who = "The provider says" if self.cause not in _OURS else "Details"
        return f"{who}: {' '.join(self.detail.split())}" if self.detail else ""

    @property
    def tokens(self) -> int | None:
        """Prompt and answer tokens; None where a provider did not tell."""
        return None if self.spent.tokens_unknown else self.spent.tokens

    @property
    def cost_usd(self) -> float | None:
        """None where a price is unknown; 0 only if nothing was sent, or it is known to be free."""
        return None if self.spent.cost_unknown or self.spent.cost_local else self.spent.cost_usd


StageEvent: TypeAlias = StageStarted | StageNews | StageEnded


def passed(reason: str, **more: object) -> Verdict:
    """It works."""
    return msgspec.structs.replace(Verdict(outcome="pass", reason=reason), **more)


def failed(reason: str, next_step: str, **more: object) -> Verdict:
    """It does not work: what happened, and what to do."""
    return msgspec.structs.replace(Verdict(outcome="fail", reason=reason, next_step=next_step), **more)


def not_supported(reason: str, **more: object) -> Verdict:
    """The model or its provider does not offer it."""
    return msgspec.structs.replace(Verdict(outcome="not supported", reason=reason), **more)


def skipped(reason: str, **more: object) -> Verdict:
    """It was not tried, or can't be judged."""
    return msgspec.structs.replace(Verdict(outcome="skipped", reason=reason), **more)


def turn_failed(failure: Failed, spent: Totals, *, ends: bool = False) -> Verdict:
    """A request failed in a way that says nothing of the stage's own question."""
    happened = failure.message.removesuffix(failure.advice).rstrip() if failure.advice else failure.message
    return Verdict(
        outcome="fail",
        reason=happened,
        next_step=failure.advice,
        detail=failure.detail,
        cause=failure.cause,
        field=failure.field,
        spent=spent,
        ends=ends or failure.cause in _ENDING,
    )
