"""Whole tables of the file: made, renamed, copied and taken out, with their comments and nobody else's.

A table may be written as sections (`[llm.a]`, `[llm.a.x]`), with dotted keys (`a.model = 1` in `[llm]`) or inline
(`a = { model = 1 }`), or in several of these ways at once. As with single keys, the guard has the last word.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from tui.config.errors import EditRefusedError
from tui.config.resolve import Table
from tui.config.toml.commented import own_end, own_start
from tui.config.toml.document import Document, spelled_key
from tui.config.toml.edit_guard import same
from tui.config.toml.layout import Entry, Keys, inline_entries, key_spans, line_end, line_start
from tui.config.toml.placement import Addition, Splice, add, add_section, applied, find, new_lines, put_apart, remove


class _Assigned(msgspec.Struct, frozen=True):
    """A statement that is in the table because of its key."""

    section: int
    chain: tuple[Entry, ...]
    """The statement, then the entries inside its inline tables that lead to the one meant."""
    part: int
    """Which part of the last entry's key names the table."""


def create(document: Document, table: Table) -> Document:
    """A document with the empty table, below the last one of its family. Raises `EditRefusedError`."""
    parent, name = table[:-1], table[-1]
    members = _members(document, parent)
    if name in members:
        raise EditRefusedError(f"{'.'.join(table)} is in the file already. Choose another name.")
    spelled = tuple(map(spelled_key, table))
    if find(document.text, document.sections, table)[0]:  # inside an inline table
        splice = add(document.text, document.sections, Addition(table, spelled, "{}"))
    else:
        splice = add_section(document.text, document.sections, table, f"[{'.'.join(spelled)}]")
    return _rewritten(document, [splice], table, {**members, name: {}})


def rename(document: Document, table: Table, name: str) -> Document:
    """A document in which the table, with all its subtables, has this name. Raises `EditRefusedError`."""
    members = _free(document, table, name)
    new = {name if key == table[-1] else key: value for key, value in members.items()}
    spans = [*_header_spans(document, table), *(_span(document.text, found) for found in _assigned(document, table))]
    return _rewritten(document, _respelled(spans, name), table, new)


def duplicate(document: Document, table: Table, name: str) -> Document:
    """A document with a copy of the table, comments included, right below it. Raises `EditRefusedError`."""
    members = _free(document, table, name)
    splices = [*_copied_sections(document, table, name), *_copied_entries(document, table, name)]
    return _rewritten(document, splices, table, {**members, name: members[table[-1]]})


def delete(document: Document, table: Table) -> Document:
    """A document without the table, its subtables and their own comments. Raises `EditRefusedError`."""
    text, members = document.text, _members(document, table[:-1])
    if table[-1] not in members:
        raise EditRefusedError(f"{'.'.join(table)} is not in the file. Read the file again.")
    splices = [_without_gap(text, *extent) for extent in _joined(text, _extents(document, table))]
    splices += [remove(text, found.chain) for found in _assigned(document, table)]
    left = {key: value for key, value in members.items() if key != table[-1]}
    return _rewritten(document, splices, table, left)


def _rewritten(document: Document, splices: Iterable[Splice], table: Table, members: Mapping[str, object]) -> Document:
    """The document after the splices, if it then has exactly these members where the table's parent is.

    A parent that has lost its last member may go with it, as it does where only dotted keys had made it.
    """
    expected = _with_members(document.values, table[:-1], members)
    bare = _without(document.values, table[:-1])

    def means(values: Mapping[str, object]) -> bool:
        return same(values, expected) or (not members and same(values, bare))

    return document.rewritten(_merged(splices), ".".join(table), means)


def _with_members(values: Mapping[str, object], parent: Table, members: Mapping[str, object]) -> dict[str, object]:
    if not parent:
        return dict(members)
    inner = values.get(parent[0], {})
    return {**values, parent[0]: _with_members(inner if isinstance(inner, dict) else {}, parent[1:], members)}


def _without(values: Mapping[str, object], parent: Table) -> dict[str, object]:
    return {key: value for key, value in values.items() if (key,) != parent}


def _members(document: Document, parent: Table) -> Mapping[str, object]:
    value: object = document.values
    for depth, name in enumerate(parent, 1):
        value = value.get(name, {}) if isinstance(value, dict) else value
        if not isinstance(value, dict):
            raise EditRefusedError(f"{'.'.join(parent[:depth])} is not a table in this file. Edit the file by hand.")
    return value if isinstance(value, dict) else {}


def _free(document: Document, table: Table, name: str) -> Mapping[str, object]:
    """The members of the table's parent, if the table is there and the name is not."""
    members = _members(document, table[:-1])
    if not isinstance(members.get(table[-1]), dict):
        raise EditRefusedError(f"{'.'.join(table)} is not in the file. Read the file again.")
    if name in members:
        raise EditRefusedError(f"{'.'.join((*table[:-1], name))} is in the file already. Choose another name.")
    return members


