r"""How a streamed answer is cut, so that showing it costs time in proportion to its length.

Markdown has to be parsed again from the start of its last block whenever text is added. Two things bound that: a block
that may still grow for long (an open code fence, a table, a huge paragraph) is held back as plain text until it ends,
and a long answer becomes several parts, each begun where a new block starts.

    "Hi\n```py\nx = 1\n"  ->  Show("Hi\n"), Hold("```py\n"), Hold("x = 1\n")      then, with "```\n":
                              Hold("```\n"), Settle()                             what was held is Markdown now
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, Literal, TypeAlias

import msgspec

PART_CHARS: Final = 2_000
"""A part this long ends at the next block; one twice as long is held back until then."""
_PART_BLOCKS: Final = 40
_LIST_CHARS: Final = 600  # a list is drawn anew as a whole, item by item
_TABLE_CHARS: Final = 8_000  # a table is laid out at once, when it is complete

_LINE: Final = re.compile(r"[^\n]*\n|[^\n]+")
_OPENS: Final = re.compile(r"[ \t>]*(?:(?:[-*+]|\d+[.)])[ \t]+)?(`{3,}|~{3,})(?P<info>[^\n]*)\n?")
_ITEM: Final = re.compile(r"(?:[-*+]|\d+[.)])[ \t]+\S")
_BEFORE_FENCE: Final = " \t>-*+.)0123456789`~"
_UNDECIDED_CHARS: Final = 200


class Show(msgspec.Struct, frozen=True):
    """Add the text to the part's Markdown."""

    text: str


class Hold(msgspec.Struct, frozen=True):
    """Show the text plainly for now, below the part."""

    text: str


class Settle(msgspec.Struct, frozen=True):
    """What was held is complete: add it to the part's Markdown."""


class Keep(msgspec.Struct, frozen=True):
    """What was held stays plain for good; a new part begins below it."""


class Break(msgspec.Struct, frozen=True):
    """Begin a new part."""

    in_list: bool = False
    """Whether the list goes on in the new part."""


Piece: TypeAlias = Show | Hold | Settle | Keep | Break


class Cutter:
    """Cuts one answer; the texts of all pieces, in order, are the answer."""

    def __init__(self) -> None:
        self._undecided = ""  # the start of a line that may become a fence
        self._at_start = True  # of a line
        self._fence = ""  # the marks that opened it
        self._held: Literal["", "fence", "table", "long"] = ""
        self._held_chars = 0
        self._part_chars = self._part_blocks = self._list_chars = 0
        self._block_may_start = True
        self._in_list = False

    def take(self, text: str) -> Iterator[Piece]:
        """The pieces that `text` makes, as far as they are certain."""
        lines = _LINE.findall(self._undecided + text)
        self._undecided = ""
        for line in lines:
            yield from self._line(line)

    def end(self) -> Iterator[Piece]:
        """The last pieces, when nothing more comes."""
        if self._undecided:
            rest, self._undecided = self._undecided, ""
            yield self._piece(rest)
        yield from self._let_go()

    def _line(self, line: str) -> Iterator[Piece]:
        """One line, or the part of it that has come."""
        whole = line.endswith("\n")
        if not self._at_start:
            self._at_start = whole
            yield self._piece(line)
            return
        if not whole and self._may_be_fence(line):
            self._undecided = line
            return
        self._at_start = whole
        yield from self._in_fence(line) if self._fence else self._outside(line)

    def _may_be_fence(self, line: str) -> bool:
        if len(line) > _UNDECIDED_CHARS:
            return False
        return not line.strip(_BEFORE_FENCE) or not (self._fence or _OPENS.fullmatch(line) is None)

    def _in_fence(self, line: str) -> Iterator[Piece]:
        yield self._piece(line)
        marks = line.strip(" \t>\n")
        if marks.startswith(self._fence) and not marks.strip(self._fence[0]):
            self._fence, self._block_may_start, self._in_list = "", True, False
            yield from self._let_go()

    def _outside(self, line: str) -> Iterator[Piece]:
        if self._held == "table" and not line.startswith("|"):
            self._block_may_start = True
            yield from self._let_go()
        yield from self._breaks(line)
        opening = _OPENS.fullmatch(line)
        if opening and not (opening[1][0] == "`" and "`" in opening["info"]):
            self._fence, self._held = opening[1], "fence"
        elif not self._held and self._block_may_start and line.startswith("|"):
            self._held = "table"
        self._block_may_start = not line.strip()
        yield self._piece(line)

    def _breaks(self, line: str) -> Iterator[Piece]:
        """End the part before this line if it is long and a block starts here; hold the line if it is too long."""
        item = _ITEM.match(line) is not None
        starts_block = self._block_may_start and not line[:1].isspace()
        full = self._part_chars >= PART_CHARS or self._part_blocks >= _PART_BLOCKS
        if starts_block and full:
            yield from self._break(in_list=item and self._in_list)
        elif item and self._in_list and self._list_chars >= _LIST_CHARS:
            yield from self._break(in_list=True)
        elif not self._held and self._part_chars >= 2 * PART_CHARS:
            self._held = "long"
        self._part_blocks += starts_block
        if line.strip():
            self._in_list = item or (self._in_list and line[:1].isspace())
            self._list_chars = self._list_chars + len(line) if self._in_list else 0

    def _break(self, *, in_list: bool) -> Iterator[Piece]:
        yield from self._let_go()
        self._part_chars = self._part_blocks = self._list_chars = 0
        yield Break(in_list)

    def _let_go(self) -> Iterator[Piece]:
        """What was held has come to its end."""
        held, chars = self._held, self._held_chars
        self._held, self._held_chars = "", 0
        if held == "table" and chars > _TABLE_CHARS:
            self._part_chars = self._part_blocks = 0
            yield Keep()
        elif held:
            yield Settle()

    def _piece(self, text: str) -> Piece:
        self._part_chars += len(text)
        if not self._held:
            return Show(text)
        self._held_chars += len(text)
        return Hold(text)
