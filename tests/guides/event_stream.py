"""AWS's binary event stream, as Bedrock streams an answer (docs.aws.amazon.com, "Amazon event stream encoding").

total length (4) | length of the headers (4) | CRC of these 8 | headers | JSON | CRC of all before
header: length of its name (1) | name | 7, for text | length (2) | text
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import Any
from zlib import crc32

from tests.fake_provider import Reply

_TEXT = 7


def converse(*pieces: str) -> Reply:
    """An answer of Bedrock's ConverseStream."""
    deltas = [("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": piece}}) for piece in pieces]
    events: list[tuple[str, Mapping[str, Any]]] = [
        ("messageStart", {"role": "assistant"}),
        *deltas,
        ("contentBlockStop", {"contentBlockIndex": 0}),
        ("messageStop", {"stopReason": "end_turn"}),
        ("metadata", {"usage": {"inputTokens": 7, "outputTokens": 5, "totalTokens": 12}, "metrics": {"latencyMs": 9}}),
    ]
    body = b"".join(_event(kind, data) for kind, data in events)
    return Reply.raw(200, body, content_type="application/vnd.amazon.eventstream")


def _event(kind: str, data: Mapping[str, Any]) -> bytes:
    names = {":event-type": kind, ":content-type": "application/json", ":message-type": "event"}
    headers = b"".join(_header(name, text) for name, text in names.items())
    payload = json.dumps(data).encode()
    lengths = struct.pack(">II", 16 + len(headers) + len(payload), len(headers))
    message = lengths + struct.pack(">I", crc32(lengths)) + headers + payload
    return message + struct.pack(">I", crc32(message))


def _header(name: str, text: str) -> bytes:
    return bytes([len(name)]) + name.encode() + bytes([_TEXT]) + struct.pack(">H", len(text)) + text.encode()
