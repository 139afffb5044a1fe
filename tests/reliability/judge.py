"""Whether an edit did what it may and nothing else: the second opinion on every edit of the harness.

A key that was there: all bytes before and after its statement are as they were. A key that is new: taking its line out
gives the old file, and the line stands below a sibling, below its table's header, or where its commented twin stood.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec

from tests.config.oracle import BOM, exact
from tests.reliability.blocks import Block, Path, assigned, blocks, commented, commented_header, lines
from tui.config.schema import Plain

_COMMENTED_KEY: Final = re.compile(r"""([A-Za-z0-9_."'-]+)\s*=""")


class Edit(msgspec.Struct, frozen=True):
    """What is to be done to the key of a table."""

    table: Path
    key: str
    value: Plain | None
    """None: take it out."""

    @property
    def path(self) -> Path:
        """The key with its table."""
        return (*self.table, self.key)


def judged(before: bytes, after: bytes, edit: Edit) -> str:
    """What is wrong with the edit; empty if nothing is."""
    if before.startswith(BOM) != after.startswith(BOM):
        return "the byte order mark came or went"
    old, new = _text(before), _text(after)
    try:
        meaning = tomllib.loads(new)
    except tomllib.TOMLDecodeError as error:
        return f"the file no longer parses: {error}"
    if exact(meaning) not in _meanings(old, edit):
        return "the values are not the old ones with this edit"
    if "\r\n" in old and not re.search(r"(?<!\r)\n", old) and re.search(r"(?<!\r)\n", new):
        return "a line ends otherwise than its neighbours"
    return _judged_lines(lines(old), lines(new), edit)


def _text(raw: bytes) -> str:
    return raw.removeprefix(BOM).decode()


def _meanings(old: str, edit: Edit) -> Iterator[object]:
    """What the new file may mean; a table that dotted keys had made may go with its last key."""
    data: Any = tomllib.loads(old)
    way = [data]
    for name in edit.table:
        way.append(way[-1].setdefault(name, {}))
    if edit.value is not None:
        way[-1][edit.key] = edit.value
        yield exact(data)
        return
    way[-1].pop(edit.key, None)
    yield exact(data)
    for name, inner, outer in zip(reversed(edit.table), reversed(way), way[-2::-1], strict=False):
        if inner:
            return
        del outer[name]
        yield exact(data)


def _judged_lines(old: list[str], new: list[str], edit: Edit) -> str:
    was = next((block for block in blocks(old) if block.sets(edit.path)), None)
    if was is None:
        return _judged_addition(old, new, edit) if edit.value is not None else _unchanged(old, new)
    if edit.value is None and len(was.content) == 1 and not _inline(was, edit.path, old):
        return "" if _joined(old[: was.start] + old[was.end :], new, at_end=was.end == len(old)) else "other lines went"
    return "" if _framed(old, new, was) else "a byte outside the key's own lines changed"


def _unchanged(old: list[str], new: list[str]) -> str:
    return "" if old == new else "taking out what is not there changed the file"


def _inline(block: Block, path: Path, rows: Sequence[str]) -> bool:
    """Whether the key stands inside an inline table: another key is there, or its table would stay without it."""
    depth = len(path) - len(block.heading or ())
    value: object = block.content
    for _ in range(depth):
        assert isinstance(value, dict)
        if len(value) > 1:
            return True
        value = next(iter(value.values()))
    return len(assigned("".join(rows[block.start : block.end]))) < depth


def _framed(old: list[str], new: list[str], block: Block) -> bool:
    """Whether `new` is `old` but for the lines of the block."""
    tail = len(old) - block.end
    return (
        len(new) >= block.start + tail
        and old[: block.start] == new[: block.start]
        and old[block.end :] == new[len(new) - tail :]
    )


def _joined(expected: list[str], found: list[str], *, at_end: bool) -> bool:
    """Whether they are the same bytes; at the end of the file a line end may come or go with a last line."""
    one, other = "".join(expected), "".join(found)
    return one == other or (at_end and (_unended(one) == other or one == _unended(other)))


def _unended(text: str) -> str:
    return text.removesuffix("\n").removesuffix("\r")


def _judged_addition(old: list[str], new: list[str], edit: Edit) -> str:
    all_new = blocks(new)
    index = next((index for index, block in enumerate(all_new) if block.sets(edit.path)), None)
    if index is None:
        return "no statement of the new file sets the key"
    added = all_new[index]
    if _joined(new[: added.start] + new[added.end :], old, at_end=added.end == len(new)):
        return _misplaced(all_new, index, new, edit)
    was = next((block for block in blocks(old) if block.start == added.start), None)
    if was is not None and _framed(old, new, was) and was.kind in ("comment", "key"):
        if was.kind == "comment":
            return _no_twin(old, new, all_new[:index], was, edit)
        return _not_inserted("".join(old[was.start : was.end]), "".join(new[added.start : added.end]))
    return _judged_section(old, new, all_new, index, edit)


def _misplaced(all_new: list[Block], index: int, new: list[str], edit: Edit) -> str:
    """Why the added line does not stand with its own table, if it does not."""
    added, above = all_new[index], all_new[:index]
    if not above:
        return "" if added.heading == () else "it stands above every header"
    if above[-1].kind == "key":
        return "" if _siblings(above[-1], edit) else "the statement above it is of another table"
    if added.heading != edit.table or any(block.kind == "key" for block in _section(above)):
        return "it does not stand next to its siblings"
    if above[-1].kind == "header":
        return ""
    intro_only = all(block.kind == "comment" for block in _section(above))
    closed = added.end == len(new) or not new[added.end].strip()
    return "" if intro_only and closed else "it stands under what speaks for something else"


def _section(above: list[Block]) -> list[Block]:
    """The blocks since the last header."""
    starts = [index for index, block in enumerate(above) if block.kind == "header"]
    return above[starts[-1] + 1 :] if starts else above


def _siblings(block: Block, edit: Edit) -> bool:
    reached = block.reaches(edit.table) if block.heading != edit.table else ({},)
    return reached is not None and isinstance(reached[0], dict)


def _no_twin(old: list[str], new: list[str], above: list[Block], was: Block, edit: Edit) -> str:
    """Why the comment that became the key is not its commented twin, if it is not."""
    said = commented(old[was.start])
    if not _COMMENTED_KEY.match(said) or assigned(said) != edit.path[len(was.heading or ()) :]:
        return "a comment that is no twin of the key was replaced"
    named = [commented_header(new[block.start]) for block in _section(above) if block.kind == "comment"]
    named = [name for name in named if name is not None]
    return "the twin was under another table's commented header" if named and named[-1] != was.heading else ""


def _not_inserted(old: str, new: str) -> str:
    """Whether the new statement is the old one with something put into its inline table."""
    one, other = "".join(old.split()), "".join(new.split())
    head = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
    return "" if other.endswith(one[head:]) else "more of the inline table changed than one key"


def _judged_section(old: list[str], new: list[str], all_new: list[Block], index: int, edit: Edit) -> str:
    """A new table: its header, its key, a blank line above or below, and the rest of the file as it was."""
    if index == 0 or all_new[index - 1].kind != "header" or all_new[index].heading != edit.table:
        return "other lines changed"
    start, end = all_new[index - 1].start, all_new[index].end
    if start and new[start - 1].strip():
        return "no blank line is above the new table"
    for first in (max(start - 1, 0), start):
        for last in (end, min(end + 1, len(new))):
            extra = new[first:start] + new[end:last]
            rest = new[:first] + new[last:]
            if not "".join(extra).strip() and _joined(rest, old, at_end=last == len(new)):
                return _torn_apart(old, first)
    return "other lines changed"


def _torn_apart(old: list[str], at: int) -> str:
    """Whether the new table stands between a header and the comment that introduces it."""
    below = next((row for row in old[at:] if not row.lstrip().startswith("#")), "")
    above = old[at - 1] if at else ""
    joined = above.lstrip().startswith("#") and not _COMMENTED_KEY.match(commented(above))
    torn = joined and at < len(old) and below.lstrip().startswith("[") and old[at].strip()
    return "it stands between a header and its comment" if torn else ""
