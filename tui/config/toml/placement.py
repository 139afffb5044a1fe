"""Where an edit goes: which characters of the text it replaces, so that everything else can stay as it is."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from tui.config.errors import EditRefusedError
from tui.config.toml.commented import below_intro, commented_keys, own_end
from tui.config.toml.layout import Entry, Keys, Section, inline_entries, line_end, line_start


class Splice(msgspec.Struct, frozen=True):
    """`text[start:end]` becomes `new`."""

    start: int
    end: int
    new: str

    def lines(self, text: str) -> tuple[int, int]:
        """First line that it touches and the one after the last, from 0; equal where it only adds lines."""
        first = text.count("\n", 0, self.start)
        last = text.count("\n", 0, self.end)
        whole = self.start == line_start(text, self.start) and self.end == line_start(text, self.end)
        return first, last if whole else last + 1


def applied(text: str, splices: Sequence[Splice]) -> str:
    """The text after the splices, which follow each other from top to bottom."""
    parts, position = [], 0
    for splice in splices:
        parts += [text[position : splice.start], splice.new]
        position = splice.end
    return "".join([*parts, text[position:]])


class Addition(msgspec.Struct, frozen=True):
    """A key that is to be added, with its TOML spelling."""

    path: Keys
    """Table and key."""
    spelled: Keys
    """Each part of the path as TOML writes it."""
    value: str
    """The value as TOML writes it."""

    def line(self, depth: int) -> str:
        """The assignment as it stands in the table that the first `depth` parts name."""
        return f"{'.'.join(self.spelled[depth:])} = {self.value}"


def find(text: str, sections: tuple[Section, ...], path: Keys) -> tuple[tuple[Entry, ...], Keys]:
    """The assignment that sets `path`, or the one above it that comes nearest.

    Returns:
        the statement with the entries inside its inline tables that lead on, and the part of the path that none sets:
        empty if the key is there; no entries and the whole path if nothing on the way is assigned.
    """
    for section in sections:
        depth = len(section.path)
        if section.in_array or path[:depth] != section.path:
            continue
        for entry in section.entries:
            if path[depth : depth + len(entry.keys)] == entry.keys:
                return _descended(text, (entry,), path[depth + len(entry.keys) :])
    return (), path


def _descended(text: str, chain: tuple[Entry, ...], rest: Keys) -> tuple[tuple[Entry, ...], Keys]:
    if rest and text[chain[-1].value] == "{":
        for entry in inline_entries(text, chain[-1].value):
            if rest[: len(entry.keys)] == entry.keys:
                return _descended(text, (*chain, entry), rest[len(entry.keys) :])
    return chain, rest


def remove(text: str, chain: tuple[Entry, ...]) -> Splice:
    """Take the last entry of the chain out: its lines, or its part of an inline table."""
    entry = chain[-1]
    if len(chain) > 1:
        return _remove_inline(text, chain[-2], entry)
    start, end = line_start(text, entry.start), line_end(text, entry.end)
    if end == len(text) and not text.endswith("\n") and start:  # the file had no final newline: keep it so
        start -= 2 if text[start - 2 : start] == "\r\n" else 1
    return Splice(start, end, "")


def _remove_inline(text: str, table: Entry, entry: Entry) -> Splice:
    entries = list(inline_entries(text, table.value))
    index = entries.index(entry)
    if len(entries) == 1:
        splice = Splice(table.value + 1, table.end - 1, "")
    elif index:
        splice = Splice(entries[index - 1].end, entry.end, "")
    else:
        splice = Splice(entry.start, entries[1].start, "")
    if "\n" in text[splice.start : entry.start] + text[entry.end : splice.end]:
        raise EditRefusedError("the key shares an inline table over several lines. Edit the file by hand.")
    return splice


def add(text: str, sections: tuple[Section, ...], new: Addition) -> Splice:
    """Put a key in that no statement sets: in its own table, or in a new one. Raises `EditRefusedError`."""
    chain, rest = find(text, sections, new.path)
    if chain:
        return _add_inline(text, chain[-1], ".".join(new.spelled[-len(rest) :]), new)
    for section in sections:
        if not section.in_array and (entries := _home(section, new.path[:-1])) is not None:
            return _add_to_section(text, section, entries, new)
    return _add_section(text, sections, new)


def _home(section: Section, table: Keys) -> tuple[Entry, ...] | None:
    """The entries of the section after which a key of the table may be added; None if the table is not at home here."""
    depth = len(section.path)
    if section.path == table:
        return section.entries
    if table[:depth] != section.path:
        return None
    rest = table[depth:]
    dotted = tuple(entry for entry in section.entries if len(entry.keys) > len(rest) == _shared(entry.keys, rest))
    return dotted or None


def _shared(one: Keys, other: Keys) -> int:
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _add_inline(text: str, table: Entry, key: str, new: Addition) -> Splice:
    if text[table.value] != "{":
        raise EditRefusedError(f"{'.'.join(new.spelled[:-1])} is not a table in this file. Edit the file by hand.")
    entries = list(inline_entries(text, table.value))
    if entries:
        return Splice(entries[-1].end, entries[-1].end, f", {key} = {new.value}")
    return Splice(table.value + 1, table.end - 1, f" {key} = {new.value} ")


def _add_to_section(text: str, section: Section, entries: tuple[Entry, ...], new: Addition) -> Splice:
    depth = len(section.path)
    twins = [twin for twin in commented_keys(text, section, new.path[-1]) if twin[1].keys == new.path[depth:]]
    if twins:
        mark, twin = twins[-1]
        gap = "" if text[twin.value - 1] in " \t" or twin.end > twin.value else " "
        return Splice(mark, twin.end, text[twin.start : twin.value] + gap + new.value)
    if entries:
        start = line_start(text, entries[-1].start)
        return new_lines(text, line_end(text, entries[-1].end), text[start : entries[-1].start], new.line(depth))
    indent = text[line_start(text, section.header) : section.header]
    return new_lines(text, below_intro(text, section), indent, new.line(depth))


def _add_section(text: str, sections: tuple[Section, ...], new: Addition) -> Splice:
    depth = len(new.path) - 1
    return add_section(text, sections, new.path[:depth], f"[{'.'.join(new.spelled[:depth])}]", new.line(depth))


def add_section(text: str, sections: tuple[Section, ...], path: Keys, *lines: str) -> Splice:
    """A section of its own: a subtable after the last one of its family, anything else at the end of the file."""
    family = [s for s in sections if s.path[:1] == path[:1]] if len(path) > 1 else []
    return put_apart(text, own_end(text, family[-1]) if family else len(text), *lines)


def put_apart(text: str, position: int, *lines: str) -> Splice:
    """Whole lines with a blank line before and after them; they end their line, also at the end of the text."""
    block = list(lines)
    if position and text[line_start(text, position - 1) : position].strip():
        block.insert(0, "")
    if text[position : line_end(text, position)].strip():
        block.append("")
    return new_lines(text, position, "", *block, ended=True)


def new_lines(text: str, position: int, indent: str, *lines: str, ended: bool = False) -> Splice:
    """Whole lines at the start of a line or the end of the text, with the line ends of the line above (or below).

    A text without a final newline stays so, unless the lines are to be `ended`.
    """
    above = text.rfind("\n", 0, position)
    sample = above if above >= 0 else text.find("\n", position)
    end = "\r\n" if sample > 0 and text[sample - 1] == "\r" else "\n"
    block = end.join(indent + line for line in lines)
    if position == len(text) and text and not text.endswith("\n"):
        return Splice(position, position, end + block + (end if ended else ""))
    return Splice(position, position, block + end)
