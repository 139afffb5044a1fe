"""Takes AWS's binary event stream apart: what Bedrock and SageMaker answer with instead of lines.

The one module that imports botocore, which comes with LiteLLM; only such a stream pays for its import.
"""

from __future__ import annotations

from typing import Any

import msgspec


class EventMessage(msgspec.Struct, frozen=True):
    """One message of a stream."""

    kind: str
    """The event's or the exception's type: `contentBlockDelta`, `throttlingException`."""
    payload: bytes
    failed: bool = False
    """Whether it is an exception or an error."""
    text: str = ""
    """What a failure says."""


class EventReader:
    """Collects the parts of one stream."""

    def __init__(self) -> None:
        from botocore.eventstream import EventStreamBuffer  # type: ignore[import-untyped]  # noqa: PLC0415  # see above

        self._buffer: Any = EventStreamBuffer()

    def messages(self, part: bytes) -> list[EventMessage]:
        """The messages that this part completes; none from a broken stream, which LiteLLM reports."""
        from botocore.eventstream import ParserError  # noqa: PLC0415  # see above

        self._buffer.add_data(part)
        try:
            return [_message(message.headers, message.payload) for message in self._buffer]
        except ParserError:
            return []


def _message(headers: dict[str, Any], payload: bytes) -> EventMessage:
    role = headers.get(":message-type", "event")
    if role == "event":
        return EventMessage(str(headers.get(":event-type", "")), payload)
    kind = str(headers.get(":exception-type") or headers.get(":error-code") or role)
    try:
        said = msgspec.json.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError):
        said = None
    text = said.get("message", said.get("Message")) if isinstance(said, dict) else None
    own = str(headers.get(":error-message") or payload.decode("utf-8", "replace"))
    return EventMessage(kind, payload, failed=True, text=text if isinstance(text, str) else own)
