"""A loopback server below HTTP: it reads a request and then writes, byte by byte, whatever a fault wants.

`FakeProvider` plays servers that speak HTTP properly; this one plays those that do not.
"""

from __future__ import annotations

import json
import select
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, Self, TypeAlias

import msgspec

from tests.fake_protocols import RENDER, Protocol, asks_stream, error_of, protocol_of
from tests.fake_replies import Reply

_POLL_S: Final = 0.01
_END: Final = b"\r\n\r\n"
_HANDSHAKE: Final = b"\x16"
_JSON: Final = "application/json"
EVENTS: Final = "text/event-stream"


class GoneError(Exception):
    """The client left, or the server is closing."""


class Wire:
    """One connection, after its request was read."""

    def __init__(self, connection: socket.socket, path: str, body: bytes, closing: threading.Event) -> None:
        self.connection = connection
        self.protocol: Protocol = protocol_of(path)
        self.stream = asks_stream(path, body)
        self._closing = closing

    def send(self, data: bytes) -> None:
        """Write all of it; raises `GoneError` if nobody takes it any more."""
        left = memoryview(data)
        while left:
            self._check()
            _, writable, _ = select.select([], [self.connection], [], _POLL_S)
            if writable:
                try:
                    left = left[self.connection.send(left[:65_536]) :]
                except OSError as error:
                    raise GoneError from error

    def head(self, status: str = "200 OK", kind: str = "", **headers: object) -> None:
        """Status line and headers; underscores in names become hyphens."""
        lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind or self.kind}", "Connection: close"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.send("\r\n".join(lines).encode("latin-1") + _END)

    def whole(self, body: bytes, status: str = "200 OK", kind: str = "", **headers: object) -> None:
        """A proper answer with this body."""
        self.head(status, kind, Content_Length=len(body), **headers)
        self.send(body)

    def chunk(self, data: bytes) -> None:
        """One chunk of a body that `head` announced as chunked."""
        self.send(b"%x\r\n%s\r\n" % (len(data), data))

    @property
    def kind(self) -> str:
        """What a good answer's content type is."""
        return EVENTS if self.stream else _JSON

    def answer(self, *texts: str, finish: str | None = "stop", model: str = "fake-model") -> list[bytes]:
        """The body of a good answer, in pieces."""
        reply = Reply.stream(*texts, finish=finish, model=model)
        if self.stream:
            return [part for part in RENDER[self.protocol].stream(reply) if isinstance(part, bytes)]
        return [json.dumps(RENDER[self.protocol].whole(reply)).encode()]

    def error(self, status: int, message: str, code: str | None = None, type: str | None = None) -> Any:  # noqa: A002  # providers' name
        """An error in the protocol's own shape."""
        return error_of(self.protocol, Reply.error(status, message, code=code, type=type))

    def wait(self, seconds: float = 60.0) -> None:
        """Stay silent until the time is over or the client leaves."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._check()
            time.sleep(_POLL_S)

    def reset(self) -> None:
        """Cut the connection with an RST."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise GoneError

    def _check(self) -> None:
        if self._closing.is_set():
            raise GoneError
        readable, _, _ = select.select([self.connection], [], [], 0)
        if readable and not self._peek():
            raise GoneError

    def _peek(self) -> bytes:
        try:
            return bytes(self.connection.recv(1, socket.MSG_PEEK))
        except OSError:
            return b""


Play: TypeAlias = Callable[[Wire], None]


class Request(msgspec.Struct, frozen=True):
    """One request as it came."""

    line: str
    headers: Mapping[str, str]
    body: bytes


class WireServer:
    """Plays one fault to every request, until `play` is set to another; a context manager."""

    def __init__(self) -> None:
        self.play: Play = lambda wire: wire.reset()
        self.requests: list[Request] = []
        self._closing = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._threads: set[threading.Thread] = set()
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._socket.getsockname()[1])

    def idle(self, within_s: float) -> bool:
        """Wait until no connection is open, also none that came meanwhile; whether that came to pass in time."""
        end = time.monotonic() + within_s
        while open_ones := [thread for thread in tuple(self._threads) if thread.is_alive()]:
            if time.monotonic() > end:
                return False
            open_ones[0].join(max(0.0, end - time.monotonic()))
        return True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()
        for thread in tuple(self._threads):
            thread.join()

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads = {one for one in self._threads if one.is_alive()} | {thread}
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            connection.settimeout(5)
            try:
                request = _read(connection)
                self.requests.append(request)
                self.play(Wire(connection, request.line.split()[1], request.body, self._closing))
                connection.shutdown(socket.SHUT_WR)
                _drain(connection)
            except (OSError, GoneError):
                return


def _read(connection: socket.socket) -> Request:
    data = b""
    while _END not in data:
        data += _some(connection)
        if data.startswith(_HANDSHAKE):  # the client asks whether this is a port for TLS
            raise GoneError
    head, _, body = data.partition(_END)
    line, *rest = head.decode("latin-1").split("\r\n")
    headers = dict(_header(text) for text in rest)
    size = int(headers.get("content-length", 0))
    while len(body) < size:
        body += _some(connection)
    return Request(line, headers, body)


def _some(connection: socket.socket) -> bytes:
    part = connection.recv(65_536)
    if not part:
        raise GoneError
    return part


def _drain(connection: socket.socket) -> None:
    """Let the client close first, so that it sees an orderly end."""
    connection.settimeout(0.2)
    while connection.recv(65_536):
        pass


def _header(text: str) -> tuple[str, str]:
    name, _, value = text.partition(":")
    return name.strip().lower(), value.strip()


def joined(parts: Iterable[bytes]) -> bytes:
    """The parts as one body."""
    return b"".join(parts)


def bytewise(data: bytes, size: int) -> Iterator[bytes]:
    """The data in pieces of so many bytes, wherever they cut it."""
    return (data[at : at + size] for at in range(0, len(data), size))
