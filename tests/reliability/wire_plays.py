"""What a server does wrong, byte by byte: one function for each thing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from typing import Final

from tests.reliability.wire_outcomes import ANSWER
from tests.reliability.wire_server import Wire, bytewise, joined

_SEEN_S: Final = 0.15
"""How long what was sent has to be shown before the next thing happens."""
_LINE: Final = b"x" * 65_536

# Connections


def headers_only(wire: Wire) -> None:
    wire.head(Content_Length=1_000)
    wire.reset()


def in_the_middle(wire: Wire) -> None:
    """The first token has arrived; then the connection is cut."""
    wire.head(Content_Length=10_000)
    wire.send(begun(wire))
    wire.wait(_SEEN_S)
    wire.reset()


def begun(wire: Wire) -> bytes:
    """A streamed answer up to its first token; of a whole one, all but the end."""
    body = joined(wire.answer(*ANSWER))
    return body[: body.index(b"\n\n", body.index(b"Hel")) + 2] if wire.stream else body[:-10]


def short(wire: Wire) -> None:
    wire.head(Content_Length=10_000)
    wire.send(begun(wire))
    wire.wait(_SEEN_S)


def half_a_chunk(wire: Wire) -> None:
    wire.head(Transfer_Encoding="chunked")
    wire.chunk(begun(wire))
    wire.wait(_SEEN_S)
    wire.send(b"ff0\r\ndata: ")


def no_last_chunk(wire: Wire) -> None:
    wire.head(Transfer_Encoding="chunked")
    wire.chunk(begun(wire))
    wire.wait(_SEEN_S)


def bad_chunk_size(wire: Wire) -> None:
    wire.head(Transfer_Encoding="chunked")
    wire.send(b"zz\r\nnonsense\r\n")


# Time


def slow_headers(wire: Wire) -> None:
    wire.send(b"HTTP/1.1 200 OK\r\nContent-")
    wire.wait()


def silent_after_headers(wire: Wire) -> None:
    wire.head(Transfer_Encoding="chunked")
    wire.wait()


def drip(wire: Wire, pause_s: float, size: int) -> None:
    body = joined(wire.answer(*ANSWER))
    wire.head(Content_Length=len(body))
    for part in bytewise(body, size):
        wire.send(part)
        wire.wait(pause_s)


def drip_for_ever(wire: Wire) -> None:
    wire.head(Transfer_Encoding="chunked")
    for part in endless(wire, b"a@ "):
        wire.chunk(part)
        wire.wait(0.1)


def hangs_after_a_token(wire: Wire) -> None:
    wire.head(Transfer_Encoding="chunked")
    wire.chunk(begun(wire))
    wire.wait()


# Size


def endless(wire: Wire, text: bytes) -> Iterator[bytes]:
    """An answer without an end."""
    before, _, after = joined(wire.answer("@@@", finish=None)).partition(b"@@@")
    if not wire.stream:
        yield before
        while True:
            yield text
    head, end, opened = before.rpartition(b"\n\n")
    if head:
        yield head + end
    closed = after[: after.index(b"\n\n") + 2]
    for number in count():
        yield opened + text.replace(b"@", b"%d" % number) + closed


def endless_stream(wire: Wire) -> None:
    wire.head(Transfer_Encoding="chunked")
    for part in endless(wire, b"word @ " * 1_500):
        wire.chunk(part)


def repeats(wire: Wire) -> None:
    wire.head(Transfer_Encoding="chunked")
    for part in endless(wire, b"again " if wire.stream else b"again " * 10_000):
        wire.chunk(part)


def gigantic_line(wire: Wire) -> None:
    wire.head(Transfer_Encoding="chunked")
    wire.chunk(joined(wire.answer("@@@")).partition(b"@@@")[0])
    while True:
        wire.chunk(_LINE)


def endless_comments(wire: Wire) -> None:
    wire.head(Transfer_Encoding="chunked")
    while True:
        wire.chunk(b": %s\n\n" % (b"still here " * 5_000))


def endless_header(wire: Wire) -> None:
    wire.send(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while True:
        wire.send(_LINE)


def huge_error(wire: Wire) -> None:
    wire.head("500 Oops", "text/plain", Transfer_Encoding="chunked")
    for _ in range(2_000):
        wire.chunk(_LINE)


# What stands in the answer


def bad_utf8(wire: Wire) -> None:
    wire.whole(joined(wire.answer(*ANSWER)).replace(b"lo ", b"\xff\xfe\xc3"))


def raw(wire: Wire, body: bytes, status: str = "200 OK", kind: str = "") -> None:
    wire.whole(body, status, kind)


def bad_json(wire: Wire) -> None:
    wire.whole(b'data: {"choices": [{"delta": {"content": "x"\n\n' if wire.stream else b'{"choices": [{')


def missing_finish(wire: Wire) -> None:
    wire.whole(joined(wire.answer(*ANSWER, finish=None)))


def error_inside(wire: Wire, *, after: bool) -> None:
    sent = b""
    if after:
        parts = wire.answer(*ANSWER)
        sent = joined(
            parts[:-3] if wire.protocol == "openai" else parts[:2] if wire.protocol == "gemini" else parts[:4]
        )
    data = json.dumps(wire.error(529, "overloaded just now", code="overloaded_error", type="overloaded_error")).encode()
    event = b"event: error\n" if wire.protocol == "anthropic" else b""
    if not (wire.stream and after):
        wire.whole(event + b"data: " + data + b"\n\n" if wire.stream else data)
        return
    sent = begun(wire)
    wire.head(Content_Length=len(sent) + len(event) + len(data) + 8)
    wire.send(sent)
    wire.wait(_SEEN_S)
    wire.send(event + b"data: " + data + b"\n\n")


def wrong_type(wire: Wire, kind: str) -> None:
    wire.whole(joined(wire.answer(*ANSWER)), kind=kind)


def deep(wire: Wire) -> None:
    body = b"[" * 50_000
    wire.whole(b"data: " + body + b"\n\n" if wire.stream else body)


def early_hints(wire: Wire) -> None:
    wire.send(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")
    wire.whole(joined(wire.answer(*ANSWER)))


def no_content(wire: Wire) -> None:
    wire.send(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")


def redirect(wire: Wire, status: int) -> None:
    wire.whole(b"", f"{status} Elsewhere", Location="https://elsewhere.example/v1?x=secret")


def fake_gzip(wire: Wire) -> None:
    wire.whole(b"this is no gzip", Content_Encoding="gzip")


def repeated_length(wire: Wire) -> None:
    wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 7\r\n\r\nhello")
