"""Takes thinking out of an answer where a server leaves it in the text, between tags."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from tui.llm.client import Piece

_OPENINGS: Final = ("<think>", "<thinking>", "<thought>", "<reasoning>", "◁think▷", "[THINK]")
_CLOSINGS: Final = dict(
    zip(_OPENINGS, ("</think>", "</thinking>", "</thought>", "</reasoning>", "◁/think▷", "[/THINK]"), strict=True)
)
"""Qwen, DeepSeek and most others; Kimi; Mistral."""
_LONGEST: Final = max(map(len, _OPENINGS))


class ThinkTags:
    """Reads one answer. Only a tag that begins the answer opens thinking: further on it may be what was asked about."""

    def __init__(self) -> None:
        self._held = ""
        self._closing = ""
        """The tag that ends the thinking under way; "" if there is none."""
        self._thought = False
        """Whether any of the thinking came."""
        self._over = False
        """Whether the thinking has ended, and only blanks came since."""
        self._settled = False
        """Whether all that comes is text."""

    def apart(self, piece: Piece) -> Piece:
        """The piece with its text told apart; a few characters may be held back that could belong to a tag."""
        if self._settled or not piece.text:
            return piece
        if self._over:
            text = piece.text.lstrip()
            self._settled = bool(text)
            return replace(piece, text=text)
        text, self._held = self._held + piece.text, ""
        thinking, text = self._inside(text) if self._closing else self._beginning(text)
        return replace(piece, text=text, thinking=piece.thinking + thinking)

    def rest(self) -> Piece:
        """What is still held back when the answer has ended."""
        held, self._held = self._held, ""
        return Piece(thinking=held) if self._closing else Piece(text=held)

    def _beginning(self, text: str) -> tuple[str, str]:
        """(thinking, text) of what comes first."""
        start = text.lstrip()
        opening = next((tag for tag in _OPENINGS if start.startswith(tag)), "")
        if opening:
            self._closing = _CLOSINGS[opening]
            return self._inside(start[len(opening) :])
        if not start or any(tag.startswith(start) for tag in _OPENINGS):
            if len(text) - len(start) > _LONGEST:  # blanks without end are no reason to hold on
                self._settled = True
                return "", text
            self._held = text
            return "", ""
        self._settled = True
        return "", text

    def _inside(self, text: str) -> tuple[str, str]:
        if not self._thought:
            text = text.lstrip("\n")
            self._thought = bool(text)
        thinking, closing, answer = text.partition(self._closing)
        if closing:
            self._closing, self._over = "", True
            self._settled = bool(answer.strip())
            return thinking, answer.lstrip()
        kept = next((size for size in range(len(self._closing) - 1, 0, -1) if text.endswith(self._closing[:size])), 0)
        self._held = text[len(text) - kept :] if kept else ""
        return text[: len(text) - kept], ""
