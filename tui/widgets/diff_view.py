"""A unified diff in colour. The signs + and - stay, so it reads without colour too."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui.config.visible import visible_line


def _styled(line: str) -> Content:
    text = visible_line(line)
    if line.startswith(("---", "+++")):
        return Content.styled(text, "$faint")
    if line.startswith("@@"):
        return Content.styled(text, "$quiet")
    if line.startswith("+"):
        return Content.styled(text, "$success")
    if line.startswith("-"):
        return Content.styled(text, "$error")
    return Content(text)


class DiffView(VerticalScroll):
    """Scrolls where the diff is longer than its place."""

    DEFAULT_CSS = """
    DiffView {
        height: auto;
        max-height: 1fr;
        overflow-x: auto;
        scrollbar-size-vertical: 1;
        & > Static { width: auto; text-wrap: nowrap; }
    }
    """

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__()
        self._lines = tuple(lines)

    def compose(self) -> ComposeResult:
        """All lines in one widget."""
        yield Static(Content("\n").join(map(_styled, self._lines)))
