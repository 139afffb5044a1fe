"""What one attempt sends and gets back over HTTP, whatever LiteLLM does: one POST, one origin, no redirects, bounded.

LiteLLM builds about 166 providers' requests on two kinds of client and has its own mind about retries, redirects and
timeouts. So every client of the process gets `Guard` as its transport, which hands each request to the `Exchange` of
the task that makes it. An `Exchange` also keeps what the errors are told apart by: status, headers, the body of an
error, and the transport's own exception.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextvars import ContextVar
from typing import Any, Final, Literal

import httpx
import msgspec

from tui.llm.raw_answer import RawAnswer
from tui.llm.unpacking import KNOWN, Unpacker, UnpackError, codings

CONNECT_S: Final = 15.0
"""A host that does not take a connection for so long is down or filtered."""
IDLE_S: Final = 120.0
"""The longest silence where `timeout` is unset: slow models on local servers read a long prompt for a minute."""
TOTAL_S: Final = 600.0
"""The longest attempt where `timeout` is unset; LiteLLM's own bound would be 6000 s for each read."""
MAX_BYTES: Final = 64_000_000
"""The longest answer that is read, as it comes over the wire."""
_PART_BYTES: Final = 64
"""What each part of an answer takes in memory besides its bytes: many tiny ones must not fill it either."""
MAX_LINE_BYTES: Final = 8_000_000
"""The longest line of a stream: an unfinished line is copied with each part, so time grows with its square."""
_KEPT_BYTES: Final = 64_000
"""How much of an error's body, and of the beginning of an answer, is kept."""
_FIRST_BAD_STATUS: Final = 300
_MOST_CODINGS: Final = 2
_NOT_PASSED_ON: Final = frozenset({"set-cookie", "content-encoding", "content-length"})
"""Of an answer's headers: what LiteLLM gets is unpacked, and may have been put into another shape."""
_STREAM: Final = re.compile(rb'"stream"\s*:\s*true')
_PORTS: Final = {"http": 80, "https": 443}


class Limits(msgspec.Struct, frozen=True):
    """How long an attempt may take."""

    connect_s: float = CONNECT_S
    idle_s: float = IDLE_S
    total_s: float = TOTAL_S

    @classmethod
    def of(cls, timeout_s: float | None, *, stream: bool) -> Limits:
        """The limits for the field `timeout`; 0 counts as unset. An answer in one piece may be silent to the end."""
        if timeout_s is not None and timeout_s > 0:
            return cls(connect_s=min(CONNECT_S, timeout_s), idle_s=timeout_s, total_s=timeout_s)
        return cls() if stream else cls(idle_s=TOTAL_S)


class StrayRequestError(httpx.ConnectError):
    """LiteLLM wanted to send something that nobody asked for; it was not sent."""


class NotAnAnswerError(httpx.ProtocolError):
    """The answer can't be a model's; the exchange holds its beginning."""


class EncodingError(NotAnAnswerError):
    """The answer is compressed in a way that can't be undone here; its text is the end of a sentence."""


