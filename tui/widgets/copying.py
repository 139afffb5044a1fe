"""Copying text to wherever a clipboard can be reached: the terminal's, and the desktop's besides."""

from __future__ import annotations

from collections.abc import Callable

from textual.widget import Widget

from tui.clipboard import SENT, Clipboard
from tui.text import visible


async def copy(text: str, widget: Widget, clipboard: Clipboard | None, tell: Callable[[str], None]) -> None:
    """Put text there, as far as the terminal and the desktop play along.

    Args:
        text: from anywhere; it is made harmless first.
        widget: whose app has the terminal.
        clipboard: the desktop's, if there may be one.
        tell: says at once that the terminal was sent the text, and then how the desktop took it.
    """
    text = visible(text)
    widget.app.copy_to_clipboard(text)
    tell(SENT)
    if clipboard is not None:
        tell((await clipboard.copy(text)).words)
