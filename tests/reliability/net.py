"""Two servers that the whole world leads to: one is every address of the keys' owners, the other is everywhere else.

worker --HTTPS_PROXY--> proxy --CONNECT api.openai.com:443--> `home`
                              --CONNECT anything else-------> `elsewhere`
       --HTTP_PROXY---> proxy --POST http://anywhere/…------> `plain`, which counts as elsewhere
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from tests.certificates import Authority, context
from tests.closing import Closing
from tests.fake_provider import FakeProvider, Recorded
from tests.proxy import Proxy


class Net(Closing):
    """The servers and the proxy; a context manager."""

    def __init__(self, folder: Path, homes: Collection[str], hosts: Collection[str]) -> None:
        """`homes` are host names whose port 443 is `home`; `hosts` is every name that is reached over TLS."""
        authority = Authority(folder)
        tls = context(authority.issue(*hosts))
        self.home, self.elsewhere, self.plain = FakeProvider(tls=tls), FakeProvider(tls=tls), FakeProvider()
        self._homes = {f"{name}:443" for host in homes for name in (host, f"{host}.")}
        self._proxy = Proxy(self._route)
        self.env: Mapping[str, str] = {
            "HTTPS_PROXY": self._proxy.url, "HTTP_PROXY": self._proxy.url, "SSL_CERT_FILE": str(authority.pem),
        }  # fmt: skip

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
        self._proxy.close()
        for server in (self.home, self.elsewhere, self.plain):
            server.close()

    def _route(self, tunnel: str | None) -> FakeProvider:
        if tunnel is None:
            return self.plain
        return self.home if tunnel.lower() in self._homes else self.elsewhere


def holds(request: Recorded, key: str) -> bool:
    """Whether any part of a request has the key in it."""
    return key in f"{request.path} {dict(request.headers)}" or key.encode() in request.body
