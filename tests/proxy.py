"""A proxy on loopback: whoever is pointed to it reaches the servers that a test has, whatever address it asks for."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Callable
from socketserver import BaseRequestHandler, ThreadingTCPServer
from typing import Final, TypeAlias

from tests.certificates import LOOPBACK
from tests.fake_provider import FakeProvider

_HEAD_END: Final = b"\r\n\r\n"
_CHUNK: Final = 65_536

Route: TypeAlias = Callable[[str | None], FakeProvider]
"""Which server gets a connection: for a tunnel to `host:port`, or with None for a request without TLS."""


class Proxy:
    """Runs in a thread of its own until it is closed."""

    def __init__(self, route: Route) -> None:
        self._server = _Server(route)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """What HTTPS_PROXY and HTTP_PROXY have to be."""
        return f"http://{LOOPBACK}:{self._server.server_address[1]}"

    def close(self) -> None:
        """Take it down; connections that are open go on until a side hangs up."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, route: Route) -> None:
        self.route = route
        super().__init__((LOOPBACK, 0), _Tunnel)

    def handle_error(self, request: object, client_address: object) -> None:
        """A side that hangs up in the middle is no news."""


class _Tunnel(BaseRequestHandler):
    request: socket.socket
    server: _Server

    def handle(self) -> None:
        head = b""
        while _HEAD_END not in head:
            part = self.request.recv(_CHUNK)
            if not part:
                return
            head += part
        verb, target, *_ = head.decode("latin-1").split(" ")
        tunnel = target if verb == "CONNECT" else None
        with socket.create_connection(_address(self.server.route(tunnel))) as other:
            if tunnel is None:
                other.sendall(head)
            else:
                self.request.sendall(b"HTTP/1.1 200 Connection established" + _HEAD_END)
            _pump(self.request, other)


def _address(server: FakeProvider) -> tuple[str, int]:
    return LOOPBACK, int(server.origin.rpartition(":")[2])


def _pump(one: socket.socket, other: socket.socket) -> None:
    """Carry bytes both ways until a side hangs up."""
    across = {one: other, other: one}
    while True:
        for side in select.select(list(across), [], [])[0]:
            data = side.recv(_CHUNK)
            if not data:
                return
            across[side].sendall(data)
