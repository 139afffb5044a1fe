"""A widget of many lines, which draws those that are seen and changes at its end: what a streamed answer consists of.

blocks     know how to become lines of a width; only the last ones change
lines      never wider than the widget; `y` of a line is its offset for selecting text with the mouse
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final, Literal, NamedTuple, Protocol

from rich.segment import Segment
from textual.content import Content
from textual.geometry import Region, Size
from textual.reactive import reactive
from textual.selection import Selection
from textual.strip import Strip
from textual.style import Style
from textual.widget import Widget

_MARKDOWN_OF_FRAMES: Final = str.maketrans("│├┼┤─", "|||" + "|-")
_SPLITS: Final = re.compile(r"[\n\t]")
_KEPT_STRIPS: Final = 300
"""Drawn lines that are kept: more than any screen has."""


class Line(NamedTuple):
    """One line on the screen."""

    content: Content
    skip: int = 0
    """So many characters at its start are no text but room or frames, and are not copied."""
    end: Literal["\n", " ", ""] = "\n"
    """What stands between it and the next line where text is copied."""
    framed: bool = False
    """Whether it is a row of a table, whose frames are copied as Markdown."""
    copied: bool = True


class Block(Protocol):
    """What takes whole lines."""

    @property
    def above(self) -> int:
        """Blank lines wanted above; the larger wish of two neighbours counts."""

    @property
    def below(self) -> int:
        """Blank lines wanted below."""

    def lines(self, width: int) -> list[Line]:
        """What it looks like in so many columns."""


BLANK: Final = Line(Content(""))


def wrapped(content: Content, width: int) -> list[Line]:
    """Text in lines of at most `width` columns."""
    if content.cell_length <= width and not _SPLITS.search(content.plain):
        return [Line(content)]  # most cells of tables
    lines: list[Line] = []
    for part in content.split("\n", allow_blank=True):
        text = part.expand_tabs(8) if "\t" in part.plain else part
        rows = text.wrap(max(1, width)) or [text]
        at = 0
        for row in rows[:-1]:
            at += len(row.plain)
            rest = text.plain[at:]
            gap = len(rest) - len(rest.lstrip(" "))
            at += gap
            lines.append(Line(row, end=" " if gap else ""))
        lines.append(Line(rows[-1]))
    return lines or [BLANK]


def stacked(blocks: Sequence[Block], width: int) -> list[Line]:
    """Blocks inside of another, without room above the first and below the last."""
    lines: list[Line] = []
    for index, block in enumerate(blocks):
        if index:
            lines += [BLANK] * max(blocks[index - 1].below, block.above)
        lines += block.lines(width)
    return lines


class Lines(Widget):
    """Blocks below one another; `put` replaces the last ones."""

    DEFAULT_CSS = """
    Lines { width: 1fr; height: auto; }
    """

    virtual_size: reactive[Size] = reactive(Size(0, 0), repaint=False)
    """Without a second layout and frame each time it has grown."""

    def __init__(self, lead: int = 0) -> None:
        """So many blank lines stand above it already."""
        super().__init__()
        self._lead = lead
        self._blocks: list[Block] = []
        self._starts: list[int] = []
        """The first line of each block, with the room above it."""
        self._lines: list[Line] = []
        self._laid_width = 0
        self._strips: dict[int, Strip] = {}

    def __len__(self) -> int:
        return len(self._blocks)

    def __bool__(self) -> bool:
        return True

    @property
    def blocks(self) -> Sequence[Block]:
        """What it shows."""
        return self._blocks

    @property
    def plain(self) -> str:
        """All of its text, as it is copied."""
        return self._copied(range(len(self._lines)), lambda _: (0, -1))

    def put(self, at: int, blocks: Iterable[Block]) -> None:
        """Show these in place of block `at` and all after it."""
        height = self._height
        first = self._starts[at] if at < len(self._starts) else len(self._lines)
        del self._blocks[at:], self._starts[at:], self._lines[first:]
        fresh = list(blocks)
        self._blocks += fresh
        if not self._laid_width:
            self.refresh(layout=True)
            return
        for block in fresh:
            self._lay(block)
        for y in [y for y in self._strips if y >= first]:
            del self._strips[y]
        if self._height != height:
            self.refresh(layout=True)
        else:
            self.refresh(Region(0, first, self._laid_width, max(0, height - first)))

    @property
    def _height(self) -> int:
        return len(self._lines) + (self._blocks[-1].below if self._blocks else 0)

    def _lay(self, block: Block) -> None:
        index = len(self._starts)
        room = max(self._blocks[index - 1].below, block.above) if index else max(0, block.above - self._lead)
        self._starts.append(len(self._lines))
        self._lines += [BLANK] * room
        self._lines += block.lines(self._laid_width)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002  # Textual's
        """All lines, laid anew if the width is another one."""
        if width > 0 and width != self._laid_width:
            self._laid_width = width
            self._starts, self._lines = [], []
            self._strips.clear()
            for block in self._blocks:
                self._lay(block)
        return self._height

    def notify_style_update(self) -> None:
        """Other colours, it may be."""
        self._strips.clear()
        super().notify_style_update()

    def render_line(self, y: int) -> Strip:
        """One line, as it stands in the cache unless some of it is selected."""
        selection = self.text_selection
        if selection is not None:
            return self._drawn(y, selection.get_span(y))
        strip = self._strips.get(y)
        if strip is None:
            if len(self._strips) >= _KEPT_STRIPS:
                self._strips.clear()
            strip = self._strips[y] = self._drawn(y, None)
        return strip

    def _drawn(self, y: int, selected: tuple[int, int] | None) -> Strip:
        base = self.visual_style
        if y >= len(self._lines):
            return Strip.blank(self.size.width, base.rich_style)
        content = self._lines[y].content
        if selected is not None:
            start, end = selected
            mark = Style.from_styles(self.screen.get_component_styles("screen--selection"))
            content = content.stylize(mark, start, len(content.plain) if end < 0 else end)
        segments = [
            Segment(text, style.rich_style) for text, style in content.render(base, end="", parse_style=self._style)
        ]
        strip = Strip(segments, content.cell_length).apply_offsets(0, y)
        return strip.adjust_cell_length(self.size.width, base.rich_style)

    def _style(self, style: Style | str) -> Style:
        """A style of this widget's own by its name with a dot, or any other."""
        if isinstance(style, Style):
            return style
        return self.get_visual_style(style[1:], partial=True) if style.startswith(".") else Style.parse(style)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected text as it was written, not as it was broken into lines."""
        return self._copied(range(len(self._lines)), selection.get_span), "\n"

    def _copied(self, rows: Iterable[int], span_of: Callable[[int], tuple[int, int] | None]) -> str:
        text = end = ""
        for y in rows:
            line, span = self._lines[y], span_of(y)
            if span is None or not line.copied:
                continue
            start, stop = span
            piece = line.content.plain[max(start, line.skip) : None if stop < 0 else stop].rstrip()
            text += end + (piece.translate(_MARKDOWN_OF_FRAMES) if line.framed else piece)
            end = line.end
        return text
