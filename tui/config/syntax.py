"""Bytes to values by tomllib, and for bytes that are not TOML the line, the column and a reason in plain words."""

from __future__ import annotations

import codecs
import re
import tomllib
from typing import Any, Final

from tui.config.errors import BadFileError

MOST_BYTES: Final = 4_000_000
"""A larger file is refused; a real one has a few hundred lines."""

_LONG_NUMBER: Final = re.compile(r"0[xob][0-9A-Fa-f_]{1000}")
"""Tomllib refuses a decimal number of more than 4,300 digits; in another base it takes one of any length."""
_MOST_BITS: Final = 14_000
"""About 4,200 decimal digits."""
_PLACE: Final = re.compile(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", re.DOTALL)
_VALUE: Final = re.compile(r"[^=]*=\s*([^\s#,\]}]*)")
_OTHER_ENCODINGS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_HINTS: Final = (
    ("Cannot overwrite a value", "this key is already set in this table; remove one of the two"),
    ("Cannot declare", "this table is already there; put the keys of both under one header"),
    ("Unescaped '\\'", "write \\\\ for a backslash, or put the text in 'single quotes'"),
)
_VALUE_HINTS: Final = (
    (re.compile(r"(?i)(none|null|nil)"), "TOML has no {0}; remove the line"),
    (re.compile(r"(?i)(true|false)"), "TOML writes true and false in small letters"),
    (re.compile(r"()"), "the value is missing; add one or remove the line"),
    (re.compile(r"()[+-]?\.\d.*"), "a number needs a digit before the point"),
    (re.compile(r"()[^\W\d].*|()[/~.<$].*"), "text needs quotes"),
)


def read_text(raw: bytes) -> str:
    """The text of a TOML file, without the byte order mark; line ends stay as they are.

    Raises:
        BadFileError: it is not UTF-8, holds NUL bytes, or is too large.
    """
    if len(raw) > MOST_BYTES:
        raise BadFileError(f"the file is larger than {MOST_BYTES // 1_000_000} MB; it can't be a configuration")
    if raw.startswith(_OTHER_ENCODINGS):
        raise BadFileError("the file is UTF-16; save it as UTF-8", 1, 1)
    if (nul := raw.find(0)) >= 0:
        raise BadFileError("the file holds a NUL byte, so it is not a text file", *_place(raw, nul))
    try:
        return raw.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        offset = error.start + len(raw) - len(error.object)
        raise BadFileError("the text is not UTF-8; save the file as UTF-8", *_place(raw, offset)) from error


def read_values(text: str) -> dict[str, Any]:
    """The values of a TOML text. Raises `BadFileError` if it is none."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _explained(text, str(error)) from error
    except ValueError as error:  # a number with thousands of digits
        raise BadFileError(f"a number can't be read: {error}") from error
    except RecursionError as error:
        raise BadFileError("lists or tables are nested too deeply") from error
    if (found := _LONG_NUMBER.search(text)) and _unwritable(values):
        line = text.count("\n", 0, found.start()) + 1
        raise BadFileError("this number has thousands of digits", line, 1)
    return values


def _unwritable(value: object) -> bool:
    """Whether a number is in there that Python reads but does not print."""
    if isinstance(value, dict):
        return any(map(_unwritable, value.values()))
    if isinstance(value, list):
        return any(map(_unwritable, value))
    return isinstance(value, int) and value.bit_length() > _MOST_BITS


def _explained(text: str, message: str) -> BadFileError:
    lines = text.split("\n")
    found = _PLACE.fullmatch(message)
    reason = found[1] if found else message
    line, column = len(lines), len(lines[-1]) + 1
    if found and found[2]:
        line, column = int(found[2]), int(found[3])
    hint = _hint(reason, lines[min(line, len(lines)) - 1])
    return BadFileError(f"{reason}: {hint}" if hint else reason, line, column)


def _hint(reason: str, line: str) -> str:
    if reason == "Invalid value" and (found := _VALUE.match(line)):
        for pattern, hint in _VALUE_HINTS:
            if word := pattern.fullmatch(found[1]):
                return hint.format(word[1])
    return next((hint for start, hint in _HINTS if reason.startswith(start)), "")


def _place(raw: bytes, offset: int) -> tuple[int, int]:
    start = raw.rfind(b"\n", 0, offset) + 1
    column = len(raw[start:offset].decode(errors="replace")) + 1
    return raw.count(b"\n", 0, offset) + 1, column
