"""A request that is given up: whatever it was doing at that moment, its connection is closed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Any

import httpx
import pytest

from tui.llm.exchange import Exchange, Limits, new_http

STEPS = (
    "connection.connect_tcp.started",
    "connection.connect_tcp.complete",
    "http11.send_request_headers.started",
    "http11.send_request_headers.complete",
    "http11.send_request_body.complete",
    "http11.receive_response_headers.started",
)


class Silent(ThreadingTCPServer):
    """A server that reads, and answers nothing."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Reading)
        self.opened = self.closed = 0
        Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


class _Reading(BaseRequestHandler):
    server: Silent

    def handle(self) -> None:
        self.server.opened += 1
        while self.request.recv(65_536):
            pass
        self.server.closed += 1


async def given_up(exchange: Exchange, url: str, step: str, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Send a request and cancel it at this step; whether it came so far."""
    known, reached = exchange.trace, asyncio.Event()

    async def trace(name: str, info: Mapping[str, Any]) -> None:
        await known(name, info)
        if name == step:
            reached.set()
            task.cancel()

    async def send() -> None:
        try:
            await exchange.send(httpx.Request("POST", url, content=b"hello"))
        finally:
            await exchange.close()

    monkeypatch.setattr(exchange, "trace", trace)
    task = asyncio.create_task(send())
    with suppress(asyncio.CancelledError):
        await task
    return reached.is_set()


@pytest.mark.parametrize("step", STEPS)
async def test_its_connection_is_closed_at_once(step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with Silent() as server:
        async with new_http() as http:
            exchange = Exchange(http, Limits(), server.url, lambda: None)
            assert await given_up(exchange, server.url, step, monkeypatch)
            await all_closed(server, least=0 if step == STEPS[0] else 1)


async def all_closed(server: Silent, least: int) -> None:
    async with asyncio.timeout(30):
        while server.opened < least or server.closed < server.opened:  # noqa: ASYNC110  # another thread counts
            await asyncio.sleep(0.01)
