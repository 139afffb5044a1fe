"""Who listens on a port."""

from __future__ import annotations

import asyncio
import json
import socket

import pytest

from tests.local.loopback import Answer, serving
from tui.local.probe import Listener, free_port, listener


def _models(*names: str) -> bytes:
    return json.dumps({"object": "list", "data": [{"id": name} for name in names]}).encode()


async def test_a_port_that_nobody_uses_has_no_listener() -> None:
    assert await listener(free_port()) is None


async def test_an_openai_compatible_server_is_asked_for_its_models() -> None:
    with serving(lambda _path: (200, "application/json", _models("a", "b"))) as server:
        assert await listener(server.port) == Listener(models=frozenset("ab"))


async def test_a_server_that_is_not_ready_is_loading() -> None:
    with serving(lambda _path: (503, "application/json", b"{}")) as server:
        assert await listener(server.port) == Listener(loading=True)


async def test_a_server_that_lists_its_model_but_is_not_healthy_is_loading_too() -> None:
    def answer(path: str) -> Answer:
        return (503, "text/plain", b"") if path == "/health" else (200, "application/json", _models("a"))

    with serving(answer) as server:
        assert await listener(server.port) == Listener(loading=True, models=frozenset("a"))


async def test_a_web_server_of_something_else_serves_no_model() -> None:
    for body in (b"<html>", b"[]", b'{"data": 1}', b'{"data": [1]}', b'{"data": [{}]}', b"\xff"):
        with serving(lambda _path, body=body: (200, "text/html", body)) as server:  # type: ignore[misc]  # a default argument
            assert await listener(server.port) == Listener()


async def test_a_listener_that_says_nothing_serves_no_model() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert await listener(silent.getsockname()[1], bound_s=0.2) == Listener()


@pytest.mark.parametrize("words", [b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1\r\n\r\n", b"HTTP/1.1 odd\r\n\r\n", b""])
async def test_a_listener_that_speaks_something_else_serves_no_model(words: bytes) -> None:
    async def greet(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(words)
        writer.close()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
        assert await listener(server.sockets[0].getsockname()[1]) == Listener()
