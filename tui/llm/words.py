"""What a provider says about an error, out of the JSON shapes in use, and of bodies that are no JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, Final

import msgspec

_LABELS: Final = ("code", "type", "status")
_TITLE_CHARS: Final = 300


class Words(msgspec.Struct, frozen=True):
    """A provider's error."""

    message: str = ""
    labels: str = ""
    """Code, type and status, as one text."""
    code: int | None = None
    """An HTTP status that is written in the body."""
    asked_s: float | None = None
    """The wait that is written in the body; Google does that."""
    per_day: bool = False
    """Whether Google says that a limit per day is used up."""


def words_of(body: bytes) -> Words:
    """The error that a whole body holds; its plain text if it is in no known shape."""
    return _words(_parsed(body)) or Words(message=plain_words(body))


def error_inside(body: bytes) -> Words | None:
    """The first error in a body that should be an answer, whole or a stream; None if there is none."""
    return next(filter(None, map(_words, _events(body))), None)


def plain_words(body: bytes) -> str:
    """The body as text; of a web page, its title or its first words."""
    text = body.decode("utf-8", "replace")
    if "<html" not in text[:2_000].lower() and "<!doctype" not in text[:200].lower():
        return text.strip()
    title = re.search(r"<title[^>]*>(.*?)</title>", text, re.IGNORECASE | re.DOTALL)
    bare = re.sub(r"<(script|style).*?</\1>|<[^>]*>", " ", text, flags=re.IGNORECASE | re.DOTALL)
    return f"Web page: {' '.join((title.group(1) if title else bare).split())[:_TITLE_CHARS]}"


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _events(body: bytes) -> Iterator[Any]:
    whole = _parsed(body)
    if whole is not None:
        yield whole
        return
    for line in body.splitlines():
        text = line.strip().removeprefix(b"data:").strip()
        if text.startswith(b"{"):
            yield _parsed(text)


def _words(data: Any) -> Words | None:
    if isinstance(data, list) and data:  # Google wraps the error of a stream into a list
        data = data[0]
    if not isinstance(data, dict):
        return None
    error = data.get("error") or data.get("detail") or _bare_message(data)
    if isinstance(error, dict):
        return _nested(error)
    if isinstance(error, (str, list)):
        message = error if isinstance(error, str) else json.dumps(error, ensure_ascii=False)
        return Words(message, _labels(data), _status(data.get("code", data.get("status"))))
    return None


def _bare_message(data: dict[str, Any]) -> str | None:
    """`{"message": "…", "code": …}`, as some proxies and AWS answer; an answer's own shapes have none at the top."""
    message = data.get("message", data.get("Message"))
    return message if isinstance(message, str) else None


def _nested(error: dict[str, Any]) -> Words:
    labels, message = _labels(error), str(error.get("message", ""))
    inner = error.get("innererror", error.get("metadata"))  # Azure, OpenRouter
    if isinstance(inner, dict):
        labels = f"{labels} {inner.get('code', '')}".strip()
        message = " ".join(filter(None, [message, str(inner.get("raw", ""))]))
    asked_s, per_day = _google(error.get("details"))
    return Words(message, labels, _status(error.get("code")), asked_s, per_day)


def _labels(error: dict[str, Any]) -> str:
    return " ".join(str(error[name]) for name in _LABELS if error.get(name) is not None)


def _status(code: Any) -> int | None:
    if isinstance(code, bool) or not str(code).isdecimal():
        return None
    return int(code) if HTTPStatus.BAD_REQUEST <= int(code) < 600 else None  # noqa: PLR2004  # the end of the range


def _google(details: Any) -> tuple[float | None, bool]:
    """(`RetryInfo`'s delay in seconds, whether a `QuotaFailure` names a limit per day)."""
    items = [item for item in details if isinstance(item, dict)] if isinstance(details, list) else []
    delays = (re.fullmatch(r"(\d{1,9}(?:\.\d+)?)s", str(item.get("retryDelay", ""))) for item in items)
    delay = next(filter(None, delays), None)
    per_day = any("PerDay" in json.dumps(item.get("violations", "")) for item in items)
    return (float(delay.group(1)) if delay else None), per_day
