"""A loopback server that plays an LLM provider: OpenAI, Azure, Anthropic and Gemini by path.

    with FakeProvider() as server:
        server.script(Reply.error(429, retry_after=1), Reply.stream("Hel", "lo"))
        ...  # base_url = server.base_url  (OpenAI-style: http://127.0.0.1:PORT/v1)
        assert [request.path for request in server.requests] == ["/v1/chat/completions"] * 2

Every request is recorded in `server.requests`. Each POST takes the next reply of the script; when it is used up, every
further POST gets `server.always` (a short answer). GETs whose path ends in `/models` list `server.models` and take
nothing from the script. `server.pages` holds replies for whole paths, which come before all that. A reply is written
once and rendered in the protocol that the path asks for, streamed or not.

A reply's steps: text (a piece of the answer), `Thinking`, `Pause` (seconds), `Gate` (until the test opens it), `HANG`
(until the client leaves or the server closes), `DIE` (the connection is cut).
"""

from __future__ import annotations

import asyncio
import json
import select
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from tests.closing import Closing
from tests.fake_protocols import RENDER, Protocol, asks_stream, error_of, protocol_of
from tests.fake_replies import DIE, HANG, Gate, Pause, Reply, Step, Thinking, is_text

__all__ = ["DIE", "HANG", "FakeProvider", "Gate", "Pause", "Recorded", "Reply", "Thinking"]

WAIT_S: Final = 60.0
"""How long `seen` and `until` wait before they fail."""
_POLL_S: Final = 0.01


