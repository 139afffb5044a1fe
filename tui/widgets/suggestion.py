"""What a search answers: the lines to show, how many matched in all, and whether the text names one of them exactly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Self, TypeAlias

import msgspec

MOST_SHOWN: Final = 50
"""More lines than anybody scrolls through; making and drawing one costs, so nobody makes those beyond."""


class Suggestion(msgspec.Struct, frozen=True):
    """One line of the list."""

    value: str
    title: str
    detail: str = ""
    mark: str = ""
    group: str = ""
    """What stands above the first line of the group, such as "served by 127.0.0.1:1234"."""


class Found(msgspec.Struct, frozen=True):
    """What matches a text."""

    lines: tuple[Suggestion, ...] = ()
    """The best ones, best first: at most `MOST_SHOWN`."""
    count: int = 0
    """How many match in all."""
    exact: str = ""
    """The value of the match, shown or not, whose value or title the text is; "" if there is none."""

    @classmethod
    def among(cls, lines: Sequence[Suggestion], text: str) -> Self:
        """The answer where all lines are there already."""
        wanted = text.strip()
        exact = next((line.value for line in lines if wanted in (line.value, line.title)), "")
        return cls(tuple(lines[:MOST_SHOWN]), len(lines), exact)


Search: TypeAlias = Callable[[str], Found]
