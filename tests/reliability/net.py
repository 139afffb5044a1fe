"""Two servers that the whole world leads to: one is every address of the keys' owners, the other is everywhere else.

worker --HTTPS_PROXY--> proxy --CONNECT api.openai.com:443--> `home`
                              --CONNECT anything else-------> `elsewhere`
       --HTTP_PROXY---> proxy --POST http://anywhere/…------> `plain`, which counts as elsewhere
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Collection, Mapping
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer
from types import TracebackType
from typing import Final, Self

from tests.certificates import LOOPBACK, Authority, context
from tests.fake_provider import FakeProvider, Recorded
from tests.guides.internet import _address, _pump

_HEAD_END: Final = b"\r\n\r\n"


class Net:
    """The servers and the proxy; a context manager."""

    def __init__(self, folder: Path, homes: Collection[str], hosts: Collection[str]) -> None:
        """`homes` are host names whose port 443 is `home`; `hosts` is every name that is reached over TLS."""
        authority = Authority(folder)
        tls = context(authority.issue(*hosts))
        self.home, self.elsewhere, self.plain = FakeProvider(tls=tls), FakeProvider(tls=tls), FakeProvider()
        self._proxy = _Router(self, {f"{name}:443" for host in homes for name in (host, f"{host}.")})
        self._thread = threading.Thread(target=self._proxy.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        proxy = f"http://{LOOPBACK}:{self._proxy.server_address[1]}"
        self.env: Mapping[str, str] = {"HTTPS_PROXY": proxy, "HTTP_PROXY": proxy, "SSL_CERT_FILE": str(authority.pem)}

    @property
    def wrong(self) -> list[Recorded]:
        """All that arrived at an address that no key belongs to."""
        return self.elsewhere.requests + self.plain.requests

    def forget(self) -> None:
        """Begin anew."""
        for server in (self.home, self.elsewhere, self.plain):
            server.requests.clear()

    def close(self) -> None:
        """Take it down."""
        self._proxy.shutdown()
        self._proxy.server_close()
        self._thread.join()
        for server in (self.home, self.elsewhere, self.plain):
            server.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def holds(request: Recorded, key: str) -> bool:
    """Whether any part of a request has the key in it."""
    return key in f"{request.path} {dict(request.headers)}" or key.encode() in request.body


class _Router(ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, net: Net, homes: Collection[str]) -> None:
        self.net, self.homes = net, homes
        super().__init__((LOOPBACK, 0), _Tunnel)

    def handle_error(self, request: object, client_address: object) -> None:
        """A side that hangs up in the middle is no news."""


class _Tunnel(BaseRequestHandler):
    request: socket.socket
    server: _Router

    def handle(self) -> None:
        head = b""
        while _HEAD_END not in head:
            part = self.request.recv(65_536)
            if not part:
                return
            head += part
        verb, target, *_ = head.decode("latin-1").split(" ")
        net = self.server.net
        secure = net.home if target.lower() in self.server.homes else net.elsewhere
        with socket.create_connection(_address(secure if verb == "CONNECT" else net.plain)) as other:
            if verb == "CONNECT":
                self.request.sendall(b"HTTP/1.1 200 Connection established" + _HEAD_END)
            else:
                other.sendall(head)
            _pump(self.request, other)
