"""Point six, the judge: which bytes and which styles may reach a terminal at all. Everything else is an injection."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final

from textual.strip import Strip

_COLOURS: Final = rb"\x1b\[(?:0|1|3[1-6])m"
"""What a command writes besides text."""
_STYLE: Final = rb"(?:[1-4]|7|9|2[23479]|[34]9|[34]8;2;\d+;\d+;\d+)"
_APP: Final = (
    rb"\x1b\[(?:0|(?:0;)?%b(?:;%b)*)m" % (_STYLE, _STYLE),
    rb"\x1b\[\d+;\d+H",  # the cursor
    rb"\x1b\[\d{1,3}[CX]",  # on in the row; blanks
    rb"\x1b\[\d+;\d+r\x1b\[\d+;\d+H(?:(?:\r?\n)+|(?:\x1bM)+)\x1b\[r",  # some rows scroll
    rb"\x1b\[\?(?:7|25|1000|1003|1004|1006|1015|1016|1049|2004|2026|2048)[hl]",  # modes
    rb"\x1b\[\?(?:2026|2048)\$p",  # asks whether the terminal knows a mode
    rb"\x1b\[(?:>\d+|<)u",  # keyboard protocol
    rb"\x1b\]22;(?:default|pointer|text|grab|grabbing|[a-z]+-resize)\x07",  # the shape of the pointer
)
"""What the app writes besides text."""
_COPY: Final = rb"\x1b\]52;c;[A-Za-z0-9+/=]*\x07"
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f]")
_HIDDEN: Final = re.compile(
    "[\u061c\u180e\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)


def wrong_bytes(raw: bytes, *, app: bool, copied: bool = False) -> Iterator[str]:
    """What of the bytes that a terminal received is neither text nor one of the sequences that the program writes.

    Args:
        raw: all that came.
        app: whether the app wrote them, with the cursor and the modes; a command writes lines and colours only.
        copied: whether something was put on the clipboard.
    """
    allowed = [*(_APP if app else (_COLOURS,)), *([_COPY] if copied else [])]
    rest = re.sub(b"|".join(allowed), b"", raw)
    lines = rest.replace(b"\r\n", b"")  # between lines; that none stands inside one is for `wrong_strips` to say
    lines = lines if app else lines.replace(b"\t", b"")
    try:
        text = lines.decode()
    except UnicodeDecodeError as error:
        yield f"not UTF-8: {lines[max(0, error.start - 20) : error.start + 20]!r}"
        text = lines.decode(errors="replace")
    yield from wrong_text(text)


def wrong_text(text: str) -> Iterator[str]:
    """Control, direction, zero-width and tag characters, each with what stands around it."""
    for pattern, what in ((_CONTROL, "control"), (_HIDDEN, "hidden")):
        for match in pattern.finditer(text):
            name = unicodedata.name(match[0], f"U+{ord(match[0]):04X}")
            yield f"{what} {name} in {text[max(0, match.start() - 20) : match.end() + 20]!r}"


def wrong_strips(strips: Iterable[Strip]) -> Iterator[str]:
    """The same for what a screen is made of; and no links or actions but Markdown's own, which opens nothing here."""
    for strip in strips:
        yield from wrong_text(strip.text)
        for segment in strip:
            style = segment.style
            if style is None:
                continue
            action = str(style.meta.get("@click", "")) if style.meta else ""
            if style.link or (action and not re.match(r"link\(|\('?link", action)):
                yield f"a link or an action in {segment.text!r}: {style.link or action}"
