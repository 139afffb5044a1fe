"""Where each statement of a valid TOML text stands: sections, keys and values as offsets into the text.

tomllib gives values without places, and tomlkit gives no places either and cannot read every valid file, so edits are
aimed with this. It judges nothing: it is for text that tomllib has read.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Final, TypeAlias

import msgspec

Keys: TypeAlias = tuple[str, ...]
"""A key as its dotted parts, unquoted: `a."b c"` is `("a", "b c")`."""


class LayoutError(ValueError):
    """The text does not look as valid TOML should; `args[0]` is the offset."""


class Entry(msgspec.Struct, frozen=True):
    """One `key = value`; offsets are into the text."""

    keys: Keys
    start: int
    """First character of the key."""
    value: int
    """First character of the value."""
    end: int
    """After the last character of the value."""


class Section(msgspec.Struct, frozen=True):
    """A header with the statements below it, up to the next header; the first section has no header."""

    path: Keys
    in_array: bool
    """Whether it is an element of an array of tables, or part of one: no path of names leads to it."""
    header: int
    """First character of the header."""
    body: int
    """Start of the line after the header."""
    end: int
    """Start of the line of the next header, or the end of the text."""
    entries: tuple[Entry, ...]


# Each repetition begins with a character that the one before it can't hold, so matching takes linear time, without
# possessive quantifiers: those of Python 3.11.0 to 3.11.4 miss matches.
_LINE: Final = r'"[^"\\\n]*(?:\\.[^"\\\n]*)*"'
_BASIC: Final = rf'"""[^"\\]*(?:(?:\\.|"{{1,2}}(?!"))[^"\\]*)*"{{3,5}}|{_LINE}'
_LITERAL: Final = r"""'''[^']*(?:'{1,2}(?!')[^']*)*'{3,5}|'[^'\n]*'"""
_PART: Final = rf"[A-Za-z0-9_-]+|{_LINE}|'[^'\n]*'"
_KEY: Final = rf"(?:{_PART})(?:[ \t]*\.[ \t]*(?:{_PART}))*"

_TRIVIA: Final = re.compile(r"[ \t\r\n]*(?:#[^\n]*[ \t\r\n]*)*")
_HEADER: Final = re.compile(rf"(\[\[?)[ \t]*({_KEY})[ \t]*\]\]?[^\n]*\n?")
_ASSIGN: Final = re.compile(rf"({_KEY})[ \t]*=[ \t]*")
_EACH_PART: Final = re.compile(_PART)
_KEY_HERE: Final = re.compile(rf"\[{{0,2}}[ \t]*({_KEY})")
_SCALAR: Final = re.compile(
    rf"(?s:{_BASIC}|{_LITERAL})|[^\s,\[\]{{}}#\"']+(?: [0-9][^\s,\]}}#]*)?"
)  # a date may hold a blank
_TOKEN: Final = re.compile(rf"(?s)[^\[\]{{}}\"'#]+|#[^\n]*|{_BASIC}|{_LITERAL}|[\[\]{{}}]")
_GAP: Final = re.compile(r"[ \t\r\n,]*(?:#[^\n]*[ \t\r\n,]*)*")


def scan(text: str) -> tuple[Section, ...]:
    """Every section of a valid TOML text, in order; the first is the part before any header.

    Raises:
        LayoutError: a statement could not be followed.
    """
    sections: list[Section] = []
    entries: list[Entry] = []
    arrays: set[Keys] = set()
    path, in_array, header, body = (), False, 0, 0  # type: tuple[Keys, bool, int, int]
    position = _match(_TRIVIA, text, 0).end()
    while position < len(text):
        if text[position] != "[":
            entries.append(entry_at(text, position))
            position = _match(_TRIVIA, text, entries[-1].end).end()
            continue
        sections.append(Section(path, in_array, header, body, line_start(text, position), tuple(entries)))
        found = _match(_HEADER, text, position)
        path, entries = split_key(found[2]), []
        if found[1] == "[[":
            arrays.add(path)
        in_array = any(path[:length] in arrays for length in range(1, len(path) + 1))
        header, body = position, found.end()
        position = _match(_TRIVIA, text, body).end()
    return (*sections, Section(path, in_array, header, body, len(text), tuple(entries)))


def entry_at(text: str, start: int) -> Entry:
    """The `key = value` that starts at an offset. Raises `LayoutError` if there is none."""
    found = _match(_ASSIGN, text, start)
    return Entry(split_key(found[1]), start, found.end(), _value_end(text, found.end()))


def inline_entries(text: str, start: int) -> Iterator[Entry]:
    """The entries of the inline table whose brace stands at an offset."""
    position = _match(_GAP, text, start + 1).end()
    while text[position] != "}":
        entry = entry_at(text, position)
        yield entry
        position = _match(_GAP, text, entry.end).end()


def split_key(written: str) -> Keys:
    """A key as it is written, as its parts."""
    return tuple(_unquoted(part) for part in _EACH_PART.findall(written))


def key_spans(text: str, start: int) -> tuple[tuple[int, int], ...]:
    """Where each part of the key that starts at an offset stands, quotes included; a header starts at its bracket."""
    found = _match(_KEY_HERE, text, start)
    return tuple(part.span() for part in _EACH_PART.finditer(text, *found.span(1)))


def line_start(text: str, position: int) -> int:
    """Offset of the first character of the line."""
    return text.rfind("\n", 0, position) + 1


def line_end(text: str, position: int) -> int:
    """Offset after the line's end of line, or the end of the text."""
    return text.find("\n", position) + 1 or len(text)


def _value_end(text: str, start: int) -> int:
    if text[start : start + 1] not in ("[", "{"):
        return _match(_SCALAR, text, start).end()
    position, depth = start + 1, 1
    while depth:
        token = _match(_TOKEN, text, position)
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(token[0], 0)
        position = token.end()
    return position


def _unquoted(part: str) -> str:
    if part[0] not in "\"'":
        return part
    if part[0] == "'" or "\\" not in part:
        return part[1:-1]
    return str(tomllib.loads(f"key = {part}")["key"])


def _match(pattern: re.Pattern[str], text: str, position: int) -> re.Match[str]:
    if found := pattern.match(text, position):
        return found
    raise LayoutError(position)
