"""An internet on loopback: every address leads to one fake provider, with a certificate that is good for all of them.

    app or worker --HTTPS_PROXY--> proxy --CONNECT api.openai.com:443--> `secure`, which speaks TLS as api.openai.com
                  --HTTP_PROXY---> proxy --POST http://localhost:4000/…-> `plain`

So settings need no other base URL than a user enters, and what arrives is what the provider would have got.
"""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Mapping
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer
from types import TracebackType
from typing import Final, Self

from tests.certificates import LOOPBACK, Authority, context
from tests.fake_provider import FakeProvider, Recorded, Reply

_HEAD_END: Final = b"\r\n\r\n"
_CHUNK: Final = 65_536


class Internet:
    """The servers and the proxy; a context manager."""

    def __init__(self, folder: Path, *hosts: str) -> None:
        """`hosts` are the names that can be reached over TLS; any name can be reached without."""
        authority = Authority(folder)
        self.secure = FakeProvider(tls=context(authority.issue(*hosts)))
        self.plain = FakeProvider()
        self._proxy = _Proxy(_address(self.secure), _address(self.plain))
        self._thread = threading.Thread(target=self._proxy.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        proxy = f"http://{LOOPBACK}:{self._proxy.server_address[1]}"
        self.env: Mapping[str, str] = {
            "HTTPS_PROXY": proxy, "HTTP_PROXY": proxy,
            "SSL_CERT_FILE": str(authority.pem), "REQUESTS_CA_BUNDLE": str(authority.pem),
        }  # fmt: skip
        """What makes a program use it."""

    @property
    def requests(self) -> list[Recorded]:
        """All that arrived, in order."""
        return sorted(self.secure.requests + self.plain.requests, key=lambda request: request.at)

    def answer(self, reply: Reply) -> None:
        """What every further request gets."""
        self.secure.always = self.plain.always = reply

    def forget(self) -> None:
        """Begin anew."""
        self.answer(Reply.stream("Hello", " there", "."))
        for server in (self.secure, self.plain):
            server.requests.clear()
            server.pages.clear()

    def close(self) -> None:
        """Take it down."""
        self._proxy.shutdown()
        self._proxy.server_close()
        self._thread.join()
        self.secure.close()
        self.plain.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _address(server: FakeProvider) -> tuple[str, int]:
    return LOOPBACK, int(server.origin.rpartition(":")[2])


class _Proxy(ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, secure: tuple[str, int], plain: tuple[str, int]) -> None:
        self.secure, self.plain = secure, plain
        super().__init__((LOOPBACK, 0), _Tunnel)

    def handle_error(self, request: object, client_address: object) -> None:
        """A side that hangs up in the middle is no news."""


class _Tunnel(BaseRequestHandler):
    request: socket.socket
    server: _Proxy

    def handle(self) -> None:
        head = b""
        while _HEAD_END not in head:
            part = self.request.recv(_CHUNK)
            if not part:
                return
            head += part
        tunnel = head.startswith(b"CONNECT ")
        with socket.create_connection(self.server.secure if tunnel else self.server.plain) as other:
            if tunnel:
                self.request.sendall(b"HTTP/1.1 200 Connection established" + _HEAD_END)
            else:
                other.sendall(head)
            _pump(self.request, other)


def _pump(one: socket.socket, other: socket.socket) -> None:
    """Carry bytes both ways until a side hangs up."""
    across = {one: other, other: one}
    while True:
        for side in select.select(list(across), [], [])[0]:
            data = side.recv(_CHUNK)
            if not data:
                return
            across[side].sendall(data)
