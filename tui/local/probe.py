"""Who listens on a port of this machine."""

from __future__ import annotations

import asyncio
import json
import socket
from contextlib import closing
from typing import Final

import msgspec

HOST: Final = "127.0.0.1"
_BOUND_S: Final = 2.0
_ANSWER_BYTES: Final = 1 << 20
_LOADING: Final = 503


class Listener(msgspec.Struct, frozen=True):
    """What answers on a port."""

    loading: bool = False
    """It will serve, but its model is not loaded yet."""
    models: frozenset[str] = frozenset()
    """Names it serves; none if it is no OpenAI-compatible server."""


async def listener(port: int, bound_s: float = _BOUND_S) -> Listener | None:
    """Who listens on the port, or None if nobody does. A listener that is silent for `bound_s` serves no model."""
    try:
        status, body = await _get(port, "/v1/models", bound_s)
        if status == _LOADING:
            return Listener(loading=True)
        models = _names(body)
        loading = bool(models) and (await _get(port, "/health", bound_s))[0] == _LOADING
    except ConnectionRefusedError:
        return None
    except (OSError, ValueError, IndexError):  # silent, or no HTTP
        return Listener()
    return Listener(loading, models)


def _names(body: bytes) -> frozenset[str]:
    try:
        return frozenset(str(model["id"]) for model in json.loads(body)["data"])
    except (ValueError, LookupError, TypeError):
        return frozenset()


async def _get(port: int, path: str, bound_s: float) -> tuple[int, bytes]:
    """Status and body of one plain request. HTTP/1.0, so the answer ends where the connection does."""
    async with asyncio.timeout(bound_s):
        reader, writer = await asyncio.open_connection(HOST, port)
        with closing(writer):
            writer.write(f"GET {path} HTTP/1.0\r\nHost: {HOST}:{port}\r\nConnection: close\r\n\r\n".encode())
            answer = b""
            while len(answer) < _ANSWER_BYTES and (piece := await reader.read(_ANSWER_BYTES)):
                answer += piece
    head, _, body = answer.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/"):
        raise ValueError("no HTTP server")
    return int(head.split(maxsplit=2)[1]), body


def free_port() -> int:
    """A port of this machine that nobody uses now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
