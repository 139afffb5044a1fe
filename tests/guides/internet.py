"""An internet on loopback: every address leads to one fake provider, with a certificate that is good for all of them.

    app or worker --HTTPS_PROXY--> proxy --CONNECT api.openai.com:443--> `secure`, which speaks TLS as api.openai.com
                  --HTTP_PROXY---> proxy --POST http://localhost:4000/…-> `plain`

So settings need no other base URL than a user enters, and what arrives is what the provider would have got.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.certificates import Authority, context
from tests.closing import Closing
from tests.fake_provider import FakeProvider, Recorded, Reply
from tests.proxy import Proxy


class Internet(Closing):
    """The servers and the proxy; a context manager."""

    def __init__(self, folder: Path, *hosts: str) -> None:
        """`hosts` are the names that can be reached over TLS; any name can be reached without."""
        authority = Authority(folder)
        self.secure = FakeProvider(tls=context(authority.issue(*hosts)))
        self.plain = FakeProvider()
        self._proxy = Proxy(lambda tunnel: self.plain if tunnel is None else self.secure)
        self.env: Mapping[str, str] = {
            "HTTPS_PROXY": self._proxy.url, "HTTP_PROXY": self._proxy.url,
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
        self._proxy.close()
        self.secure.close()
        self.plain.close()
