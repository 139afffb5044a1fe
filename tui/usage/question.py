"""Why a request was not sent: something is missing or wrong, or the user has to say yes first, and what follows a no.

NotReadyError             something is missing or wrong
NeedsYesError             the user has to be asked first
├── ApprovalNeededError   the key came from elsewhere than the address it would go to (in `request/consent.py`)
└── SpendingError         the user wants to be asked about money
    ├── OverLimitError    the request may cost more than is left of a spending limit
    └── UnknownPriceError nobody can say what the request will cost
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final, Literal, TypeAlias

import msgspec

from tui.format import dollars
from tui.llm.events import Cause
from tui.text import visible_line

Scope: TypeAlias = Literal["session", "day"]
"""What a spending limit is for."""

SPAN: Final[Mapping[Scope, str]] = {"session": "this session", "day": "today"}


class NotReadyError(Exception):
    """Nothing was sent, because something is missing or wrong; the message says what, and what to do."""

    def __init__(self, message: str, field: str = "", cause: Cause = "settings") -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        """The field of `[llm]` to change, if there is one."""
        self.cause: Cause = cause


class NeedsYesError(Exception):
    """Nothing was sent: the user has to be asked first."""

    happened: ClassVar[str] = "Nothing was sent."
    """What a no leads to."""
    instead: ClassVar[str]
    """What to do after a no: the beginning of a sentence that goes on with ", or"."""
    cause: ClassVar[Cause]
    field: ClassVar[str] = ""
    """The field of `[llm]` that may have to change, if one does."""

    def __init__(self, question: str, note: str) -> None:
        super().__init__(question)
        self.question = question
        self.note = note
        """What a yes means beyond this request, in a sentence."""

    def refused(self) -> NotReadyError:
        """The same after a no."""
        return NotReadyError(f"{self.happened} {self.instead}, or send again and say yes.", self.field, self.cause)


class SpendingError(NeedsYesError):
    """The user wants to be asked before money is spent. Nothing was sent."""

    cause = "limit"


class Short(msgspec.Struct, frozen=True):
    """A limit that a request may pass, in USD."""

    scope: Scope
    spent_usd: float
    limit_usd: float
    next_usd: float
    """How much a yes allows."""
    to_come_usd: float = 0.0
    """What the turns under way may still cost at most."""

    @property
    def words(self) -> str:
        """The limit and what is left of it."""
        to_come = f", up to {dollars(self.to_come_usd)} under way" if self.to_come_usd else ""
        return f"{dollars(self.limit_usd)} for {SPAN[self.scope]} ({dollars(self.spent_usd)} spent{to_come})"


class OverLimitError(SpendingError):
    """The request may cost more than is left of a spending limit, if all that is under way costs its most."""

    instead = "Raise the limit in Usage (F6)"

    def __init__(self, most_usd: float, short: Sequence[Short]) -> None:
        """`most_usd` is what the request may cost at most; `short` holds at least one limit."""
        limits = " and ".join(one.words for one in short)
        allowed = " and ".join(f"up to {dollars(one.next_usd)} for {SPAN[one.scope]}" for one in short)
        many = "limits" if len(short) > 1 else "limit"
        super().__init__(
            f"This may cost up to {dollars(most_usd)}, which would pass your {many} of {limits}. Send it?",
            f"A yes allows {allowed}.",
        )
        self.short = tuple(short)


class UnknownPriceError(SpendingError):
    """Nobody can say what the request will cost, so no limit can be kept."""

    instead = "Enter the model's prices"
    field = "input_cost_per_token"

    def __init__(self, model: str) -> None:
        """`model` as the settings hold it."""
        super().__init__(
            f"The price of {visible_line(model)} is not known, so your spending limit can't be kept. Send it?",
            "A yes holds for this model until the app ends.",
        )
        self.model = model
