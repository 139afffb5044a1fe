"""What a check-up found, as a text that can be pasted into an issue: versions, model, host, every stage; no key."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import msgspec

from tui import __version__
from tui.checkup.outcome import TITLES, StageEnded
from tui.format import seconds
from tui.text import visible
from tui.usage.totals import Totals, totals_words

_TITLE_WIDTH = max(map(len, TITLES.values())) + 2
_OUTCOME_WIDTH = len("not supported") + 2
_INDENT = " " * 4


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of every stage that has ended."""

    model: str
    host: str
    """With its port; empty where only the provider's own library knows it."""
    stages: tuple[StageEnded, ...]
    total_s: float
    versions: Mapping[str, str]

    @property
    def first_failed(self) -> StageEnded | None:
        """The failure to look at first; None if nothing failed."""
        return next((stage for stage in self.stages if stage.outcome == "fail"), None)

    @property
    def spent(self) -> Totals:
        """Tokens and cost of all stages."""
        return sum((stage.spent for stage in self.stages), Totals())

    @property
    def complete(self) -> bool:
        """Whether every stage has ended: else the check-up was stopped."""
        return len(self.stages) == len(TITLES)

    @property
    def total_words(self) -> str:
        """Time, tokens and cost in a line."""
        spent = totals_words(self.spent) or "nothing sent"
        return f"{seconds(self.total_s)} · {spent}" + ("" if self.complete else " · stopped")

    def text(self) -> str:
        """The summary."""
        own = " · ".join(f"{name} {number}" for name, number in self.versions.items())
        where = f" at {self.host}" if self.host else ""
        head = [f"Check-up of {self.model}{where}", own or "versions unknown: the disk did not answer in time", ""]
        lines = [line for stage in self.stages for line in stage_lines(stage)]
        return visible("\n".join([*head, *lines, "", f"In all: {self.total_words}"]))

    def as_dict(self) -> dict[str, Any]:
        """The same for a program."""
        failed = self.first_failed
        spent = self.spent
        return {
            "ok": failed is None and self.complete,
            "model": self.model,
            "host": self.host,
            "versions": dict(self.versions),
            "first_failed": failed.stage if failed else None,
            "cause": failed.cause if failed else None,
            "total_s": self.total_s,
            "tokens": None if spent.tokens_unknown else spent.tokens,
            "cost_usd": None if spent.cost_unknown or spent.cost_local else spent.cost_usd,
            "stages": [_stage_dict(stage) for stage in self.stages],
        }


def stage_lines(stage: StageEnded) -> list[str]:
    """A line with the outcome, and what is to be said about it below."""
    spent = totals_words(stage.spent)
    took = "" if stage.time_s is None else seconds(stage.time_s)
    first = f"{TITLES[stage.stage]:<{_TITLE_WIDTH}}{stage.outcome:<{_OUTCOME_WIDTH}}{took:>12}   {spent}".rstrip()
    if not stage.reached:
        return [f"{first}   not reached"]
    return [first, *(f"{_INDENT}{line}" for line in (stage.reason, stage.next_step, stage.said) if line)]


def _stage_dict(stage: StageEnded) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(stage)
    del plain["spent"]
    return plain | {"title": TITLES[stage.stage], "tokens": stage.tokens, "cost_usd": stage.cost_usd}


def versions() -> dict[str, str]:
    """Of this program and what it rests on. Reads the disk: call it off the event loop."""
    return {
        "llm-backends": __version__,
        "LiteLLM": _version("litellm"),
        "Python": platform.python_version(),
        platform.system() or "unknown system": f"{platform.release()} {platform.machine()}".strip(),
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