class Exchange:
    """One attempt's traffic."""

    def __init__(
        self, http: httpx.AsyncClient, limits: Limits, base_url: str | None, on_sending: Callable[[], None]
    ) -> None:
        """`http` sends; where there is a `base_url`, requests to any other origin are refused."""
        self.posts = 0
        self.url: httpx.URL | None = None
        self.status: int | None = None
        self.headers: Mapping[str, str] = {}
        """Of the answer, names in lower case."""
        self.body = b""
        """The beginning of the answer."""
        self.error: httpx.HTTPError | None = None
        """Why there was no answer, or no end of it."""
        self.speaks: Literal["", "http", "https"] = ""
        """What the port was found to speak, after a failure and where it is not the URL's scheme."""
        self.raw = RawAnswer("", streamed=False)
        """What the answer itself says; LiteLLM makes up what is not there, and drops what it does not know."""
        self.sent_bytes = 0
        """Length of the request's body."""
        self.read = False
        """Whether the answer was read as far as it went."""
        self._http = http
        self._on_sending = on_sending
        self.limits = limits
        self._base = httpx.URL(base_url) if base_url else None
        self._answer: httpx.Response | None = None
        self._fresh: Any = None  # httpcore's stream, with no request on it yet
        self._unpackers: list[Unpacker] = []
        self._closing: asyncio.Future[None] | None = None
        self._size = 0
        self._line_size = 0

    @property
    def host(self) -> str:
        """Host, and port where it is not the scheme's own."""
        url = self.url or self._base
        return url.netloc.rpartition(b"@")[2].decode("ascii", "replace") if url else ""

    async def send(self, request: httpx.Request) -> httpx.Response:
        """Send one request; the error that is raised is kept as well."""
        if self.error is not None:  # LiteLLM would try a failed connection again
            raise self.error
        try:
            self._admit(request)
            return await self._send(request)
        except httpx.HTTPError as error:
            self.error = error
            raise

    def _admit(self, request: httpx.Request) -> None:
        if self._base and _origin(request.url) != _origin(self._base):
            where = request.url.copy_with(raw_path=b"/", username="", password="")  # none
            raise StrayRequestError(f"The request was about to go to {where} instead of the base URL.", request=request)
        if request.method == "POST":
            self.posts += 1
        if request.method == "POST" and self.posts > 1:
            raise StrayRequestError("A second request was about to be sent for one attempt.", request=request)

    async def _send(self, request: httpx.Request) -> httpx.Response:
        self.url = request.url
        request.headers["accept-encoding"] = "identity"  # what is read is what was sent, and a stream is not held back
        limits = self.limits
        times = {"connect": limits.connect_s, "read": limits.idle_s, "write": limits.idle_s, "pool": limits.connect_s}
        request.extensions = {**request.extensions, "timeout": times, "trace": self.trace}
        self._on_sending()
        answer = await self._http.send(request, stream=True, follow_redirects=False)
        self._answer = answer
        self.status = answer.status_code
        self.headers = {name.lower(): value for name, value in answer.headers.items()}
        page = self.is_page
        self._unpackers = self._ways_to_unpack(request)
        if answer.status_code < _FIRST_BAD_STATUS and not page:
            return self._passed_on(request, answer)
        await self._keep(answer)
        if page and answer.status_code < _FIRST_BAD_STATUS:
            raise NotAnAnswerError("The server sent a web page.", request=request)
        kind = {"content-type": self.headers.get("content-type", "text/plain")}
        return httpx.Response(
            answer.status_code, headers=kind | _waits(self.headers), content=self.body, request=request
        )

    def _ways_to_unpack(self, request: httpx.Request) -> list[Unpacker]:
        """One for each coding of the answer; of an error the status alone must do, if its words can't be unpacked."""
        names = codings(self.headers.get("content-encoding", ""))
        unknown = [name for name in names if name not in KNOWN]
        if not unknown and len(names) <= _MOST_CODINGS:
            return [Unpacker() for _ in names]
        told = f"compressed ({', '.join(unknown or names)})"
        if (self.status or 0) < _FIRST_BAD_STATUS:
            raise EncodingError(told, request=request)
        self.body = f"The words of the error came {told}, and were not read.".encode()
        return []

    def _passed_on(self, request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        body = _body(request)
        self.sent_bytes = len(body)
        streamed = _asks_stream(request, body)
        kind = self.headers.get("content-type", "")
        self.raw = RawAnswer(kind, streamed=streamed)
        headers = [(name, value) for name, value in answer.headers.multi_items() if name.lower() not in _NOT_PASSED_ON]
        return httpx.Response(answer.status_code, headers=headers, stream=_Watched(self, answer), request=request)

    async def trace(self, name: str, info: Mapping[str, Any]) -> None:
        """Know the connection until the request is on its way: httpcore loses one whose request is given up before."""
        if name.endswith((".connect_tcp.complete", ".start_tls.complete")):
            self._fresh = info["return_value"]
        elif name == "http11.send_request_headers.started":
            self._fresh = None

    async def _keep(self, answer: httpx.Response) -> None:
        if self.body:  # there is no more to be known
            await answer.aclose()
            return
        try:
            async for packed in answer.aiter_raw():
                for part in self.unpacked(packed):
                    self.body += part
                    if len(self.body) >= _KEPT_BYTES:
                        return
        except (httpx.HTTPError, UnpackError) as error:  # the status alone must do; it is the better half of the news
            self.body += f" ({type(error).__name__} while the error was read)".encode()
        finally:
            await answer.aclose()
            self.body = self.body[:_KEPT_BYTES]

    @property
    def cut(self) -> bool:
        """Whether the answer stopped before its end, although the connection was closed in good order."""
        return self.read and self.raw.needs_end and not self.raw.ended

    async def close(self) -> None:
        """Close the connection, which LiteLLM leaves open where it stops reading early.

        It is closed to the end even if whoever waits for it is cancelled: a provider that can still write charges.
        """
        if (left := self._answer or self._fresh) is not None:
            self._closing = asyncio.ensure_future(left.aclose())
            await asyncio.shield(self._closing)

    @property
    def is_page(self) -> bool:
        """Whether the answer says that it is a web page."""
        return self.headers.get("content-type", "").startswith("text/html")

    @property
    def _is_stream(self) -> bool:
        return self.headers.get("content-type", "").startswith("text/event-stream")

    def watch(self, part: bytes) -> None:
        """Look at a part of an answer as it passes."""
        self._size += len(part) + _PART_BYTES
        if self._size > MAX_BYTES:
            raise NotAnAnswerError(f"The answer is longer than {MAX_BYTES:,} bytes.")
        end = part.rfind(b"\n")
        self._line_size = self._line_size + len(part) if end < 0 else len(part) - end - 1
        if self._line_size > MAX_LINE_BYTES and self._is_stream:
            raise NotAnAnswerError(f"A line of the answer is longer than {MAX_LINE_BYTES:,} bytes.")
        if len(self.body) < _KEPT_BYTES:
            self.body += part[: _KEPT_BYTES - len(self.body)]

    def unpacked(self, part: bytes) -> Iterator[bytes]:
        """A part of the body as it was before it was compressed, in small pieces.

        Raises:
            UnpackError: it can't be unpacked.
        """
        pieces = iter((part,))
        for unpacker in self._unpackers:
            pieces = unpacker.all_pieces(pieces)
        return pieces


class _Watched(httpx.AsyncByteStream):
    """An answer's body on its way to LiteLLM."""

    def __init__(self, exchange: Exchange, answer: httpx.Response) -> None:
        self._exchange = exchange
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for packed in self._answer.aiter_raw():
                for part in self._exchange.unpacked(packed):
                    self._exchange.watch(part)
                    if passed_on := self._exchange.raw.feed(part):
                        yield passed_on
            self._exchange.read = True
            if rest := self._exchange.raw.end():
                yield rest
        except UnpackError as error:
            self._exchange.error = EncodingError(f"compressed, and it can't be unpacked ({error})")
            raise self._exchange.error from error
        except httpx.HTTPError as error:
            self._exchange.error = error
            raise

    async def aclose(self) -> None:
        await self._answer.aclose()


CURRENT: Final[ContextVar[Exchange]] = ContextVar("CURRENT")
"""The exchange of the running attempt; each attempt is a task of its own."""


class Guard(httpx.AsyncBaseTransport):
    """The transport of every client: what belongs to no attempt is not sent."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request for the attempt that makes it."""
        exchange = CURRENT.get(None)
        if exchange is None:
            raise StrayRequestError("A request that belongs to no attempt was not sent.", request=request)
        return await exchange.send(request)


class GuardedClient(httpx.AsyncClient):
    """A client for LiteLLM and the SDKs to hold; it has no connection of its own, so it need not be closed."""

    def __init__(self) -> None:
        super().__init__(transport=Guard(), follow_redirects=False, trust_env=False)

    async def aclose(self) -> None:
        """Stay open: LiteLLM keeps clients in caches and closes them when it likes."""


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port or _PORTS.get(url.scheme)


def _body(request: httpx.Request) -> bytes:
    try:
        return request.content
    except httpx.RequestNotRead:
        return b""


def _asks_stream(request: httpx.Request, body: bytes) -> bool:
    return _STREAM.search(body) is not None or b"stream" in request.url.raw_path.lower()


def _waits(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: headers[name] for name in ("retry-after", "retry-after-ms") if name in headers}


def new_http() -> httpx.AsyncClient:
    """The one client with connections; proxies and certificates come from the environment. Close it at the end."""
    return httpx.AsyncClient(follow_redirects=False, timeout=None)  # noqa: S113  # each exchange sets its own
