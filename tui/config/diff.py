"""What a save changes, as a person reads it: a unified diff in which no secret is shown.

The lines are compared as they are and masked only then, so that a changed secret still shows as a changed line. The
masking needs no valid TOML: it looks for keys whose names say that they hold a secret, also in comments.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Final

from tui.config.schema import FIELDS
from tui.text import visible

BULLETS: Final = "••••••••"
_CONTEXT: Final = 2

_KEY: Final = re.compile(r"""((?<![A-Za-z0-9_-])[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')[ \t]*=[ \t]*""")
_END: Final = r"(?=[ \t]*(?:[#,}\]\n]|\Z))"
# No possessive quantifiers: those of Python 3.11.0 to 3.11.4 miss matches.
_VALUE: Final = re.compile(
    r'(?s:"""[^"\\]*(?:(?:\\.|"{1,2}(?!"))[^"\\]*)*"{3,5}' + r"|'''[^']*(?:'{1,2}(?!')[^']*)*'{3,5}"
    r'|""".*' + r"|'''.*)"  # never closed: everything below may be part of it
    rf'|"[^"\\\n]*(?:\\.[^"\\\n]*)*"{_END}' + rf"|'[^'\n]*'{_END}"
    r"|[\[{][^\]}]*[^\n]*|[^\n]*"
)
_SECRET_NAME: Final = re.compile(
    r"(?i)secret|passw|credential|authorization|jwt|token(?!iz)|(?:^|[_.-]|api|access|private)keys?(?:[_-]?id)?$"
)
_HARMLESS: Final = re.compile(rf"(?:true|false|[+-]?[0-9][0-9_.]*){_END}")
_USERINFO: Final = re.compile(r"(?<=://)[^/\s\"'@]+(?=@)")


def unified(before: bytes, after: bytes, name: str) -> list[str]:
    """The change as lines of a unified diff, without line ends; secrets and control characters in it are masked."""
    was, now = _lines(before), _lines(after)
    skip = max(0, _common(was, now) - _CONTEXT)
    spare = max(0, _common(was[skip:][::-1], now[skip:][::-1]) - _CONTEXT)
    matcher = SequenceMatcher(None, was[skip : len(was) - spare], now[skip : len(now) - spare], autojunk=False)
    old, new = masked(before), masked(after)
    output: list[str] = []
    for group in matcher.get_grouped_opcodes(_CONTEXT):
        blocks = [(tag, slice(a + skip, b + skip), slice(c + skip, d + skip)) for tag, a, b, c, d in group]
        first, last = blocks[0], blocks[-1]
        output.append(f"@@ -{_range(first[1].start, last[1].stop)} +{_range(first[2].start, last[2].stop)} @@")
        for tag, a, b in blocks:
            if tag == "equal":
                output += (f" {line}" for line in new[b])
            else:
                output += [*(f"-{line}" for line in old[a]), *(f"+{line}" for line in new[b])]
    return [f"--- {name}", f"+++ {name}", *output] if output else []


def masked(raw: bytes) -> list[str]:
    """The lines of a file, without line ends, with bullets for each secret; any bytes will do."""
    text = raw.removeprefix(codecs.BOM_UTF8).decode(errors="replace").replace("\r\n", "\n")
    if not text:
        return []
    text = _USERINFO.sub(BULLETS, text.removesuffix("\n"))
    shown, position = "", 0
    for start, end in _secrets(text):
        shown += text[position:start] + "\n".join(BULLETS for _ in text[start:end].split("\n"))
        position = end
    return [visible(line) for line in (shown + text[position:]).split("\n")]


def _secrets(text: str) -> Iterator[tuple[int, int]]:
    position = 0
    while key := _KEY.search(text, position):
        position = key.end()
        name = key[1].strip("\"'")
        field = FIELDS.get(name)
        if not (field.secret if field else _SECRET_NAME.search(name)):
            continue
        value = _VALUE.match(text, position)
        if value and value[0].strip() not in ("", '""', "''") and (field or not _HARMLESS.match(text, position)):
            position = value.end()
            yield value.span()


def _lines(raw: bytes) -> list[bytes]:
    lines = raw.split(b"\n")
    return lines if lines[-1] else lines[:-1]


def _common(one: Sequence[bytes], other: Sequence[bytes]) -> int:
    """How many lines at the start are the same."""
    pairs = zip(one, other, strict=False)
    return next((index for index, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _range(start: int, stop: int) -> str:
    """A range of lines as a unified diff writes it."""
    length = stop - start
    return f"{start + 1}" if length == 1 else f"{start + (length > 0)},{length}"
