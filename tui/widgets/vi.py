"""The vi keys: h j k l g G move as the arrows, Home and End do, wherever no text is typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from textual import events
from textual.widget import Widget

MOVES: Final[Mapping[str, str]] = {
    "h": "left", "j": "down", "k": "up", "l": "right", "g": "home", "G": "end", "upper_g": "end",
}  # fmt: skip


def as_move(key: events.Key, focused: Widget | None) -> events.Key:
    """The key that `key` stands for where the focus is; itself where it is typed as text."""
    move = MOVES.get(key.key)
    if move is None or (focused is not None and focused.check_consume_key(key.key, key.character)):
        return key
    return events.Key(move, None)
