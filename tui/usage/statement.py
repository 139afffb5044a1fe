"""Sums over the ledger: by day, by model, over the last days."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from typing import Final, TypeVar

import msgspec

from tui.format import dollars
from tui.usage.ledger import Ledger

K = TypeVar("K", bound=Hashable)

_USED: Final = "NOT (outcome = 'failed' AND output_tokens IS NULL)"
"""Whether the turn may have used anything: one that failed without a word has not."""
_GROUPS: Final = f"""
SELECT date(at, 'localtime'), provider, model, COUNT(*),
       SUM(COALESCE(input_tokens, 0)), SUM(COALESCE(output_tokens, 0)), SUM(COALESCE(cached_tokens, 0)),
       SUM({_USED} AND (input_tokens IS NULL OR output_tokens IS NULL)), MAX(estimated),
       SUM(COALESCE(cost_usd, 0)), SUM(cost_usd IS NOT NULL AND NOT (local AND cost_usd = 0)),
       SUM({_USED} AND cost_usd IS NULL AND NOT local), SUM(local)
FROM requests WHERE at >= ? GROUP BY 1, 2, 3
"""  # noqa: S608  # our own words
_SPENT: Final = "SELECT COALESCE(SUM(cost_usd), 0) FROM requests WHERE at >= ?"


class Sum(msgspec.Struct, frozen=True):
    """What some requests used together. A part that is unknown is counted, never taken for zero."""

    requests: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    tokens_unknown: int = 0
    """Requests whose tokens nobody counted."""
    estimated: bool = False
    """Whether any of the counts is ours."""
    cost_usd: float = 0.0
    cost_known: int = 0
    """Requests that had a price."""
    cost_unknown: int = 0
    local: int = 0
    """Requests that stayed on this machine."""

    def __add__(self, other: Sum) -> Sum:
        names = self.__struct_fields__
        whole = {name: getattr(self, name) + getattr(other, name) for name in names if name != "estimated"}
        return Sum(**whole, estimated=self.estimated or other.estimated)


class Group(msgspec.Struct, frozen=True):
    """One model on one day of the user's clock."""

    day: date
    provider: str
    model: str
    sum: Sum


class Statement(msgspec.Struct, frozen=True):
    """What was used up to today."""

    today: date
    groups: tuple[Group, ...] = ()

    def over(self, days: int) -> Sum:
        """The last days, today among them, together."""
        return sum((group.sum for group in self._last(days)), Sum())

    def by_day(self, days: int) -> tuple[tuple[date, Sum], ...]:
        """Each of the last days, the oldest first, also those without a request."""
        found = _grouped(self._last(days), lambda group: group.day)
        each = (self.today - timedelta(days=back) for back in range(days - 1, -1, -1))
        return tuple((day, found.get(day, Sum())) for day in each)

    def by_model(self, days: int) -> tuple[tuple[str, Sum], ...]:
        """Each model of the last days, the dearest first, then the one most used."""
        found = _grouped(self._last(days), lambda group: group.model)
        return tuple(sorted(found.items(), key=lambda item: (-item[1].cost_usd, -item[1].requests, item[0])))

    def _last(self, days: int) -> Iterable[Group]:
        first = self.today - timedelta(days=days - 1)
        return (group for group in self.groups if group.day >= first)


def read_statement(ledger: Ledger, days: int, today: date) -> Statement:
    """The last days of the ledger; plain file access. Raises `LedgerError`."""
    rows = ledger.rows(_GROUPS, midnight(today - timedelta(days=days - 1)))
    return Statement(today, tuple(msgspec.convert(_row(row), Group, strict=False) for row in rows))


def spent_since(ledger: Ledger, since: datetime) -> float:
    """What is known to have been spent since then, in USD; plain file access. Raises `LedgerError`."""
    return sum(msgspec.convert(row[0], float, strict=False) for row in ledger.rows(_SPENT, since))


def today() -> date:
    """The day by the user's own clock."""
    return datetime.now(UTC).astimezone().date()


def midnight(day: date) -> datetime:
    """When the day began by the user's own clock."""
    return datetime.combine(day, time_of_day()).astimezone()


def cost_words(spent: Sum) -> str:
    """As in "$0.42 + 3 of unknown price", "3 of unknown price", "local", "nothing"."""
    unknown = f"{spent.cost_unknown:,} of unknown price" if spent.cost_unknown else ""
    about = "~" if spent.estimated else ""
    if spent.cost_known:
        return about + dollars(spent.cost_usd) + (f" + {unknown}" if unknown else "")
    return unknown or ("local" if spent.local else "nothing")


def token_words(count: int, spent: Sum) -> str:
    """As in "1,240", "~1,240", "unknown": of one of the counts of `spent`."""
    if not count and spent.tokens_unknown:
        return "unknown"
    return f"{'~' if spent.estimated else ''}{count:,}"


def _row(row: tuple[object, ...]) -> dict[str, object]:
    day, provider, model, requests, put_in, got_out, cached, uncounted, estimated, cost, known, unknown, local = row
    used = {
        "requests": requests,
        "input_tokens": put_in,
        "output_tokens": got_out,
        "cached_tokens": cached,
        "tokens_unknown": uncounted,
        "estimated": bool(estimated),
        "cost_usd": cost,
        "cost_known": known,
        "cost_unknown": unknown,
        "local": local,
    }
    return {"day": day, "provider": provider, "model": model, "sum": used}


def _grouped(groups: Iterable[Group], key: Callable[[Group], K]) -> dict[K, Sum]:
    found: dict[K, Sum] = {}
    for group in groups:
        found[key(group)] = found.get(key(group), Sum()) + group.sum
    return found
