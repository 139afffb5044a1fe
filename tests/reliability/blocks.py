"""The statements of a TOML file, found with tomllib alone: what the edits are judged by.

A statement ends where the lines since its start are valid TOML by themselves, since only a string or a list that is
still open goes on in the next line. Nothing here shares a line with the code that makes the edits.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal, TypeAlias

import msgspec

Path: TypeAlias = tuple[str, ...]
Kind: TypeAlias = Literal["blank", "comment", "header", "key"]

_LINE: Final = re.compile(r"[^\n]*\n|[^\n]+")
_KINDS: Final[Mapping[str, Kind]] = {"": "blank", "#": "comment", "[": "header"}


class Block(msgspec.Struct, frozen=True):
    """A statement, a comment line or a blank line; `start` and `end` are numbers of lines from 0."""

    kind: Kind
    start: int
    end: int
    heading: Path | None
    """The table whose header stands above it (its own, if it is one); None inside an array of tables."""
    content: Mapping[str, Any]
    """What it means by itself."""

    def sets(self, path: Path) -> bool:
        """Whether this statement gives the key at `path` its value."""
        return self.reaches(path) is not None

    def reaches(self, path: Path) -> tuple[object] | None:
        """What stands at `path` by this statement alone, in a tuple; None if nothing does."""
        if self.kind != "key" or self.heading is None or path[: len(self.heading)] != self.heading:
            return None
        value: object = self.content
        for name in path[len(self.heading) :]:
            if not isinstance(value, dict) or name not in value:
                return None
            value = value[name]
        return (value,)


def lines(text: str) -> list[str]:
    """The lines with their ends; only a line feed ends one."""
    return _LINE.findall(text)


def blocks(rows: Sequence[str]) -> list[Block]:
    """Every statement, comment and blank line of a valid file."""
    found: list[Block] = []
    heading: Path | None = ()
    arrays: set[Path] = set()
    start = 0
    for end in range(1, len(rows) + 1):
        content = _content("".join(rows[start:end]))
        if content is None:
            continue
        kind = _KINDS.get(rows[start].strip()[:1], "key")
        if kind == "header":
            path = tuple(_names(content))
            if rows[start].lstrip().startswith("[["):
                arrays.add(path)
            heading = None if any(path[:depth] in arrays for depth in range(1, len(path) + 1)) else path
        found.append(Block(kind, start, end, heading, content))
        start = end
    assert start == len(rows), "a statement never ends"
    return found


def assigned(statement: str) -> Path:
    """The key that a statement begins with, as its parts; an equals sign may stand in its quotes."""
    end = statement.find("=")
    while (content := _content(statement[:end] + "= {}")) is None:
        end = statement.index("=", end + 1)
    return tuple(_names(content))


def commented(row: str) -> str:
    """What a comment line would say without its mark."""
    return row.strip().removeprefix("#").strip()


def commented_header(row: str) -> Path | None:
    """The table that a comment names, if it holds a header and nothing else."""
    text = commented(row)
    content = _content(text) if text.startswith("[") else None
    return None if content is None else tuple(_names(content))


def _content(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


def _names(content: object) -> Iterator[str]:
    """The names that lead down to the empty table of a header."""
    while content:
        if isinstance(content, list):
            content = content[0]
        else:
            assert isinstance(content, dict)
            ((name, content),) = content.items()
            yield name
