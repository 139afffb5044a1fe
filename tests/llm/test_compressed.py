"""Answers that come compressed although nobody asked for it, and those that can't be unpacked."""

from __future__ import annotations

import gzip
import json
import random
import zlib
from collections.abc import Callable
from typing import Final

import pytest

from tests.fake_provider import FakeProvider, Reply
from tests.llm.asking import THEIR_WARNINGS, run, text
from tests.llm.test_what_came import chunk, failed, to, whole
from tui.llm import exchange
from tui.llm.events import Finished
from tui.llm.unpacking import PIECE_BYTES, Unpacker, UnpackError, codings

pytestmark = THEIR_WARNINGS
STREAM: Final = b"".join(
    b"data: " + json.dumps(one).encode() + b"\n\n" for one in (chunk({"content": "Hello."}), chunk({}, "stop"))
)


def noise(size: int) -> bytes:
    """Bytes that hardly get smaller, the same each time."""
    return random.Random(1).randbytes(size)  # noqa: S311  # no secret


def bare(data: bytes) -> bytes:
    engine = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return engine.compress(data) + engine.flush()


PACKED: Final[dict[str, tuple[str, Callable[[bytes], bytes]]]] = {
    "gzip": ("gzip", gzip.compress),
    "gzip by its old name": ("x-gzip", gzip.compress),
    "gzip in two members": ("gzip", lambda data: gzip.compress(data[:40]) + gzip.compress(data[40:])),
    "gzip with padding": ("gzip", lambda data: gzip.compress(data) + b"\0" * 8),
    "deflate": ("deflate", zlib.compress),
    "deflate without a frame": ("deflate", bare),
    "twice": ("gzip, deflate", lambda data: zlib.compress(gzip.compress(data))),
    "not at all": ("identity", bytes),
}


@pytest.mark.parametrize("name", PACKED)
@pytest.mark.parametrize("stream", [True, False])
async def test_what_comes_compressed_is_unpacked(server: FakeProvider, name: str, *, stream: bool) -> None:
    coding, pack = PACKED[name]
    body = STREAM if stream else json.dumps(whole({"content": "Hello."})).encode()
    kind = "text/event-stream" if stream else "application/json"
    server.script(Reply.raw(200, pack(body), content_type=kind, headers={"Content-Encoding": coding}))
    events = await run(to(server, stream=stream))
    assert isinstance(events[-1], Finished), events[-1]
    assert text(events) == "Hello."


async def test_a_compressed_error_is_read(server: FakeProvider) -> None:
    body = gzip.compress(b'{"error": {"message": "Insufficient Balance"}}')
    server.script(Reply.raw(402, body, content_type="application/json", headers={"Content-Encoding": "gzip"}))
    last = await failed(to(server))
    assert (last.cause, last.detail) == ("quota", "Insufficient Balance")


@pytest.mark.parametrize("coding", ["br", "zstd", "compress", "gzip, br", "gzip, gzip, gzip"])
@pytest.mark.parametrize(("status", "cause"), [(200, "protocol"), (401, "key"), (503, "server")])
async def test_any_other_compression_is_refused_by_name(
    server: FakeProvider, coding: str, status: int, cause: str
) -> None:
    headers = {"Content-Encoding": coding}
    server.script(Reply.raw(status, b"\x0b\x02", content_type="text/event-stream", headers=headers))
    last = await failed(to(server))
    assert coding.rpartition(" ")[2] in f"{last.message} {last.detail}"
    assert (last.status, last.cause) == (status, cause)


async def test_what_is_not_compressed_as_it_says_is_told(server: FakeProvider) -> None:
    server.script(Reply.raw(200, STREAM, content_type="text/event-stream", headers={"Content-Encoding": "gzip"}))
    last = await failed(to(server))
    assert last.cause == "protocol"
    assert "can't be unpacked" in last.message


@pytest.mark.parametrize("kind", ["text/event-stream", "application/json", "application/x-ndjson"])
async def test_a_bomb_is_given_up_at_the_bound(
    server: FakeProvider, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(exchange, "MAX_BYTES", 2_000_000)
    packed = gzip.compress(b"\n" * 50_000_000)
    server.script(Reply.raw(200, packed, content_type=kind, headers={"Content-Encoding": "gzip"}))
    assert "would not end" in (await failed(to(server))).message


def test_a_bomb_is_unpacked_in_small_pieces() -> None:
    pieces = Unpacker().pieces(gzip.compress(b"\0" * 20_000_000))
    assert max(len(next(pieces)) for _ in range(20)) <= PIECE_BYTES


def test_parts_may_be_cut_anywhere() -> None:
    data = noise(5_000)
    packed, unpacker = gzip.compress(data), Unpacker()
    parts = (packed[at : at + 7] for at in range(0, len(packed), 7))
    assert b"".join(unpacker.all_pieces(parts)) == data


def test_what_is_broken_in_the_middle_is_an_error() -> None:
    packed = bytearray(gzip.compress(noise(5_000)))
    packed[2_000:2_100] = b"\xff" * 100
    with pytest.raises(UnpackError):
        list(Unpacker().pieces(bytes(packed)))


def test_the_header_may_name_several() -> None:
    assert codings(" GZIP , identity") == ("gzip",)
