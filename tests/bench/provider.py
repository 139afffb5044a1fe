"""A loopback provider in a process of its own, which streams what the prompt asks for: `prose 4000 1000`.

The words are: kind of text, deltas, deltas a second (0: as fast as they are taken), perhaps a number to tell it by.
Any other prompt gets a word.
Prints its address; ends when its input closes.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Final

from tests.bench.texts import KINDS, deltas
from tests.fake_protocols import RENDER
from tests.fake_provider import FakeProvider, Pause, Recorded, Reply

_ASKED: Final = re.compile(rf"({'|'.join(KINDS)}) (\d+) (\d+)(?: \d+)?")
_BEAT_S: Final = 0.02


class Streaming(FakeProvider):
    """The fake provider, with answers made to order."""

    def record(self, request: Recorded) -> Reply:
        """What the last message asks for."""
        if request.method != "POST":
            return super().record(request)
        asked = _ASKED.fullmatch(request.json["messages"][-1]["content"].strip())
        if asked is None:
            return Reply.stream("Hello", " there", ".")
        return _answer(asked[1], int(asked[2]), int(asked[3]))


@lru_cache
def _answer(kind: str, count: int, rate: int) -> Reply:
    pieces = tuple(deltas(kind, count))
    if not rate:  # ready-made, so that this server's own work is no part of what is measured
        stream = RENDER["openai"].stream(Reply.stream(*pieces, usage=(7, count, 0)))
        return Reply.raw(200, b"".join(part for part in stream if isinstance(part, bytes)), content_type=_SSE)
    beat = max(1, round(rate * _BEAT_S))
    steps: list[str | Pause] = []
    for start in range(0, len(pieces), beat):
        steps += [*pieces[start : start + beat], Pause(beat / rate)]
    return Reply.stream(*steps, usage=(7, count, 0))


_SSE: Final = "text/event-stream"


@contextmanager
def provider() -> Iterator[str]:
    """Run the server; gives its base URL."""
    command = [sys.executable, "-m", "tests.bench.provider"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        if process.stdin is None or process.stdout is None:
            raise TypeError("the server has no pipes")
        yield process.stdout.readline().strip()
        process.stdin.close()


if __name__ == "__main__":
    with Streaming(models=tuple(f"model-{number}" for number in range(3_000))) as server:
        sys.stdout.write(f"{server.base_url}\n")
        sys.stdout.flush()
        sys.stdin.read()
