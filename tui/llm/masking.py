"""Takes keys out of text that came from outside: whole, in part, encoded, or half hidden by the provider."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable
from functools import partial
from typing import Final
from urllib.parse import quote, quote_plus

from tui.config.secret import Secret
from tui.text import visible

MASK: Final = "••••••••"
DETAIL_CHARS: Final = 2_000
"""How much of a provider's own words is kept."""
_PIECE: Final = 8
"""So many characters of a key in a row are enough to be taken out."""
_SHORTEST: Final = 3
"""A shorter "key" is a word like `x`; taking it out would spoil the text and hide nothing."""
_ECHO: Final = re.compile(r"([^\s\"'`,;:=]*?)(?:\*{2,}|\.{3,}|…|•{2,}|x{4,}|X{4,})([^\s\"'`,;]*)")


def masked(text: str, secrets: Iterable[Secret]) -> str:
    """`text` without any secret, in any form in which a provider or a library may repeat it."""
    for secret in secrets:
        key = secret.reveal().strip()
        if len(key) >= _SHORTEST:
            text = _ECHO.sub(partial(_unless_echo, key), text)
            for form in _forms(key):
                text = _without(text, form)
    return text


def detail(text: str, secrets: Iterable[Secret]) -> str:
    """A provider's own words as they may be shown: no secret, no control character, bounded."""
    clean = visible(masked(text[: 4 * DETAIL_CHARS], secrets)).strip()
    return clean if len(clean) <= DETAIL_CHARS else clean[: DETAIL_CHARS - 1] + "…"


def _forms(key: str) -> tuple[str, ...]:
    raw = key.encode()
    forms = (
        key,
        quote(key, safe=""),
        quote_plus(key),
        json.dumps(key)[1:-1],
        base64.b64encode(raw).decode().rstrip("="),
        base64.urlsafe_b64encode(raw).decode().rstrip("="),
    )
    return tuple(dict.fromkeys(forms))


def _without(text: str, key: str) -> str:
    """`text` without any run of eight or more characters of `key`, or all of a shorter key, in either case."""
    size = min(_PIECE, len(key))
    low, folded = text.lower(), key.lower()
    if len(low) != len(text) or len(folded) != len(key):  # a letter whose lower case is longer: offsets would shift
        low, folded = text, key
    pieces = {folded[start : start + size] for start in range(len(folded) - size + 1)}
    hidden = bytearray(len(text))
    for piece in pieces:
        at = low.find(piece)
        while at >= 0:
            hidden[at : at + size] = b"\x01" * size
            at = low.find(piece, at + 1)
    if not any(hidden):
        return text
    return re.sub(r"\x00+", MASK, "".join("\x00" if hide else char for char, hide in zip(text, hidden, strict=True)))


def _unless_echo(key: str, match: re.Match[str]) -> str:
    """`sk-…abcd`: hidden in the middle by the provider, but its ends are still the key's."""
    before, after = match.group(1), match.group(2).rstrip(".)]}")
    starts = len(before) > 1 and key.startswith(before)
    ends = len(after) > 1 and key.endswith(after)
    return MASK + match.group(2)[len(after) :] if starts or ends else match.group(0)
