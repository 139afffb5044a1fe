"""What an edit may change, said a second time and in another way than the code under test says it."""

from __future__ import annotations

import copy
import math
import re
import tomllib
from collections.abc import Sequence

from tui.config.schema import Field, Plain
from tui.config.toml.document import Document

BOM = b"\xef\xbb\xbf"


def values(raw: bytes) -> object:
    """The meaning of a file as nested tuples that compare exactly: by type, with nan equal to itself."""
    return exact(tomllib.loads(raw.removeprefix(BOM).decode()))


def exact(value: object) -> object:
    """One value in the form of `values`."""
    if isinstance(value, dict):
        return "table", tuple(sorted((key, exact(item)) for key, item in value.items()))
    if isinstance(value, list):
        return "list", tuple(map(exact, value))
    return type(value).__name__, "nan" if isinstance(value, float) and math.isnan(value) else repr(value)


def with_value(raw: bytes, table: Sequence[str], key: str, value: Plain) -> object:
    """The meaning that the file should have after the key was set."""
    data = copy.deepcopy(tomllib.loads(raw.removeprefix(BOM).decode()))
    place = data
    for name in table:
        place = place.setdefault(name, {})
    place[key] = value
    return exact(data)


def changed_lines(before: bytes, after: bytes) -> tuple[list[bytes], list[bytes]]:
    """The lines that went and the lines that came, with their line ends, after the common head and tail.

    A last line without an end counts as ended: a line that is added below it has to end it.
    """
    end = b"\r\n" if b"\r\n" in before + after else b"\n"
    was, now = _lines(before, end), _lines(after, end)
    while was and now and was[0] == now[0]:
        del was[0], now[0]
    while was and now and was[-1] == now[-1]:
        del was[-1], now[-1]
    return was, now


def _lines(raw: bytes, end: bytes) -> list[bytes]:
    return (raw if not raw or raw.endswith(b"\n") else raw + end).splitlines(keepends=True)


def header_above(raw: bytes, line: int) -> str:
    """The nearest header above a line (from 1) that holds a key."""
    lines = raw.decode().splitlines()[: line - 1]
    headers = (re.match(r"\s*\[([^\[\]]+)\]\s*(#.*)?$", text) for text in reversed(lines))
    return next(found[1] for found in headers if found)


def sample_value(field: Field, current: object) -> Plain:
    """A value for the field that is not the one it has."""
    options: dict[str, tuple[Plain, Plain]] = {
        "text": ('a "new" one\\', "another"),
        "choice": ("low", "medium"),
        "integer": (7, 70),
        "number": (0.25, 1e-06),
        "switch": (True, False),
    }
    first, second = options[field.kind]
    return second if exact(current) == exact(first) else first


def located(document: Document, table: tuple[str, ...], key: str) -> bytes:
    """The line of the file that the document says the key is on."""
    return document.raw.splitlines()[document.lines(table)[key] - 1]
