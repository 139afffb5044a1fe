"""An answer that comes in pieces of words, handed on in pieces that can be read out: sentences, or lines."""

from __future__ import annotations

import re
from typing import Final

_END: Final = re.compile(r"\n|[.!?:;](?=\s)")
_MOST: Final = 240
"""A sentence longer than this is handed on at its last blank."""


class Sentences:
    """Collects text until a sentence is whole."""

    def __init__(self) -> None:
        self._text = ""

    def feed(self, piece: str) -> str:
        """What can be read out now: everything up to the last end of a sentence."""
        self._text += piece
        ends = [match.end() for match in _END.finditer(self._text)]
        at = ends[-1] if ends else self._text.rfind(" ") + 1 if len(self._text) > _MOST else 0
        whole, self._text = self._text[:at], self._text[at:]
        return whole

    def rest(self) -> str:
        """What is left at the end of the answer."""
        rest, self._text = self._text, ""
        return rest
