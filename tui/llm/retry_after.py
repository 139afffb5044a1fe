"""How long a provider asks to wait, from the headers of its answer."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def asked_wait_s(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """The wait in seconds; None where the provider asks for none, or for nonsense (negative, not a number).

    `retry-after-ms` is finer than `Retry-After` and wins. `Retry-After` is seconds or an HTTP date (RFC 9110, 10.2.3).

    Args:
        headers: of the answer, names in lower case.
        now: the time that a date is compared with; by default the answer's own `Date`, else the clock, so that a
            provider's clock that is off does not matter.
    """
    milliseconds = _seconds(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    text = headers.get("retry-after", "").strip()
    seconds = _seconds(text)
    if seconds is not None or not text:
        return seconds
    until = _date(text)
    if until is None:
        return None
    return max(0.0, (until - (now or _date(headers.get("date", "")) or datetime.now(UTC))).total_seconds())


def _seconds(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None


def _date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
