"""The guard behind every edit: the new file means the old one plus the edit, and no other line changed a byte."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from tui.config.toml.layout import Keys

GONE: Final = object()
"""Stands for the value of a key that was taken out."""


def differs_only_at(old: object, new: object, path: Keys, value: object) -> bool:
    """Whether `new` is `old` but for the key at `path`, which has exactly this value, or is `GONE`.

    A table that dotted keys alone had made may go with its last key.
    """
    for key in path[:-1]:
        if not (isinstance(old, dict) and isinstance(new, dict) and _same_besides(old, new, key)):
            return False
        old, new = old.get(key, {}), new.get(key, {})
    if not (isinstance(old, dict) and isinstance(new, dict) and _same_besides(old, new, path[-1])):
        return False
    return path[-1] not in new if value is GONE else path[-1] in new and same(new[path[-1]], value)


def same(one: object, other: object) -> bool:
    """Whether two values that tomllib read mean the same: types count, `nan` is `nan`, `-0.0` is not `0.0`."""
    todo = [(one, other)]
    while todo:
        a, b = todo.pop()
        if type(a) is not type(b):
            return False
        if isinstance(a, dict) and isinstance(b, dict):
            if a.keys() != b.keys():
                return False
            todo.extend((a[key], b[key]) for key in a)
        elif isinstance(a, list) and isinstance(b, list):
            if len(a) != len(b):
                return False
            todo.extend(zip(a, b, strict=True))
        elif (a != b) if isinstance(a, (str, int)) else (repr(a) != repr(b)):
            return False
    return True


def touched_only(old: str, new: str, ranges: Iterable[tuple[int, int]]) -> bool:
    """Whether every line of `old` outside the ranges is in `new`, in order and unchanged.

    A range goes from its first line to before its last (from 0), is empty where lines are only added, and lies after
    the range before it.
    """
    was, now = _lines(old), _lines(new)
    kept, at = [], 0
    for first, last in ranges:
        kept.append(was[at:first])
        at = max(at, last)
    head, tail = kept[0] if kept else was, was[at:]
    if now[: len(head)] != head or now[len(now) - len(tail) :] != tail:
        return False
    position = len(head)
    for chunk in kept[1:]:
        position = _end_of(chunk, now, position)
        if position < 0:
            return False
    return position <= len(now) - len(tail)


def _end_of(chunk: list[str], lines: list[str], start: int) -> int:
    """Where the chunk ends in the lines, from `start` on; -1 if it is not there."""
    places = range(start, len(lines) - len(chunk) + 1)
    return next((at + len(chunk) for at in places if lines[at : at + len(chunk)] == chunk), -1)


def _lines(text: str) -> list[str]:
    """The lines with their ends; a last one without an end gets one, since adding a line below it has to."""
    lines = text.split("\n")
    end = "\r" if len(lines) > 1 and lines[-2].endswith("\r") else ""
    return [*lines[:-1], lines[-1] + end] if lines[-1] else lines[:-1]


def _same_besides(old: Mapping[str, object], new: Mapping[str, object], key: str) -> bool:
    return same({k: v for k, v in old.items() if k != key}, {k: v for k, v in new.items() if k != key})
