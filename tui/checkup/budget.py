"""How many tokens a check-up may use, how many each stage may use of them, and what that can cost at most."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from tui.checkup.outcome import StageName
from tui.usage.price import Load

LIMIT: Final = 2_000
"""A whole check-up uses fewer tokens than this, prompts and answers together."""


class Room(msgspec.Struct, frozen=True):
    """Tokens of one stage, at most."""

    prompt: int
    """Ours, and what the provider wraps around it."""
    answer: int
    """Sent as max_tokens."""
    thinking_answer: int
    """The same for a model that thinks before it answers."""

    def answer_for(self, *, thinks: bool) -> int:
        """The bound to send."""
        return self.thinking_answer if thinks else self.answer

    def most(self, *, thinks: bool) -> int:
        """All that the stage can use."""
        return self.prompt + self.answer_for(thinks=thinks)


ROOMS: Final[Mapping[StageName, Room]] = {
    "model": Room(60, 16, 160),  # OpenAI takes no bound below 16
    "stream": Room(60, 32, 160),
    "json": Room(110, 80, 240),
    "tools": Room(520, 80, 240),  # Anthropic puts about 350 tokens around the first tool
    "vision": Room(60, 16, 160),  # and the picture
}
"""The stages that send something to every model."""

MOST: Final = Load(
    prompt_tokens=LIMIT - sum(room.thinking_answer for room in ROOMS.values()),
    answer_tokens=sum(room.thinking_answer for room in ROOMS.values()),
)
"""All that a check-up may use, whatever the model."""


class Budget:
    """What is left of the limit."""

    def __init__(self, limit: int = LIMIT) -> None:
        self.limit = limit
        self.used = 0

    def use(self, tokens: int) -> None:
        """So many were used."""
        self.used += tokens

    def allows(self, tokens: int) -> bool:
        """Whether so many more stay below the limit."""
        return self.used + tokens < self.limit
