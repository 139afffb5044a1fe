"""Text from outside, made harmless to a terminal: controls become visible signs, one character for one.

Because every character is mapped by itself, a sequence that arrives in two pieces is as harmless as a whole one.
"""

from __future__ import annotations

from typing import Final

_HIDDEN: Final = (
    *range(0x200B, 0x2010),  # zero-width and direction marks
    *range(0x2028, 0x202F),  # line and paragraph separators, bidi embeddings and overrides
    *range(0x2060, 0x2070),  # invisible operators, bidi isolates
    0x061C, 0x180E, 0xFEFF, 0xFFF9, 0xFFFA, 0xFFFB,
)  # fmt: skip
_TAGS: Final = range(0xE0000, 0xE0080)
_JOINER: Final = 0x200D  # part of emoji; moves nothing
_SIGNS: Final[dict[int, str]] = {
    **{code: chr(0x2400 + code) for code in range(0x20) if chr(code) not in "\t\n"},
    0x7F: "␡",
    **dict.fromkeys(range(0x80, 0xA0), "�"),
    **dict.fromkeys(_HIDDEN, "�"),
    **dict.fromkeys(_TAGS, "�"),
    **dict.fromkeys(range(0xD800, 0xE000), "�"),
}
_SIGNS.pop(_JOINER)


def visible(text: str) -> str:
    """`text` with every control, direction and tag character replaced by a visible sign; tab and newline stay.

    A lone surrogate (a file name that is not UTF-8) becomes the replacement character as well.
    """
    return text.translate(_SIGNS)


def visible_line(text: str) -> str:
    """`text` as one line: like `visible`, with newlines and tabs shown as signs too."""
    return visible(text).replace("\n", "␊").replace("\t", " ")
