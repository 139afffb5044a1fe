"""Point five, what all runs have in common: a server that repeats keys, the worker, the log, a file to begin with."""

from __future__ import annotations

import io
import logging
import random
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.fake_provider import FakeProvider, Recorded
from tests.fake_replies import DIE, Reply
from tests.reliability.canaries import IN_FILE
from tests.reliability.wire import environment
from tui.engine.client import Engine


class EchoProvider(FakeProvider):
    """Repeats the key that it was sent in each of its errors, as real providers do."""

    def record(self, request: Recorded) -> Reply:
        reply = super().record(request)
        if reply.problem is None:
            return reply
        headers = request.headers
        key = headers.get("authorization", headers.get("x-api-key", headers.get("api-key", ""))).removeprefix("Bearer ")
        said = {**reply.problem, "message": f"Incorrect API key {key} ({key[:8]}...{key[-4:]}), {dict(headers)}"}
        return Reply(status=reply.status, headers=reply.headers, problem=said)


class Shared:
    """The server, the worker and the log of all runs, and what was done in them."""

    def __init__(self) -> None:
        self.server = EchoProvider()
        self.engine = Engine(environment())
        self.done: Counter[str] = Counter()
        """How often something was done to its end."""
        self._log = io.StringIO()
        self._handler = logging.StreamHandler(self._log)

    def __enter__(self) -> Self:
        logging.getLogger().addHandler(self._handler)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        logging.getLogger().removeHandler(self._handler)
        self.server.close()

    def logged(self) -> str:
        """What was logged since the last call."""
        text = self._log.getvalue()
        self._log.seek(0)
        self._log.truncate()
        return text


def config(folder: Path, chance: random.Random, base_url: str) -> Path:
    """A file, with a key in it or without."""
    path = folder / "config.toml"
    key = f'api_key = "{IN_FILE}"\n' if chance.random() < 0.4 else ""
    retries = f"num_retries = {chance.randint(0, 1)}\nretry_min_wait = 0\nretry_multiplier = 0\n"
    text = f'[llm]\nmodel = "openai/fake-model"\ntimeout = 20\n{key}{retries}base_url = "{base_url}"\n'
    path.write_text(text, encoding="utf-8")
    return path


def any_reply(chance: random.Random) -> Reply:
    """What the server says: an answer, or a failure of some kind."""
    return chance.choice(
        (
            Reply.stream("Hello", " there"), Reply.error(401), Reply.error(429), Reply.error(400), Reply.error(500),
            Reply.reset(), Reply.stream("Hel", DIE), Reply.raw(502, "<html><title>x</title></html>"), Reply.hang(),
        )
    )  # fmt: skip