def _own_sections(document: Document, table: Table) -> Iterator[int]:
    return (at for at, section in enumerate(document.sections) if section.path[: len(table)] == table)


def _extents(document: Document, table: Table) -> Iterator[tuple[int, int]]:
    """Where each section of the table starts and ends, with its own comments."""
    text, sections = document.text, document.sections
    for at in _own_sections(document, table):
        yield own_start(text, sections[at - 1], sections[at]), own_end(text, sections[at])


def _header_spans(document: Document, table: Table) -> list[tuple[int, int]]:
    """Where the headers name the table."""
    headers = (document.sections[at].header for at in _own_sections(document, table))
    return [key_spans(document.text, header)[len(table) - 1] for header in headers]


def _assigned(document: Document, table: Table) -> list[_Assigned]:
    """Every statement outside the table's sections that puts something into it."""
    found = []
    for at, section in enumerate(document.sections):
        depth = len(section.path)
        if not section.in_array and depth < len(table) and table[:depth] == section.path:
            for entry in section.entries:
                found += [_Assigned(at, *way) for way in _ways(document.text, (entry,), table[depth:])]
    return found


def _ways(text: str, chain: tuple[Entry, ...], rest: Keys) -> Iterator[tuple[tuple[Entry, ...], int]]:
    keys = chain[-1].keys
    if keys[: len(rest)] == rest:
        yield chain, len(rest) - 1
    elif rest[: len(keys)] == keys and text[chain[-1].value] == "{":
        for inner in inline_entries(text, chain[-1].value):
            yield from _ways(text, (*chain, inner), rest[len(keys) :])


def _span(text: str, found: _Assigned) -> tuple[int, int]:
    """Where the statement names the table."""
    return key_spans(text, found.chain[-1].start)[found.part]


def _respelled(spans: Iterable[tuple[int, int]], name: str) -> list[Splice]:
    spelled = spelled_key(name)
    return [Splice(start, end, spelled) for start, end in spans]


def _copied_sections(document: Document, table: Table, name: str) -> Iterator[Splice]:
    """The table's sections once more, below the last of them."""
    text, extents = document.text, list(_extents(document, table))
    lines: list[str] = []
    for (start, end), span in zip(extents, _header_spans(document, table), strict=True):
        lines += ["", *_lines(_copy(text, start, end, [span], name))]
    if extents:
        yield put_apart(text, extents[-1][1], *lines[1:])


def _copied_entries(document: Document, table: Table, name: str) -> Iterator[Splice]:
    """The table's dotted and inline entries once more: lines below the last, or beside it in an inline table."""
    text, found = document.text, _assigned(document, table)
    for at in dict.fromkeys(item.section for item in found):
        lines: list[str] = []
        position = 0
        for item in (item for item in found if item.section == at):
            entry, span = item.chain[-1], _span(text, item)
            if len(item.chain) > 1:
                yield Splice(entry.end, entry.end, f", {_copy(text, entry.start, entry.end, [span], name)}")
                continue
            position = line_end(text, entry.end)
            lines += _lines(_copy(text, line_start(text, entry.start), position, [span], name))
        if lines:
            yield new_lines(text, position, "", *lines)


def _copy(text: str, start: int, end: int, spans: Sequence[tuple[int, int]], name: str) -> str:
    """A part of the text, in which the table has another name."""
    return applied(text[start:end], _respelled([(a - start, b - start) for a, b in spans], name))


def _lines(block: str) -> list[str]:
    """The lines of a block without their ends."""
    return [line.removesuffix("\r") for line in block.removesuffix("\n").split("\n")]


def _joined(text: str, extents: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The extents, with those as one that have only blank lines between them."""
    joined: list[tuple[int, int]] = []
    for start, end in extents:
        if joined and not text[joined[-1][1] : start].strip():
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def _without_gap(text: str, start: int, end: int) -> Splice:
    """Takes a block of lines out, with the smaller of the gaps around it: the larger one then parts the neighbours."""
    first, last = start, end
    while first and not text[line_start(text, first - 1) : first].strip():
        first = line_start(text, first - 1)
    while last < len(text) and not text[last : line_end(text, last)].strip():
        last = line_end(text, last)
    if not start:
        return Splice(start, last, "")
    if last < len(text) and text.count("\n", first, start) > text.count("\n", end, last):
        return Splice(start, last, "")
    if end == len(text) and not text.endswith("\n") and first:  # the file had no final newline: keep it so
        first -= 2 if text[first - 2 : first] == "\r\n" else 1
    return Splice(first, end, "")


def _merged(splices: Iterable[Splice]) -> list[Splice]:
    """From top to bottom; deletions that meet become one."""
    merged: list[Splice] = []
    for splice in sorted(splices, key=lambda splice: (splice.start, splice.end)):
        if merged and splice.start <= merged[-1].end and not (splice.new or merged[-1].new):
            merged[-1] = Splice(merged[-1].start, max(merged[-1].end, splice.end), "")
        else:
            merged.append(splice)
    return merged
