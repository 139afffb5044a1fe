"""Which comments of a section speak for it: commented-out keys, its introduction, and where what is its own ends."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Final

from tui.config.toml.layout import Entry, Keys, Section, entry_at, line_end, line_start, scan, split_key

_COMMENT: Final = re.compile(r"(?m)^[ \t]*(#[ \t]*([^\r\n]*))")
_COMMENTED_KEY: Final = re.compile(r"""([A-Za-z0-9_."'-]+)[ \t]*=[ \t]*""")
_NO_VALUE: Final = re.compile(r"(?:None|null|nil|True|False)?(?=[ \t]*(?:#|$))")
_BANNER: Final = re.compile(r"[ \t]*###")


def commented_keys(text: str, section: Section, name: str = "") -> Iterator[tuple[int, Entry]]:
    """Each `# key = value` that speaks for this section, with the offset of its `#`, in order.

    Those below a commented header of another table, and those that introduce the next section, are not this one's.
    """
    own, intro = True, next_intro(text, section)
    for found in _comments(text, section):
        if found[2].startswith("["):
            header = _commented_header(found[2])
            own = own if header is None else header == section.path
        elif own and name in found[2] and found.start() < intro:
            entry = _commented_entry(found)
            if entry:
                yield found.start(1), entry


def _comments(text: str, section: Section) -> Iterator[re.Match[str]]:
    position = section.body
    for entry in section.entries:
        yield from _COMMENT.finditer(text, position, line_start(text, entry.start))
        position = line_end(text, entry.end)
    yield from _COMMENT.finditer(text, position, section.end)


def _commented_header(line: str) -> Keys | None:
    """The table that a comment names, if it is a header and nothing else."""
    try:
        tomllib.loads(line)
        return scan(line)[-1].path
    except (ValueError, RecursionError):
        return None


def _commented_entry(comment: re.Match[str]) -> Entry | None:
    """The assignment that a comment holds, if it holds nothing else: prose with a `=` in it is none."""
    line, start = comment[2], comment.start(2)
    found = _COMMENTED_KEY.match(line)
    if not found:
        return None
    if empty := _NO_VALUE.match(line, found.end()):
        return Entry(split_key(found[1]), start, start + found.end(), start + empty.end())
    try:
        tomllib.loads(line)
        entry = entry_at(line, 0)
    except (ValueError, RecursionError):
        return None
    return Entry(entry.keys, start, start + entry.value, start + entry.end)


def next_intro(text: str, section: Section) -> int:
    """Start of the comment that stands on the next header and speaks for it; the section's end if none does.

    A block whose last line is a commented key, or that is joined to a statement, is still this section's.
    """
    last = max([section.body, *(line_end(text, entry.end) for entry in section.entries[-1:])])
    start = section.end
    while start > last and text[line_start(text, start - 1) : start].lstrip().startswith("#"):
        start = line_start(text, start - 1)
    if section.end == len(text) or start in (last, section.end):
        return section.end
    closing = _COMMENT.match(text, line_start(text, section.end - 1))
    return section.end if closing and _commented_entry(closing) else start


def own_start(text: str, before: Section, section: Section) -> int:
    """Start of what is surely the section's own: the comment that stands on its header, else the header's line.

    A comment with a banner in it may speak for more than one section, so it is nobody's. `before` is the section above.
    """
    header = line_start(text, section.header)
    start = min(next_intro(text, before), header)
    lines = text[start:header].splitlines()
    return header if any(_BANNER.match(line) for line in lines) else start


def below_intro(text: str, section: Section) -> int:
    """Where the first key of an empty section goes: below a comment that stands under the header and describes it."""
    position = _past_note(text, section.body, section.end)
    notes = _COMMENT.finditer(text, section.body, position)
    return section.body if any(_commented_entry(note) for note in notes) else position


def own_end(text: str, section: Section) -> int:
    """End of what is surely the section's own: statements, commented keys, and a note joined to the last of them."""
    ends = [line_end(text, entry.end) for entry in section.entries[-1:]]
    ends += [line_end(text, entry.end) for _, entry in commented_keys(text, section)]
    return _past_note(text, max(ends, default=section.body), section.end)


def _past_note(text: str, position: int, stop: int) -> int:
    """End of the comment lines at `position` if a blank line or the end of the file closes them, else `position`.

    A banner, or the header of a table that is commented out, speaks for what follows it.
    """
    end = position
    while end < stop and text[end : line_end(text, end)].lstrip().startswith("#"):
        comment = _COMMENT.match(text, end)
        if _BANNER.match(text, end) or (comment and comment[2].startswith("[") and _commented_header(comment[2])):
            return position
        end = line_end(text, end)
    closed = end == len(text) or (end < stop and not text[end : line_end(text, end)].strip())
    return end if closed else position
