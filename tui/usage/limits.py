"""The spending limits at work: what this session and this day have cost, and whether one more request may go out.

A request may go out if it fits below the limit together with what is spent and with what every turn under way may still
cost at most. So turns at the same time (the sides of a comparison, a chat beside it) can't pass the limit together: the
one that might asks first. What other instances of the app have under way is not known here.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from tui.config.preferences import Limits
from tui.format import dollars
from tui.usage.ledger import Entry
from tui.usage.price import Load, Price
from tui.usage.question import OverLimitError, Scope, Short, SpendingError, UnknownPriceError
from tui.usage.statement import today
from tui.usage.turn_meter import Tally

SPENT: Final[Mapping[Scope, str]] = {"session": "in this session", "day": "today"}
SCOPES: Final[tuple[Scope, ...]] = ("session", "day")


class Spending:
    """Of one run of the app. Amounts are in USD; what has no known price counts nothing."""

    def __init__(self, day: Callable[[], date] = today) -> None:
        """`day` tells which day it is."""
        self.limits = Limits()
        self._day = day
        self._session = 0.0
        self._own: defaultdict[date, float] = defaultdict(float)
        """What this session spent, by day."""
        self._written: defaultdict[date, float] = defaultdict(float)
        """As much of it as stands in the ledger."""
        self._others: defaultdict[date, float] = defaultdict(float)
        """What other instances spent, when the ledger was read last."""
        self._running: set[Tally] = set()
        self._raised: dict[tuple[Scope, date | None], float] = {}
        """How much a yes has allowed."""
        self._agreed: set[str] = set()
        """Models without a price that may be used."""

    def learn(self, limits: Limits, ledger_usd: float | None) -> None:
        """The limits as they hold now, and what the ledger has for today; None if it can't be read."""
        self.limits = limits
        if ledger_usd is not None:
            self._others[self._day()] = max(ledger_usd - self._written[self._day()], 0.0)

    def check(self, model: str, price: Price | None, load: Load, *, local: bool) -> None:
        """Return if a request may go out, beside those that are under way.

        Nothing is set aside for it before `begin`: await nothing between the two, or another may take its room.

        Raises:
            OverLimitError: it may pass a limit.
            UnknownPriceError: it has no price, and nobody has agreed to that yet.
        """
        if not self.limits.any:
            return
        if price is None:
            if not local and model not in self._agreed:
                raise UnknownPriceError(model)
            return
        most = price.most_usd(load)
        wanted = most + self.to_come_usd
        short = [self._short(scope, most) for scope in SCOPES if self._passes(scope, wanted)] if most else []
        if short:
            raise OverLimitError(most, short)

    def allow(self, needed: SpendingError) -> None:
        """The user said yes."""
        match needed:
            case UnknownPriceError():
                self._agreed.add(needed.model)
            case OverLimitError():
                for short in needed.short:
                    self._raised[self._key(short.scope)] = short.next_usd

    def begin(self, tally: Tally) -> None:
        """A turn runs from now on."""
        self._running.add(tally)

    def end(self, tally: Tally, entry: Entry | None) -> None:
        """It has ended; `entry` is None if nothing was sent."""
        self._running.discard(tally)
        if entry is not None:
            self._session += entry.cost_usd or 0.0
            self._own[self._day_of(entry)] += entry.cost_usd or 0.0

    def written(self, entry: Entry) -> None:
        """The ledger holds it now."""
        self._written[self._day_of(entry)] += entry.cost_usd or 0.0

    def spent_usd(self, scope: Scope) -> float:
        """What has been spent, with what the running turns have cost so far."""
        settled = self._session if scope == "session" else self._own[self._day()] + self._others[self._day()]
        return settled + sum(tally.so_far_usd for tally in self._running)

    @property
    def to_come_usd(self) -> float:
        """What the running turns may still cost at most, beside what they have cost so far."""
        return sum(tally.to_come_usd for tally in self._running)

    def allowed_usd(self, scope: Scope) -> float | None:
        """The limit with what a yes has allowed beyond it; None if there is none."""
        limit = self._limit(scope)
        return None if math.isinf(limit) else limit

    def passed(self, tally: Tally) -> str:
        """Why a running turn has to stop, in two sentences; "" if it may go on."""
        if not tally.so_far_usd:
            return ""
        scope = next((scope for scope in SCOPES if self._passes(scope, 0.0)), None)
        if scope is None:
            return ""
        limit = dollars(self._limit(scope))
        return f"This answer was stopped: what was spent {SPENT[scope]} has reached your limit of {limit}."

    def _passes(self, scope: Scope, more_usd: float) -> bool:
        return self.spent_usd(scope) + more_usd > self._limit(scope)

    def _limit(self, scope: Scope) -> float:
        """The limit with what a yes has allowed; infinite if there is none."""
        limit = self._chosen(scope)
        return math.inf if limit is None else max(limit, self._raised.get(self._key(scope), 0.0))

    def _chosen(self, scope: Scope) -> float | None:
        return self.limits.session_usd if scope == "session" else self.limits.day_usd

    def _short(self, scope: Scope, most_usd: float) -> Short:
        """A yes allows the next multiple of the limit that has room for the request."""
        wanted = self.spent_usd(scope) + self.to_come_usd + most_usd
        step = self._chosen(scope)
        times = math.inf if not step else wanted / step  # infinite too where the limit is hardly more than nothing
        allowed = wanted if not step or math.isinf(times) else max(math.ceil(times) * step, wanted)
        return Short(scope, self.spent_usd(scope), self._limit(scope), allowed, self.to_come_usd)

    def _key(self, scope: Scope) -> tuple[Scope, date | None]:
        return (scope, self._day() if scope == "day" else None)

    @staticmethod
    def _day_of(entry: Entry) -> date:
        return entry.at.astimezone().date()