@dataclass(frozen=True)
class Recorded:
    """One request as it came in."""

    method: str
    path: str
    """With the query."""
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
    at: float
    """`time.monotonic()` of its arrival."""

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class FakeProvider(Closing):
    """The server; a context manager. It listens from construction on, on a free port of 127.0.0.1."""

    def __init__(
        self,
        *,
        models: tuple[str, ...] = ("fake-model",),
        key: str | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """`key`: what a request must carry (bearer, x-api-key, api-key or x-goog-api-key), else it gets 401."""
        self.models = models
        self.pages: dict[str, Reply] = {}
        """What a path gets, without its query, whatever the method and however often."""
        self.elsewhere: Reply | None = None
        """What every other GET gets, instead of a list of models."""
        self.tls = tls
        self.key = key
        self.always = Reply.stream("Hello", " there", ".")
        self.requests: list[Recorded] = []
        self.disconnects = 0
        """How many clients left while a reply was hanging, paused or gated."""
        self.closing = threading.Event()
        self._script: list[Reply] = []
        self._lock = threading.Lock()
        self._http = _Server(self)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(_POLL_S,), daemon=True)
        self._thread.start()

    @property
    def origin(self) -> str:
        """`http://127.0.0.1:PORT`: the base URL for Azure, Anthropic and Gemini."""
        return f"http{'s' if self.tls else ''}://127.0.0.1:{self._http.server_address[1]}"

    @property
    def base_url(self) -> str:
        """`http://127.0.0.1:PORT/v1`: the base URL for OpenAI-compatible clients."""
        return f"{self.origin}/v1"

    @property
    def posts(self) -> int:
        """How many POST requests came in."""
        return sum(request.method == "POST" for request in self.requests)

    def script(self, *replies: Reply) -> None:
        """Append replies for the next POST requests."""
        with self._lock:
            self._script.extend(replies)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for a condition that the server's own threads bring about; fail after `WAIT_S`."""
        async with asyncio.timeout(WAIT_S):
            while not condition():  # noqa: ASYNC110  # the condition is set in another thread
                await asyncio.sleep(_POLL_S)

    async def seen(self, count: int) -> None:
        """Wait until so many POST requests came in."""
        await self.until(lambda: self.posts >= count)

    def wait_seen(self, count: int) -> None:
        """`seen` for tests without an event loop."""
        end = time.monotonic() + WAIT_S
        while self.posts < count:
            if time.monotonic() > end:
                raise TimeoutError(f"{self.posts} of {count} requests came in {WAIT_S:g} s")
            time.sleep(_POLL_S)

    def close(self) -> None:
        """Stop listening and end every hanging reply."""
        self.closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def record(self, request: Recorded) -> Reply:
        """Note a request and give what it gets. For the handler."""
        with self._lock:
            self.requests.append(request)
            if self.key is not None and not _carries(request.headers, self.key):
                return Reply.error(401, "Incorrect API key provided", code="invalid_api_key")
            page = self.pages.get(request.path.partition("?")[0])
            if page is not None:
                return page
            if request.method == "GET":
                return self.elsewhere or _models(request.path, self.models)
            return self._script.pop(0) if self._script else self.always

    def left(self) -> None:
        """Count a client that left early. For the handler."""
        with self._lock:
            self.disconnects += 1


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = True

    def __init__(self, fake: FakeProvider) -> None:
        self.fake = fake
        super().__init__(("127.0.0.1", 0), _Handler)
        if fake.tls is not None:
            self.socket = fake.tls.wrap_socket(self.socket, server_side=True)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that leaves in the middle is no news; what it received is what the test looks at."""


class _Gone(Exception):  # noqa: N818  # not an error: the client left, or the script cuts the connection
    """The connection is over."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        self._serve()

    def do_GET(self) -> None:
        self._serve()

    def log_message(self, *args: object) -> None:
        """Quiet."""

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply = self.server.fake.record(Recorded(self.command, self.path, headers, body, time.monotonic()))
        try:
            self._answer(reply, body)
        except _Gone:
            self.close_connection = True

    def _answer(self, reply: Reply, body: bytes) -> None:
        if reply.drop:
            self._reset()
        if reply.status == 0:
            self._wait(lambda: False)
        protocol = protocol_of(self.path)
        if reply.problem is not None:
            return self._whole(reply, json.dumps(error_of(protocol, reply)).encode())
        if reply.body is not None:
            return self._whole(reply, reply.body)
        if asks_stream(self.path, body):
            return self._chunks(reply, protocol)
        self._run_waits(reply)
        return self._whole(reply, json.dumps(RENDER[protocol].whole(reply)).encode())

    def _head(self, reply: Reply, content_type: str) -> None:
        self.send_response(reply.status)
        self.send_header("Content-Type", content_type)
        self.send_header("Connection", "close")
        self.close_connection = True
        for name, value in reply.headers.items():
            self.send_header(name, value)

    def _whole(self, reply: Reply, body: bytes) -> None:
        self._head(reply, reply.content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _chunks(self, reply: Reply, protocol: Protocol) -> None:
        self._head(reply, "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for part in RENDER[protocol].stream(reply):
            if isinstance(part, bytes):
                self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
                self.wfile.flush()
            else:
                self._step(part)
        self.wfile.write(b"0\r\n\r\n")

    def _run_waits(self, reply: Reply) -> None:
        for step in reply.steps:
            if not isinstance(step, Thinking) and not is_text(step):
                self._step(step)

    def _step(self, step: Step) -> None:
        match step:
            case Pause(seconds):
                end = time.monotonic() + seconds
                self._wait(lambda: time.monotonic() >= end)
            case Gate(event):
                self._wait(event.is_set)
            case _ if step == HANG:
                self._wait(lambda: False)
            case _ if step == DIE:
                self._reset()

    def _wait(self, over: Callable[[], bool]) -> None:
        while not over():
            if self.server.fake.closing.is_set():
                raise _Gone
            readable, _, _ = select.select([self.connection], [], [], _POLL_S)
            if readable and not self._peek():
                self.server.fake.left()
                raise _Gone

    def _peek(self) -> bytes:
        try:
            return bytes(self.connection.recv(1, socket.MSG_PEEK))
        except OSError:
            return b""

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        raise _Gone


def _carries(headers: Mapping[str, str], key: str) -> bool:
    names = ("x-api-key", "api-key", "x-goog-api-key")
    return headers.get("authorization") == f"Bearer {key}" or any(headers.get(name) == key for name in names)


def _models(path: str, models: tuple[str, ...]) -> Reply:
    bare = path.partition("?")[0].rstrip("/")
    if bare.endswith("/model/info"):
        data: list[dict[str, Any]] = [{"model_name": name, "model_info": {}} for name in models]
    elif bare.endswith("/models"):
        data = [{"id": name, "object": "model", "created": 0, "owned_by": "fake"} for name in models]
    else:
        return Reply.error(404, f"no such page: {bare}")
    return Reply(body=json.dumps({"object": "list", "data": data}).encode())
