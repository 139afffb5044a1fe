"""Draws blocks of Markdown other than code, each a few lines of one widget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final
from urllib.parse import unquote

from textual.message import Message

from tui.widgets.markdown.lines import Lines

_HEADINGS: Final = "\n".join(
    f".prose--h{level} {{ color: $markdown-h{level}-color; background: $markdown-h{level}-background;"
    f" text-style: $markdown-h{level}-text-style; }}"
    for level in range(1, 7)
)
_STYLES: Final = (
    *(f"h{level}" for level in range(1, 7)),
    *("em", "strong", "struck", "inline", "link", "bullet", "quote", "bar", "rule", "code", "frame", "header"),
)


class Prose(Lines):
    """Blocks of `tui.widgets.markdown.blocks` and `table`."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"prose--{name}" for name in _STYLES}
    DEFAULT_CSS = (
        """
    Prose {
        color: $foreground;
        & > .prose--em { text-style: italic; }
        & > .prose--strong { text-style: bold; }
        & > .prose--struck { text-style: strike; }
        & > .prose--link { text-style: underline; }
        &:dark > .prose--inline { background: $warning 10%; color: $text-warning 95%; }
        &:light > .prose--inline { background: $error 5%; color: $text-error 95%; }
        & > .prose--bullet { color: $text-primary; }
        &:light > .prose--bullet { color: $text-secondary; }
        & > .prose--quote { background: $boost; }
        & > .prose--bar { color: $text-primary 50%; }
        &:light > .prose--bar { color: $text-secondary; }
        & > .prose--rule { color: $secondary; }
        & > .prose--code { color: rgb(210,210,210); background: black 10%; }
        &:light > .prose--code { background: white 30%; }
        & > .prose--frame { color: $foreground 20%; }
        & > .prose--header { color: $primary; }
        &:ansi > .prose--inline { background: ansi_default; }
        &:ansi > .prose--code { background: transparent; }
    """
        + _HEADINGS
        + "}"
    )

    @dataclass
    class LinkClicked(Message):
        """Somebody clicked on a link."""

        href: str

    def action_link(self, href: str) -> None:
        """Tell of the click; nothing is opened."""
        self.post_message(self.LinkClicked(unquote(href)))
