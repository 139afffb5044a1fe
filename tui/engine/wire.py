"""How requests and events cross the pipe: one JSON object a line, tagged by type, of any length."""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

from tui.config.secret import Secret
from tui.llm.events import Event, Failed, ListFailed, Request

_FIELD: Final = re.compile(r"`\$\.settings\.(\w+)")
"""Where msgspec says that a value does not fit."""


class BadLineError(ValueError):
    """A line is no message; its text is not repeated, because a key may be in it."""

    def __init__(self, message: str, answer: Failed | ListFailed | None = None) -> None:
        """`answer`: the last event of the request that the line was meant to be, where it is known which."""
        super().__init__(message)
        self.answer = answer


class _Head(msgspec.Struct):
    """What tells whose line it is, when the rest of it can't be read."""

    type: str
    id: str


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
    """The line for a message, with its end; half of a surrogate pair, which no line can hold, becomes U+FFFD."""
    try:
        return _ENCODER.encode(message) + b"\n"
    except UnicodeEncodeError:
        return _ENCODER.encode(_encodable(msgspec.to_builtins(message, enc_hook=_from_secret))) + b"\n"


def _encodable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {_encodable(name): _encodable(inner) for name, inner in value.items()}
    return [_encodable(inner) for inner in value] if isinstance(value, list | tuple) else value


def request(line: bytes) -> Request:
    """The request on a line.

    Raises:
        BadLineError: there is none.
    """
    try:
        return _REQUESTS.decode(line)
    except (msgspec.MsgspecError, NotImplementedError) as error:
        raise BadLineError("a line that is no request came through the pipe", _answer(line, str(error))) from None


def _answer(line: bytes, words: str) -> Failed | ListFailed | None:
    """The last event of a request that can't be read; only the place in `words` is repeated, never a value."""
    try:
        head = msgspec.json.decode(line, type=_Head)
    except msgspec.MsgspecError:
        return None
    place = _FIELD.search(words)
    field = place.group(1) if place else ""
    message = f"{field or 'A part of the request'} has a value that can't be sent. Correct it, then try again."
    if head.type == "Ask":
        return Failed(id=head.id, cause="settings", message=message, field=field)
    if head.type == "ListModels":
        return ListFailed(id=head.id, reason="settings", cause="settings", message=message, field=field)
    return None


def event(line: bytes) -> Event:
    """The event on a line.

    Raises:
        BadLineError: there is none.
    """
    try:
        return _EVENTS.decode(line)
    except (msgspec.MsgspecError, NotImplementedError):
        raise BadLineError("a line that is no event came through the pipe") from None
