"""A unified diff in colour. The signs + and - stay, so it reads without colour too; long lines wrap beside them."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui.text import visible_line
from tui.widgets.indented import Indented, Piece


def _styled(line: str) -> Piece:
    text = visible_line(line)
    if line.startswith(("---", "+++")):
        return Piece(Content.styled(text, "$faint"))
    if line.startswith("@@"):
        return Piece(Content.styled(text, "$quiet"))
    style = {"+": "$success", "-": "$error"}.get(line[:1], "")
    return Piece(Content.styled(text[1:], style), 1, Content.styled(text[:1], style))


class DiffView(VerticalScroll):
    """Scrolls where the diff is longer than its place."""

    DEFAULT_CSS = """
    DiffView {
        height: auto;
        max-height: 1fr;
        scrollbar-size-vertical: 1;
    }
    """

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__()
        self._lines = tuple(lines)

    def compose(self) -> ComposeResult:
        """All lines in one widget."""
        yield Static(Indented([_styled(line) for line in self._lines]))
