"""The one problem of a file that does not parse, and its repair where the line says what was meant."""

from __future__ import annotations

import re
from typing import Final

from tui.config.lint.problem import Problem, Rewrite
from tui.config.toml.document import BadFileError
from tui.text import visible_line

_EFFECT: Final = "OpenHands ignores the whole file and works with its own defaults."
_NOTHING: Final = re.compile(rb"[ \t]*[A-Za-z0-9_-]+[ \t]*=[ \t]*(?:None|null|nil|NULL|Null)[ \t]*(?:#.*)?\r?")
_SWITCH: Final = re.compile(rb"([ \t]*[A-Za-z0-9_-]+[ \t]*=[ \t]*)(True|False|TRUE|FALSE)([ \t]*(?:#.*)?\r?)")


def bad_file(raw: bytes, error: BadFileError) -> Problem:
    """The problem that the file can't be parsed."""
    repair, fix = _repair(raw, error.line)
    return Problem(
        rule="syntax", severity="error", line=error.line, title=visible_line(error.reason), effect=_EFFECT, fix=fix,
        loses="file", repair=repair,
    )  # fmt: skip


def _repair(raw: bytes, number: int) -> tuple[Rewrite | None, str]:
    """Comment out `key = None`, or write `true` for `True`; anything else is for the one who wrote it."""
    lines = raw.split(b"\n")
    if not 0 < number <= len(lines):
        return None, "Correct the file."
    line = lines[number - 1]
    if _NOTHING.fullmatch(line):
        lines[number - 1] = b"#" + line
        return Rewrite(b"\n".join(lines)), "TOML has no None: comment the line out; a key that is not there is none."
    if found := _SWITCH.fullmatch(line):
        lines[number - 1] = found[1] + found[2].lower() + found[3]
        return Rewrite(b"\n".join(lines)), "Write true or false in small letters."
    return None, "Correct the line."
