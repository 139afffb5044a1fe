"""The strip at the bottom: what the focused field is, what is wrong with it, what holds now."""

from __future__ import annotations

from typing import Final

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from tui.text import visible_line
from tui.widgets.row import Help

_LEAST: Final = 4
"""Text keeps at least this part of a line that it shares with keys."""


class HelpStrip(Widget):
    """Problems first, because the strip has three lines and the text may be longer."""

    DEFAULT_CSS = """
    HelpStrip { height: 4; padding: 0 1; border-top: solid $border; color: $quiet; }
    """

    help_: reactive[Help] = reactive(Help(""))

    def render(self) -> Content:
        """As many lines as fit; a text that is cut ends in an ellipsis."""
        about, height = self.help_, max(1, self.size.height)
        name = Content.styled(visible_line(about.name), "bold $foreground")
        plain = Content(" · ").join(
            [name, *(Content(visible_line(part)) for part in (*about.facts, about.text) if part)]
        )
        notes = [Content.styled(visible_line(note), "$warning") for note in about.notes]
        whole = Content("  ").join([plain, *notes])
        if about.problem:
            whole = Content("\n").join([Content.styled("✗ " + visible_line(about.problem), "$error"), whole])
        width = max(10, self.size.width)
        text = whole.wrap(width)
        lines = self._with_keys(text, width)
        if len(lines) > height:
            lines = self._before_keys(text, width, height) or [*lines[: height - 1], _cut(lines[height - 1], width - 1)]
        return Content("\n").join(lines)

    def _before_keys(self, lines: list[Content], width: int, height: int) -> list[Content]:
        """The text cut so that all keys fit behind it: they matter more than its end. Empty if there is no room."""
        keys = Content("").join("  " + entry for entry in self._entries())
        room = width - 1 - keys.cell_length
        if len(lines) < height or room < width // _LEAST:
            return []
        return [*lines[: height - 1], _cut(lines[height - 1], room) + keys]

    def _entries(self) -> list[Content]:
        return [Content.assemble((key, "$primary"), " ", what) for key, what in self.help_.keys]

    def _with_keys(self, lines: list[Content], width: int) -> list[Content]:
        """The keys after the text; a key stays with its words."""
        for entry in self._entries():
            last = lines[-1].rstrip()
            if last.cell_length + 2 + entry.cell_length <= width:
                lines = [*lines[:-1], last.append("  ").append(entry)]
            else:
                lines = [*lines, *entry.wrap(width)]
        return lines


def _cut(line: Content, cells: int) -> Content:
    return line.rstrip().truncate(cells).rstrip().append("…")
