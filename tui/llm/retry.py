"""When a failed attempt is repeated and how long to wait before: the policy of the four retry fields, by tenacity.

`num_retries` counts the retries after the first try. Before retry n the wait is
max(retry_min_wait, min(retry_multiplier * 2^(n-1), retry_max_wait)) seconds. A wait that the provider asks for replaces
it where it is longer; one that is longer than both that wait and `retry_max_wait` ends the turn.
"""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from typing import Final

import msgspec
from tenacity import AsyncRetrying, AttemptManager, RetryCallState, stop_after_attempt
from tenacity.wait import wait_exponential

from tui.config.schema import LLM
from tui.llm.problem import ADVANCED, AttemptError, Trouble

_LONGEST_SCHEDULE: Final = 1_000
"""Entries of a schedule; the waits stop growing long before (2^1000 seconds)."""
_YEAR_S: Final = 366 * 86_400
_DOUBLINGS: Final = 1_000
"""2.0^1000 is still a float; beyond it the formula's value no longer matters."""


class RetryPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """The four fields, made safe: what the environment may hold unchecked is clipped to the fields' own bounds."""

    retries: int
    min_wait_s: float
    max_wait_s: float
    multiplier_s: float

    @classmethod
    def of(cls, settings: LLM) -> RetryPolicy:
        """The policy that the settings state."""
        return cls(
            retries=max(0, settings.num_retries),
            min_wait_s=_finite(settings.retry_min_wait),
            max_wait_s=_finite(settings.retry_max_wait),
            multiplier_s=_finite(settings.retry_multiplier),
        )

    def wait_s(self, retry: int) -> float:
        """The wait before the retry with this number, from 1, where the provider asks for none."""
        state = RetryCallState(AsyncRetrying(), None, (), {})
        state.attempt_number = min(retry, _DOUBLINGS)
        wait = wait_exponential(multiplier=self.multiplier_s, min=self.min_wait_s, max=self.max_wait_s)
        return float(wait(state))

    def wait_after(self, failed: int, trouble: Trouble) -> float:
        """The wait after the attempt with this number, from 1, which failed like this."""
        return max(self.wait_s(failed), trouble.asked_s or 0.0)

    def asks_too_long(self, failed: int, trouble: Trouble) -> bool:
        """Whether the provider asks for a longer wait than the settings allow."""
        return trouble.asked_s is not None and trouble.asked_s > max(self.max_wait_s, self.wait_s(failed))

    def attempts(self) -> AsyncIterator[AttemptManager]:
        """Tenacity's attempts; its `upcoming_sleep` is only told, the caller waits.

        Leave nothing but the outcome in `with attempt:`; a `yield` in there would have tenacity replay what was shown.
        """
        return aiter(
            AsyncRetrying(
                sleep=_told_not_slept,
                stop=stop_after_attempt(self.retries + 1),
                wait=lambda state: self.wait_after(state.attempt_number, _trouble(state)),
                retry=self._again,
                reraise=True,
            )
        )

    def _again(self, state: RetryCallState) -> bool:
        error = state.outcome.exception() if state.outcome else None
        if not isinstance(error, AttemptError) or not error.trouble.may_pass:
            return False
        return not self.asks_too_long(state.attempt_number, error.trouble)

    def too_long(self, trouble: Trouble) -> Trouble:
        """The trouble that ends a turn when the provider asks for too long a wait."""
        asked = _in_words(trouble.asked_s or 0.0)
        return msgspec.structs.replace(
            trouble,
            happened=f"{trouble.happened}, and the provider asks to wait {asked} before the next request",
            advice=f"retry_max_wait allows {self.max_wait_s:g} s: try again later, or raise it {ADVANCED}.",
            field="retry_max_wait",
            may_pass=False,
        )


def schedule(settings: LLM) -> tuple[float, ...]:
    """The waits, in seconds, before each retry while the provider asks for none; at most the first 1,000 of them."""
    policy = RetryPolicy.of(settings)
    return tuple(policy.wait_s(retry) for retry in range(1, min(policy.retries, _LONGEST_SCHEDULE) + 1))


async def _told_not_slept(_: float) -> None:
    """The turn itself waits, so that the wait can be shown, cut short and given up."""


def _trouble(state: RetryCallState) -> Trouble:
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, AttemptError):
        return error.trouble
    raise TypeError("only a failed attempt is followed by a wait")


def _finite(value: float) -> float:
    return value if math.isfinite(value) and value > 0 else 0.0


def _in_words(seconds: float) -> str:
    if seconds > _YEAR_S:
        return "more than a year"
    for size, unit in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{math.ceil(seconds):g} s"
