"""How requests and events cross the pipe: one JSON object a line, tagged by type, of any length."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from tui.config.secret import Secret
from tui.llm.events import Event, Request


class BadLineError(ValueError):
    """A line is no message; its text is not repeated, because a key may be in it."""


def _from_secret(value: object) -> str:
    if isinstance(value, Secret):
        return value.reveal()
    raise NotImplementedError(f"a {type(value).__name__} does not cross the pipe")


def _to_secret(kind: type, value: Any) -> Secret:
    if kind is Secret and isinstance(value, str):
        return Secret(value)
    raise NotImplementedError(f"a {kind.__name__} does not cross the pipe")


_ENCODER: Final = msgspec.json.Encoder(enc_hook=_from_secret)
_REQUESTS: Final[msgspec.json.Decoder[Request]] = msgspec.json.Decoder(Request, dec_hook=_to_secret)
_EVENTS: Final[msgspec.json.Decoder[Event]] = msgspec.json.Decoder(Event, dec_hook=_to_secret)


def encode(message: Request | Event) -> bytes:
    """The line for a message, with its end."""
    return _ENCODER.encode(message) + b"\n"


def request(line: bytes) -> Request:
    """The request on a line.

    Raises:
        BadLineError: there is none.
    """
    try:
        return _REQUESTS.decode(line)
    except (msgspec.MsgspecError, NotImplementedError):
        raise BadLineError("a line that is no request came through the pipe") from None


def event(line: bytes) -> Event:
    """The event on a line.

    Raises:
        BadLineError: there is none.
    """
    try:
        return _EVENTS.decode(line)
    except (msgspec.MsgspecError, NotImplementedError):
        raise BadLineError("a line that is no event came through the pipe") from None
