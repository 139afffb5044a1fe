"""Plain HTTP servers on loopback for tests: a package index for pip, and whatever else may listen on a port."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeAlias

Answer: TypeAlias = tuple[int, str, bytes]
"""Status, content type and body."""


class Loopback(ThreadingHTTPServer):
    """Answers GET requests with what a function says, and remembers their paths."""

    daemon_threads = True

    def __init__(self, answer: Callable[[str], Answer], stall_at: int | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer = answer
        self.stall_at = stall_at
        """How much of a body longer than this is sent before the connection goes silent; None sends all."""
        self.cut_at: int | None = None
        """How much of a body longer than this is sent before the connection is closed; None sends all."""
        self.stalled = threading.Event()
        self.released = threading.Event()
        self.paths: list[str] = []

    @property
    def port(self) -> int:
        return self.server_port


class _Handler(BaseHTTPRequestHandler):
    server: Loopback

    def do_GET(self) -> None:
        self.server.paths.append(self.path)
        status, kind, body = self.server.answer(self.path)
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.server.cut_at is not None and len(body) > self.server.cut_at:
            self.wfile.write(body[: self.server.cut_at])
            self.close_connection = True
            return
        cut = self.server.stall_at
        if cut is None or len(body) <= cut:
            self.wfile.write(body)
            return
        self.wfile.write(body[:cut])
        self.wfile.flush()
        self.server.stalled.set()
        self.server.released.wait(60)
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name is the base class's
        """Print nothing."""


@contextmanager
def serving(answer: Callable[[str], Answer], stall_at: int | None = None) -> Iterator[Loopback]:
    server = Loopback(answer, stall_at)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        thread.join()
        server.server_close()
