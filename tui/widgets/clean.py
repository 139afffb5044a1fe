"""The last gate before the terminal: no line leaves the app with a control, direction or tag character in it.

Text from outside is made visible where it comes in (`tui.text`); this catches whatever was forgotten.
"""

from __future__ import annotations

import re
from typing import Final

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_UNSAFE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f\x80-\x9f"  # C0 but tab and newline, DEL, C1
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # what changes the direction of text
    "\u180e\u200b\u200c\u2028\u2029\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"  # what nobody sees
)

_BREAKS: Final = re.compile("[\t\n]")


def clean(text: str) -> str:
    """`text` without the characters that a terminal would act on."""
    return _UNSAFE.sub("", text)


class ControlFilter(LineFilter):
    """Takes unsafe characters, and what would end the line, out of every line of every widget."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002  # LineFilter's signature
        """The segments, without those characters."""
        return [
            Segment(_BREAKS.sub("", clean(text)), style, control)
            if _UNSAFE.search(text) or _BREAKS.search(text)
            else Segment(text, style, control)
            for text, style, control in segments
        ]
