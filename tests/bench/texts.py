"""The answers that are streamed: prose, one long code fence, many tables; in deltas of four characters."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle
from typing import Final

CHARS: Final = 4
"""Of a delta: about what a token has."""
END: Final = "THE-END"
"""The last word of each answer."""

_WORDS: Final = (
    *("a", "model", "reads", "the", "prompt", "once", "and", "then", "writes", "its", "answer", "one", "token"),
    *("after", "another", "while", "the", "app", "shows", "each", "**part**", "as", "it", "comes", "and", "`keeps`"),
    *(
        "the",
        "cursor",
        "where",
        "it",
        "was",
        "so",
        "that",
        "nobody",
        "loses",
        "the",
        "thread",
        "of",
        "a",
        "long",
        "reply",
    ),
)


def _prose() -> Iterator[str]:
    """Paragraphs of some 500 characters, a heading or a short list between them."""
    words = cycle(_WORDS)
    for number in cycle(range(8)):
        if number == 3:
            yield "## What follows from it\n\n"
        elif number == 6:
            yield "".join(f"- {next(words)} {next(words)} {next(words)} and so on\n" for _ in range(4)) + "\n"
        else:
            yield " ".join(next(words) for _ in range(95)) + ".\n\n"


def _code() -> Iterator[str]:
    yield "```python\n"
    for number in cycle(range(1_000)):
        yield f'def step_{number}(value: int) -> str:\n    """Say it."""\n    return f"{{value}} of {number}"\n\n\n'


def _tables() -> Iterator[str]:
    for number in cycle(range(1_000)):
        rows = "".join(f"| row {row} | {row * number} | some words |\n" for row in range(6))
        yield f"Table {number}:\n\n| name | value | note |\n|---|---:|---|\n{rows}\n"


KINDS: Final = {"prose": _prose, "code": _code, "tables": _tables}


def text(kind: str, count: int) -> str:
    """An answer of so many deltas; it ends with `END` in a paragraph of its own."""
    tail = f"\n```\n\n{END}" if kind == "code" else f"\n\n{END}"
    wanted = count * CHARS - len(tail)
    parts: list[str] = []
    have = 0
    for part in KINDS[kind]():
        if have >= wanted:
            break
        parts.append(part)
        have += len(part)
    return "".join(parts)[:wanted] + tail


def deltas(kind: str, count: int) -> Iterator[str]:
    """The answer in pieces of `CHARS` characters."""
    whole = text(kind, count)
    for start in range(0, len(whole), CHARS):
        yield whole[start : start + CHARS]
