"""What a provider says about an error, out of the JSON shapes in use, and of bodies that are no JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final

import msgspec

from tui.llm.retry_after import reset_wait_s, span_s, wait_in_words_s

_LABELS: Final = frozenset(
    {
        "code", "type", "status", "error_code", "errorcode", "err_code", "__type", "status_code", "statuscode",
        "http_code", "reason", "limit_source", "quotaid", "title",
    }
)  # fmt: skip
"""Keys of short marks, in lower case: what kind of error it is."""
_MESSAGES: Final = frozenset(
    {
        "message", "msg", "detail", "error", "error_description", "error_message", "errormessage", "faultstring",
        "status_msg", "description", "raw", "internal_message", "errors", "details",
    }
)  # fmt: skip
"""Keys of sentences, in lower case; a text below any other key is left alone."""
_ANSWER: Final = frozenset({"choices", "candidates", "content", "delta", "output", "done", "response"})
"""A body with one of these is an answer, unless it has an `error` as well."""
_FINE: Final = frozenset({"0", "200", "ok", "success", "none", ""})
_TITLE_CHARS: Final = 300
_MOST_PARTS: Final = 60
_DEEPEST: Final = 6
_FAILED: Final = frozenset({"error", "response.failed", "response.error"})


class Words(msgspec.Struct, frozen=True):
    """A provider's error."""

    message: str = ""
    labels: str = ""
    """Codes, types and statuses, as one text."""
    code: int | None = None
    """An HTTP status that is written in the body."""
    asked_s: float | None = None
    """The wait that is written in the body."""


def words_of(body: bytes) -> Words:
    """The error that a whole body holds; its plain text if it is in no known shape."""
    found = error_in(_parsed(body))
    if found is not None:
        return found
    text = plain_words(body)
    return Words(message=text, asked_s=wait_in_words_s(text))


def error_inside(body: bytes) -> Words | None:
    """The first error in a body that should be an answer, whole or a stream; None if there is none."""
    return next(filter(None, map(error_in, _events(body))), None)


def error_in(data: Any) -> Words | None:
    """The error that one JSON value holds; None if it is an answer, or a part of one."""
    if isinstance(data, list) and data:  # Google wraps the error of a stream into a list
        data = data[0]
    if not isinstance(data, dict):
        return None
    scope = _scope(data)
    return None if scope is None else _Reading(scope).words()


def plain_words(body: bytes) -> str:
    """The body as text; of a web page, its title or its first words."""
    text = body.decode("utf-8", "replace")
    if not looks_like_page(body):
        return text.strip()
    title = re.search(r"<title[^>]*>(.*?)</title>", text, re.IGNORECASE | re.DOTALL)
    bare = re.sub(r"<(script|style).*?</\1>|<[^>]*>", " ", text, flags=re.IGNORECASE | re.DOTALL)
    return f"Web page: {' '.join((title.group(1) if title else bare).split())[:_TITLE_CHARS]}"


def looks_like_page(body: bytes) -> bool:
    """Whether the body is a web page, whatever its content type says."""
    return b"<html" in body[:2_000].lower() or b"<!doctype" in body[:200].lower()


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


def _scope(data: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The part of a body that is an error."""
    response, base = data.get("response"), data.get("base_resp")
    if data.get("type") in _FAILED:
        failed = response if isinstance(response, dict) else data
        return {key: value for key, value in failed.items() if key not in ("type", "status", "output")}
    if data.get("error") or data.get("errors"):
        return {key: value for key, value in data.items() if key not in _ANSWER}
    if isinstance(base, dict) and str(base.get("status_code", 0)) not in _FINE:  # MiniMax answers 200 to everything
        return base
    return data if not _ANSWER & data.keys() and _is_bare(data) else None


def _is_bare(data: Mapping[str, Any]) -> bool:
    """Whether a body without an `error` is one: FastAPI's and RFC 9457's, AWS's, and some that are of no school."""
    if data.get("object") == "error" or any(data.get(name) for name in ("fault", "error_code", "errorCode", "detail")):
        return True
    said = data.get("message", data.get("Message", data.get("msg")))
    fine = str(data.get("code", "")).lower() in _FINE and str(data.get("status", "")).lower() == "success"
    return isinstance(said, str) and bool(said) and not fine


class _Reading:
    """Goes through an error once, and collects what it says."""

    def __init__(self, scope: Mapping[str, Any]) -> None:
        self._labels: list[str] = []
        self._messages: list[str] = []
        self._codes: list[int] = []
        self._waits: list[float] = []
        self._parts = 0
        self._take(scope, 0)

    def words(self) -> Words:
        message = " ".join(dict.fromkeys(filter(None, self._messages)))
        asked_s = self._waits[0] if self._waits else wait_in_words_s(message)
        code = self._codes[0] if self._codes else None
        return Words(message, " ".join(dict.fromkeys(self._labels)), code, asked_s)

    def _take(self, value: Any, depth: int) -> None:
        self._parts += 1
        if depth > _DEEPEST or self._parts > _MOST_PARTS:
            return
        if isinstance(value, dict):
            for key, inner in value.items():
                self._take_member(str(key), inner, depth)
        elif isinstance(value, list):
            for inner in value:
                self._take_text(inner) if isinstance(inner, str) else self._take(inner, depth + 1)

    def _take_member(self, key: str, value: Any, depth: int) -> None:
        name = key.lower()
        if name == "headers" and isinstance(value, dict):  # OpenRouter
            self._waits.extend(filter(None, [reset_wait_s({str(k).lower(): str(v) for k, v in value.items()})]))
        elif isinstance(value, (dict, list)):
            self._take(value, depth + 1)
        elif name in _LABELS and value is not None and not isinstance(value, bool):
            self._labels.append(str(value))
            self._note_code(str(value))
        elif name in _MESSAGES and isinstance(value, str):
            self._take_text(value, depth)
        elif name in ("retrydelay", "retry_after", "retry_after_seconds", "retry_after_ms", "estimated_time"):
            self._note_wait(name, value)

    def _take_text(self, text: str, depth: int = 0) -> None:
        """A message; some gateways put the JSON of another error into it."""
        inner = _parsed(text.encode()) if text.lstrip().startswith(("{", "[")) else None
        found = error_in(inner) if depth < _DEEPEST else None
        if found is None:
            self._messages.append(text)
            return
        self._messages.append(found.message)
        self._labels.append(found.labels)
        if found.asked_s is not None:
            self._waits.append(found.asked_s)

    def _note_code(self, text: str) -> None:
        if text.isdecimal() and HTTPStatus.BAD_REQUEST <= int(text) < 600:  # noqa: PLR2004  # the end of the range
            self._codes.append(int(text))

    def _note_wait(self, name: str, value: Any) -> None:
        text = str(value)
        wait_s = span_s(text if text[-1:].isalpha() else f"{text}{'ms' if name.endswith('_ms') else 's'}")
        if wait_s is not None and not text.startswith("-"):
            self._waits.append(wait_s)
