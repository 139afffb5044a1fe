"""What the app draws where the terminal shows no Unicode: every sign has a stand-in of the same width.

A locale says what a terminal can show; the console of Linux and old terminals have too few signs in any locale. Text
from outside passes through here too: accents are left out, and what then is still no ASCII becomes a question mark.
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

# ruff: noqa: RUF001  # signs that look like others are what this module is about
_SIGNS: Final = {
    "─━╌═▔▁": "-", "│┃║▏▎▕┊": "|", "┌┐└┘├┤┬┴┼╭╮╰╯┏┓┗┛╶╴": "+",
    "▌▊▍█▐": ">", "▄▀▂▃▅▆▇▉▋": "#", "●•◉■▪": "*", "○◦□": "o", "★☆": "*", "·‧": "-", "…": ".",
    "✓✔": "+", "✗✘✖×": "x", "⟳↻": "@", "▸▶►→❯›": ">", "◂◀◄←‹": "<", "▾▼↓": "v", "▲▴↑": "^",
    "“”„«»": '"', "‘’‚": "'", "–—‐‑−": "-", "⏎": "<", "⌫": "<", "\u00a0\u2009\u202f": " ", "�": "?",
}  # fmt: skip
_STAND_INS: Final = {ord(sign): stand_in for signs, stand_in in _SIGNS.items() for sign in signs}
_POOR: Final = ("linux", "vt", "dumb", "ansi", "cons25")
"""How the names of terminals with few signs begin."""
_COERCED: Final = ("C.UTF-8", "C.utf8", "UTF-8")


def shows_unicode(env: Mapping[str, str], *, utf8_mode: bool | None = None) -> bool:
    """Whether the terminal of this environment shows more than ASCII. No locale at all counts as a modern one.

    Args:
        env: as Python shows it: where the locale was C, it has put a UTF-8 one into LC_CTYPE by itself.
        utf8_mode: whether Python has turned its UTF-8 mode on; asked for if it is not given.
    """
    if env.get("TERM", "").startswith(_POOR):
        return False
    mode = bool(sys.flags.utf8_mode) if utf8_mode is None else utf8_mode
    category = env.get("LC_CTYPE", "")
    own = "" if mode and category in _COERCED else category
    locale = env.get("LC_ALL") or own or env.get("LANG") or ""
    return not locale or "utf" in locale.lower()


@lru_cache(4096)
def ascii_only(text: str) -> str:
    """`text` in ASCII, as wide as it was."""
    if text.isascii():
        return text
    return "".join(_stand_in(sign) for sign in text)


class AsciiFilter(LineFilter):
    """Draws every line of every widget in ASCII."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002  # LineFilter's signature
        """The segments, with stand-ins."""
        return [Segment(ascii_only(text), style, control) for text, style, control in segments]


def _stand_in(sign: str) -> str:
    if sign.isascii():
        return sign
    known = sign.translate(_STAND_INS)
    if known.isascii():
        return known
    width = cell_len(sign)
    bare = unicodedata.normalize("NFKD", sign).encode("ascii", "ignore").decode()
    return bare if bare and len(bare) == width else "?" * width
