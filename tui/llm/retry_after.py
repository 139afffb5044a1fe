"""How long a provider asks to wait: from the headers of its answer, or from its words.

Of several places the first that says anything counts: `retry-after-ms`, `Retry-After`, the error's own words
(`tui.llm.words`), then the time at which a limit that is used up is reset (`x-ratelimit-reset-…` and its kin).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

_UNITS_S: Final[Mapping[str, float]] = {
    "ms": 0.001, "milliseconds": 0.001, "s": 1, "sec": 1, "secs": 1, "second": 1, "seconds": 1,
    "m": 60, "min": 60, "mins": 60, "minute": 60, "minutes": 60,
    "h": 3_600, "hr": 3_600, "hrs": 3_600, "hour": 3_600, "hours": 3_600, "d": 86_400, "day": 86_400, "days": 86_400,
}  # fmt: skip
_NAMES: Final = "|".join(sorted(_UNITS_S, key=len, reverse=True))
_PART: Final = rf"\d{{1,12}}(?:\.\d{{1,12}})?\s?(?:{_NAMES})"
_SPAN: Final = re.compile(rf"(?:{_PART}(?:,?\s(?:and\s)?)?)+(?![a-z])", re.IGNORECASE)
_ONE: Final = re.compile(r"(\d+(?:\.\d+)?)\s?([a-z]+)", re.IGNORECASE)
_ASKS: Final = re.compile(
    r"(?:try again|retry(?:ing)?|try your request again|available again|resets?|wait)[^.\d]{0,24}?"
    rf"\b(?:in|after|for|wait)?\s{{0,2}}~?({_SPAN.pattern})",
    re.IGNORECASE,
)
_EPOCH_S: Final = 1_000_000_000
"""A number as large as this is a date in seconds; one a thousand times larger is in milliseconds."""
_EPOCH_MS: Final = 1_000_000_000_000


def asked_wait_s(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """The wait of `Retry-After` in seconds; None where there is none, or nonsense (negative, not a number).

    `retry-after-ms` is finer than `Retry-After` and wins. `Retry-After` is seconds or an HTTP date (RFC 9110, 10.2.3).

    Args:
        headers: of the answer, names in lower case.
        now: the time that a date is compared with; by default the answer's own `Date`, else the clock, so that a
            provider's clock that is off does not matter.
    """
    milliseconds = _seconds(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    return moment_s(headers.get("retry-after", ""), _now(headers, now))


def reset_wait_s(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """The wait in seconds until a limit is reset; None where no header tells.

    Where several limits are told, those with nothing remaining count, and of them the last to be reset; where no
    limit is told to be used up, the first. Names and spellings differ: `x-ratelimit-reset-tokens: 6m0s` (OpenAI,
    Groq), `anthropic-ratelimit-requests-reset: 2026-12-01T00:00:00Z`, `x-ratelimit-reset: 1764547200000` (OpenRouter),
    `ratelimit-reset: 30` (Mistral, the IETF draft).
    """
    at = _now(headers, now)
    used_up, others = list[float](), list[float]()
    for name, text in headers.items():
        if "ratelimit" not in name or "reset" not in name:
            continue
        wait_s = moment_s(text, at)
        if wait_s is not None:
            remaining = _seconds(headers.get(name.replace("reset", "remaining"), ""))
            (used_up if remaining == 0 else others).append(wait_s)
    return max(used_up) if used_up else min(others, default=None)


def moment_s(text: str, now: datetime) -> float | None:
    """The wait that a header's value means: seconds, a span as "6m0s", or a moment as an epoch or a date."""
    text = text.strip()
    seconds = _seconds(text)
    if seconds is not None:
        if seconds < _EPOCH_S:
            return seconds
        epoch_s = seconds / 1000 if seconds >= _EPOCH_MS else seconds
        return max(0.0, epoch_s - now.timestamp())
    if _SPAN.fullmatch(text):
        return span_s(text)
    until = _date(text)
    return None if until is None else max(0.0, (until - now).total_seconds())


def span_s(text: str) -> float | None:
    """Seconds of a span such as "20s", "1m2.5s", "250 ms" or "1 minute and 30 seconds"."""
    total = sum(float(size) * _UNITS_S.get(unit.lower(), math.nan) for size, unit in _ONE.findall(text))
    return total if _ONE.search(text) and math.isfinite(total) else None


def wait_in_words_s(text: str) -> float | None:
    """The wait that a sentence asks for: "Please try again in 1m2.5s", "Please retry after 1 seconds"."""
    match = _ASKS.search(text)
    return span_s(match.group(1)) if match else None


def _now(headers: Mapping[str, str], now: datetime | None) -> datetime:
    return now or _date(headers.get("date", "")) or datetime.now(UTC)


def _seconds(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None


def _date(text: str) -> datetime | None:
    """An HTTP date, or one of RFC 3339."""
    if not text:
        return None
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        try:
            date = datetime.fromisoformat(text)
        except ValueError:
            return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
