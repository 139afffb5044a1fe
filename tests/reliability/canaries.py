"""Point five, what must be found nowhere: four keys, and the search for any part of them in any form."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

TYPED: Final = "sk-canary-typed-4Tq8ZbW2nR7x"
IN_FILE: Final = "sk-canary-filed-9Lm3VkJ6dP1c"
IN_ENV: Final = "sk-canary-envir-2Xw5GhY8sF0u"
OWN: Final = "sk-canary-ownva-7Dr1QaE4tN6z"
CANARIES: Final = (TYPED, IN_FILE, IN_ENV, OWN)

_PIECE: Final = 10
"""So many characters in a row are a leak, but for what all four begin with."""
_SHARED: Final = len("sk-canary-")
_TAG: Final = re.compile(r"<[^>]*>")
_BETWEEN: Final = re.compile(r"[\s\u2500-\u257f\u00a0]+")


def _pieces(key: str) -> Iterator[str]:
    for form in (key, base64.b64encode(key.encode()).decode(), key[::-1]):
        yield from (form[at : at + _PIECE] for at in range(len(form) - _PIECE + 1))


_NEEDLES: Final = {key: frozenset(piece for piece in _pieces(key) if piece != key[:_SHARED]) for key in CANARIES}
_SHARED_NEEDLES: Final = frozenset.intersection(*_NEEDLES.values())


def leaked(text: str, but: Iterable[str] = ()) -> list[str]:
    """Which keys a text has a part of, as it is or over the ends of lines; `but` those that are there rightly."""
    plain = _BETWEEN.sub("", text)
    return [
        key
        for key in CANARIES
        if key not in but and any(piece in text or piece in plain for piece in _NEEDLES[key] - _SHARED_NEEDLES)
    ]


def leaked_picture(svg: str) -> list[str]:
    """The same for an SVG: its letters, without its tags."""
    return leaked(html.unescape(_TAG.sub("", svg))) or leaked(svg)


def leaked_files(folder: Path, but: Iterable[tuple[Path, str]] = ()) -> Iterator[str]:
    """Every file below a folder that holds a key; `but` those in which the user has put one."""
    allowed = set(but)
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            rightly = [key for file, key in allowed if file == path]
            yield from (f"{key[:15]} in {path.name}" for key in leaked(path.read_text("latin-1"), rightly))


def leaked_processes(pids: Iterable[int]) -> Iterator[str]:
    """Processes whose command line or environment holds a key; a fork that is no command yet has its parent's."""
    for pid in pids:
        names = ("cmdline",) if _is_fork(pid) else ("cmdline", "environ")
        yield from (f"{key[:15]} in /proc/{pid}/{name}" for name in names for key in leaked(_of_process(pid, name)))


def _is_fork(pid: int) -> bool:
    """Whether a process still is what started it, as in the moment before it becomes its own command."""
    parent = re.search(r"^PPid:\s(\d+)", _of_process(pid, "status"), re.MULTILINE)
    return parent is not None and _of_process(int(parent[1]), "cmdline") == _of_process(pid, "cmdline")


def _of_process(pid: int, name: str) -> str:
    try:
        return Path(f"/proc/{pid}/{name}").read_text("latin-1")
    except OSError:  # it has ended
        return ""
