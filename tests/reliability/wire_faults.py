"""What can go wrong between the app and a provider, with what the user must then be told and how often it is tried.

A fault is played to every request of a turn. Where streamed and whole answers differ there are two outcomes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from typing import Final

import msgspec

from tests.reliability import wire_plays as play
from tests.reliability.wire_outcomes import (
    FINE,
    RETRIES,
    TIMEOUT_S,
    TRIES,
    Fault,
    Outcome,
    cut_off,
    fault,
    network,
    protocol,
)
from tests.reliability.wire_server import EVENTS, Play, Wire

# Statuses


def _status(wire: Wire, status: int, message: str = "no", code: str | None = None, **headers: str) -> None:
    body = json.dumps(wire.error(status, message, code)).encode()
    wire.whole(body, f"{status} No", "application/json", **headers)


def _dated(seconds: int, wire: Wire) -> None:
    """`Retry-After` as a date, by a server whose own clock stands still."""
    now = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
    until = format_datetime(now + timedelta(seconds=seconds), usegmt=True)
    _status(wire, 429, Date=format_datetime(now, usegmt=True), Retry_After=until)


_FAILS: Final[Mapping[int, tuple[int, str, str]]] = {
    400: (1, "request", "does not take the request (400)"),
    401: (1, "key", "does not accept the API key"),
    402: (1, "quota", "quota or credit is used up"),
    403: (1, "key", "refuses access (403)"),
    404: (1, "not_found", "(404)"),
    405: (1, "not_found", "(405)"),
    408: (TRIES, "server", "gave up waiting for the request (408) after 3 requests"),
    409: (TRIES, "server", "conflicting request (409) after 3 requests"),
    413: (1, "context", "longer than the model's context window"),
    418: (1, "request", "does not take the request (418)"),
    422: (1, "request", "does not take the request (422)"),
    429: (TRIES, "rate_limit", "Rate limited (429) after 3 requests. Wait a while, or raise num_retries"),
    500: (TRIES, "server", "failed (500) after 3 requests"),
    501: (1, "server", "failed (501). Try again later"),
    502: (TRIES, "server", "proxy that got no answer (502) after 3 requests"),
    503: (TRIES, "server", "is not available (503) after 3 requests"),
    504: (TRIES, "server", "proxy that waited too long (504) after 3 requests"),
    529: (TRIES, "server", "is overloaded (529) after 3 requests"),
}
_IGNORED: Final = ("-5", "soon", "nan", "inf", "1e999", "Tue, 99 Foo 2026", "", "0x10", "\u0663")
"""Nonsense that asks for no wait."""


def _limited(name: str, waits: tuple[float, ...] = (), **headers: str) -> Fault:
    outcome = Outcome(requests=TRIES, cause="rate_limit", words="Rate limited (429) after 3 requests", waits=waits)
    return fault(name, lambda wire: _status(wire, 429, **headers), outcome)


def _told_to_wait(name: str, limited: Play, words: str) -> Fault:
    return fault(name, limited, Outcome(cause="rate_limit", words=f"asks to wait {words}"))


def _of_connections() -> Iterator[Fault]:
    closed = network("closed the connection after 3 requests")
    cut = cut_off("network", "What came before that is kept")
    yield fault("reset before headers", Wire.reset, closed)
    yield fault("closed before headers", lambda _: None, closed)
    yield fault("reset after headers", play.headers_only, closed)
    yield fault("reset in the middle", play.in_the_middle, closed, cut)
    yield fault("body shorter than announced", play.short, closed, cut)
    yield fault("half a chunk", play.half_a_chunk, closed, cut)
    yield fault("no last chunk", play.no_last_chunk, closed, cut)
    yield fault("chunk size that is no number", play.bad_chunk_size, closed)
    yield fault("a status line that is none", lambda wire: wire.send(b"SSH-2.0-OpenSSH_9.6\r\n"), closed)
    yield fault("two lengths", play.repeated_length, closed)
    yield fault("a header without end", play.endless_header, closed)
    yield fault("1xx and nothing else", lambda wire: wire.send(b"HTTP/1.1 100 Continue\r\n\r\n"), closed)


def _of_time() -> Iterator[Fault]:
    silent = network(" 1 s after 3 requests. Try again, or raise timeout")
    kept = cut_off("network", "What came before that is kept")
    yield fault("no headers", Wire.wait, silent, timeout_s=TIMEOUT_S, hangs=True)
    yield fault("slow headers", play.slow_headers, silent, timeout_s=TIMEOUT_S, hangs=True)
    yield fault("silence after headers", play.silent_after_headers, silent, timeout_s=TIMEOUT_S, hangs=True)
    yield fault("silence after a token", play.hangs_after_a_token, silent, kept, timeout_s=TIMEOUT_S, hangs=True)
    yield fault("a drip for ever", play.drip_for_ever, silent, kept, timeout_s=TIMEOUT_S, hangs=True)
    yield fault("a slow drip that ends", partial(play.drip, pause_s=0.0, size=7), FINE)


def _of_size() -> Iterator[Fault]:
    endless = protocol("would not end")
    told = Outcome(words="cut at 2,000,000 characters")
    yield fault("an endless answer", play.endless_stream, endless, told, timeout_s=60, hangs=True)
    again = cut_off("protocol", "The model repeats itself without end")
    yield fault("an answer that repeats itself", play.repeats, endless, again, timeout_s=60, hangs=True)
    yield fault("a line without end", play.gigantic_line, endless, timeout_s=60, hangs=True)
    yield fault("comments without end", play.endless_comments, endless, timeout_s=60, hangs=True)
    yield fault("an error of 130 MB", play.huge_error, Outcome(requests=TRIES, cause="server", words="failed (500)"))


def _of_content() -> Iterator[Fault]:
    page = b"<html><head><title>Log in</title></head><body>x</body></html>"
    unreadable, short = protocol("can't read"), protocol("ended the answer in the middle")
    kept = cut_off("protocol", "What came before that is kept")
    yield fault("invalid UTF-8", play.bad_utf8, unreadable, kept, also=Outcome(words="\ufffd"))
    yield fault("invalid JSON", play.bad_json, unreadable, also=short)
    yield fault("a web page", partial(play.raw, body=page, kind="text/html"), protocol("sent a web page"))
    yield fault("a web page that says it is JSON", partial(play.raw, body=page), protocol("sent a"))
    gateway = Outcome(requests=TRIES, cause="server", words="proxy that got no answer (502)")
    yield fault("a web page as error", partial(play.raw, body=page, status="502 Bad", kind="text/html"), gateway)
    yield fault("an empty answer", partial(play.raw, body=b""), protocol("sent an empty answer"))
    yield fault(
        "nothing but the end mark", partial(play.raw, body=b"data: [DONE]\n\n", kind=EVENTS), protocol("answer")
    )
    yield fault("no finish reason", play.missing_finish, cut_off("protocol", "in the middle"), also=FINE)
    overloaded = Outcome(requests=TRIES, cause="server", words="is overloaded (529) after 3 requests")
    dropped = cut_off("server", "What came before that is kept")
    yield fault("an error in the stream", partial(play.error_inside, after=False), overloaded)
    yield fault("an error after a token", partial(play.error_inside, after=True), overloaded, dropped)
    yield fault("text/plain", partial(play.wrong_type, kind="text/plain"), FINE)
    yield fault("application/octet-stream", partial(play.wrong_type, kind="application/octet-stream"), FINE)
    yield fault("50,000 brackets", play.deep, protocol("can't read"))
    yield fault("103 Early Hints first", play.early_hints, FINE)
    yield fault("204 No Content", play.no_content, protocol("empty answer"))
    yield fault("gzip that is none", play.fake_gzip, protocol("can't read"))
    for status in (300, 301, 302, 303, 304, 307, 308):
        words = f"({status}), and redirects are not followed"
        yield fault(f"status {status}", partial(play.redirect, status=status), protocol(words))


def _of_statuses() -> Iterator[Fault]:
    for status, (requests, cause, words) in _FAILS.items():
        outcome = Outcome(requests=requests, cause=cause, words=words)
        yield fault(f"status {status}", partial(_status, status=status), outcome)
    quota = Outcome(cause="quota", words="quota or credit is used up (429)")
    empty = partial(_status, status=429, message="You exceeded your current quota", code="insufficient_quota")
    yield fault("status 429 for an empty account", empty, quota)
    waits = (0.1,) * RETRIES
    yield _limited("Retry-After in seconds", waits, Retry_After="0.1")
    yield _limited("Retry-After in milliseconds", waits, retry_after_ms="100", Retry_After="9000")
    yield fault("Retry-After as a date", partial(_dated, 1), msgspec.structs.replace(
        _limited("").whole, waits=(1.0,) * RETRIES))  # fmt: skip
    yield _limited("Retry-After as a date of the past", Retry_After="Wed, 21 Oct 2015 07:28:00 GMT")
    for text in _IGNORED:
        if text.isascii():
            yield _limited(f"Retry-After {text!r}", Retry_After=text)
    yield _told_to_wait("Retry-After, an hour", partial(_status, status=429, Retry_After="3600"), "60 minutes")
    yield _told_to_wait(
        "Retry-After, ages", partial(_status, status=429, Retry_After="1" + 30 * "0"), "more than a year"
    )
    yield _told_to_wait("Retry-After, a date next year", partial(_dated, 86_400 * 365), "365 days")


_PARTS: Final[tuple[Callable[[], Iterator[Fault]], ...]] = (
    _of_connections, _of_time, _of_size, _of_content, _of_statuses,
)  # fmt: skip
FAULTS: Final = tuple(one for part in _PARTS for one in part())
