"""What the fake provider can be told to answer, written once for every protocol."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self, TypeAlias

HANG: Final = "\x00hang"


@dataclass(frozen=True)
class Thinking:
    """A piece of reasoning before the answer."""

    text: str


@dataclass(frozen=True)
class Pause:
    """Nothing is sent for so long."""

    seconds: float


@dataclass(frozen=True)
class Gate:
    """Nothing is sent until the test calls `open()`."""

    event: threading.Event = field(default_factory=threading.Event)

    def open(self) -> None:
        self.event.set()


DIE: Final = "\x00die"

Step: TypeAlias = str | Thinking | Pause | Gate
Headers: TypeAlias = Mapping[str, str]


@dataclass(frozen=True)
class Reply:
    """What one request gets. Make one with the constructors below."""

    steps: tuple[Step, ...] = ()
    status: int = 200
    headers: Headers = field(default_factory=dict)
    body: bytes | None = None
    """The whole body, sent as it is, instead of an answer made of the steps."""
    content_type: str = "application/json"
    problem: Mapping[str, Any] | None = None
    """message, type, code: rendered in the protocol's own shape."""
    finish: str | None = "stop"
    """The finish reason; None leaves it out, with the end marker."""
    usage: tuple[int, int, int] | None = (7, 5, 0)
    """Input, output and cached tokens; None sends no usage."""
    model: str = "fake-model"
    drop: bool = False
    """Reset the connection instead of answering."""

    @classmethod
    def stream(
        cls,
        *steps: Step,
        usage: tuple[int, int, int] | None = (7, 5, 0),
        finish: str | None = "stop",
        headers: Headers | None = None,
        model: str = "fake-model",
    ) -> Self:
        """An answer in pieces; a request that does not ask for a stream gets it whole."""
        return cls(steps=steps, usage=usage, finish=finish, headers=headers or {}, model=model)

    @classmethod
    def error(
        cls,
        status: int,
        message: str = "",
        *,
        retry_after: float | str | None = None,
        code: str | None = None,
        type: str | None = None,  # noqa: A002  # the name that providers give it
        headers: Headers | None = None,
    ) -> Self:
        """An HTTP error; `retry_after` goes into the header as it is."""
        extra = dict(headers or {})
        if retry_after is not None:
            extra["Retry-After"] = str(retry_after)
        body = {"message": message or f"fake error {status}", "type": type or _TYPES.get(status, "error"), "code": code}
        return cls(status=status, headers=extra, problem=body)

    @classmethod
    def raw(
        cls, status: int, body: bytes | str, *, content_type: str = "text/html", headers: Headers | None = None
    ) -> Self:
        """Any body at all: an HTML page, broken JSON, an SSE stream written by hand."""
        data = body.encode() if isinstance(body, str) else body
        return cls(status=status, body=data, content_type=content_type, headers=headers or {})

    @classmethod
    def redirect(cls, location: str, status: int = 307) -> Self:
        """A redirect to `location`."""
        return cls(status=status, headers={"Location": location}, body=b"")

    @classmethod
    def hang(cls) -> Self:
        """No answer at all, not even a status line, until the client leaves."""
        return cls(steps=(HANG,), status=0)

    @classmethod
    def reset(cls) -> Self:
        """The connection is reset before any answer."""
        return cls(drop=True)


_TYPES: Final = {401: "authentication_error", 429: "rate_limit_error", 500: "api_error", 529: "overloaded_error"}


def is_text(step: Step) -> bool:
    return isinstance(step, str) and not step.startswith("\x00")


def text_of(reply: Reply) -> str:
    return "".join(step for step in reply.steps if isinstance(step, str) and is_text(step))
