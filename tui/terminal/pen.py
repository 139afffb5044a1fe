"""How cells are coloured: what an SGR sequence (`ESC [ … m`) does to the pen, and the shortest one from pen to pen."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

_ATTRIBUTES: Final = frozenset({"1", "2", "3", "4", "5", "6", "7", "8", "9", "21", "53"})
_FOREGROUND: Final = frozenset(map(str, (*range(30, 40), *range(90, 98))))
_BACKGROUND: Final = frozenset(map(str, (*range(40, 50), *range(100, 108))))
_SHOWS_ON_BLANKS: Final = frozenset({"4", "7", "9", "21", "53"})
"""Attributes that are seen where nothing stands: lines and swapped colours."""

_ENDED_BY: Final = {"1": "22", "2": "22", "3": "23", "4": "24", "7": "27", "9": "29"}
"""What ends an attribute alone, on every terminal that has the attribute."""


class UnsureError(ValueError):
    """The output holds something whose effect is not known here."""


class Pen(NamedTuple):
    """Attributes and colours as SGR parameters; "" is the terminal's own colour."""

    attributes: frozenset[str] = frozenset()
    fg: str = ""
    bg: str = ""

    @property
    def on_blank(self) -> Pen:
        """The same as far as it is seen where nothing stands."""
        return self if self.attributes & _SHOWS_ON_BLANKS else Pen(bg=self.bg)

    def over(self, blank: Pen) -> Pen:
        """The least change of this pen that draws such blanks."""
        if blank.attributes:
            return blank
        return Pen(self.attributes - _SHOWS_ON_BLANKS, self.fg, blank.bg)


PLAIN: Final = Pen()


@lru_cache(maxsize=4096)
def after(pen: Pen, parameters: str) -> Pen:
    """The pen after a sequence. Raises `UnsureError` for parameters that Textual does not send."""
    numbers = iter(parameters.split(";"))
    for number in numbers:
        pen = _one(pen, number, numbers)
    return pen


def _one(pen: Pen, number: str, rest: Iterator[str]) -> Pen:
    if number in ("", "0"):
        return PLAIN
    if number in _ATTRIBUTES:
        return pen._replace(attributes=pen.attributes | {number})
    colour = _long(number, rest) if number in ("38", "48") else number
    if number in ("39", "49"):
        colour = ""
    if number in _FOREGROUND:
        return pen._replace(fg=colour)
    if number in _BACKGROUND:
        return pen._replace(bg=colour)
    raise UnsureError(number)


def _long(number: str, rest: Iterator[str]) -> str:
    """A colour of 256 or of 16 million."""
    kind = next(rest, "")
    if kind not in ("2", "5"):
        raise UnsureError(number)
    return ";".join((number, kind, *(next(rest, "0") for _ in range(3 if kind == "2" else 1))))


@lru_cache(maxsize=4096)
def change(old: Pen | None, new: Pen) -> str:
    """The shortest sequence from one pen to another; None is a pen that is not known."""
    whole = ["0", *sorted(new.attributes), *filter(None, (new.fg, new.bg))]
    gone = frozenset() if old is None else old.attributes - new.attributes
    if old is None or not gone <= _ENDED_BY.keys():
        return f"\x1b[{';'.join(whole)}m"
    ended = {_ENDED_BY[attribute] for attribute in gone}
    kept = {attribute for attribute in old.attributes & new.attributes if _ENDED_BY.get(attribute) not in ended}
    parts = [*sorted(ended), *sorted(new.attributes - kept)]
    parts += [new.fg or "39"] if new.fg != old.fg else []
    parts += [new.bg or "49"] if new.bg != old.bg else []
    if not parts:
        return ""
    return min((f"\x1b[{';'.join(some)}m" for some in (parts, whole)), key=len)
