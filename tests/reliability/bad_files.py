"""Files that are no configuration: toml-test's invalid set, and what else can stand where a file is expected."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from tests.config.corpus import INVALID

_SAMPLES: Final = {
    "OpenHands' old template": b"[llm]\nmodel = 'a/b'\nnative_tool_calling = None\n",
    "unquoted text": b"[llm]\nmodel = gpt-4o\n",
    "a key twice": b"[llm]\nmodel = 'a'\nmodel = 'b'\n",
    "a table twice": b"[llm]\n[core]\n[llm]\n",
    "an open string": b"[llm]\nmodel = 'a\n",
    "a merge conflict": b"[llm]\n<<<<<<< HEAD\nmodel = 'a'\n=======\nmodel = 'b'\n>>>>>>> other\n",
    "binary": bytes(range(256)) * 40,
    "NUL bytes": b"[llm]\nmodel = 'a\x00b'\n",
    "UTF-16": "[llm]\nmodel = 'a'\n".encode("utf-16"),
    "Latin-1": "[llm]\n# größer\n".encode("latin-1"),
    "escape sequences": b"[llm]\nmodel = \x1b]52;c;eA==\x07\n",
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(500),
}
_DEEP: Final = b"[llm]\nmodel = " + b"[" * 5_000 + b"]" * 5_000 + b"\n"
_LARGE: Final = 10_000_000


class BadFile(msgspec.Struct, frozen=True):
    """One such file, and what is to be said about it."""

    name: str
    put: Callable[[Path], None]
    says: str
    """Words of the reason; "line " where the file is text."""
    denied: bool = False
    """Whether the system refuses to open it."""

    def meanwhile(self, path: Path) -> AbstractContextManager[None]:
        """What has to hold while it is looked at."""
        return _no_permission(path) if self.denied else nullcontext()


def texts() -> Iterator[BadFile]:
    """Those that can be read and are no TOML."""
    for name, raw in _SAMPLES.items():
        yield BadFile(name, partial(_put, raw), "line ")
    for file in INVALID:
        yield BadFile(f"{file.parent.name}/{file.stem}", partial(_put, file.read_bytes()), "line ")


def others() -> Iterator[BadFile]:
    """Those that can't even be read, or not understood as text."""
    yield BadFile("nested too deeply", partial(_put, _DEEP), "too deeply")
    yield BadFile("10 MB", partial(_put, b"#" * _LARGE), "larger than 4 MB")
    if sys.platform != "win32":
        yield BadFile("a pipe", os.mkfifo, "is a pipe")
    yield BadFile("a directory", Path.mkdir, "is a directory")
    yield BadFile("a device", lambda path: path.symlink_to("/dev/zero"), "a device")
    yield BadFile("links in a circle", lambda path: path.symlink_to(path.name), "circle")
    yield BadFile("no permission", partial(_put, b"[llm]\n"), "no right to read it", denied=True)


def fingerprint(path: Path) -> object:
    """Anything that a write would change."""
    found = path.lstat()
    text = path.read_bytes() if path.is_file() and found.st_size <= _LARGE else b""
    return found.st_ino, found.st_mtime_ns, found.st_mode, text, sorted(path.parent.iterdir())


def _put(raw: bytes, path: Path) -> None:
    path.write_bytes(raw)
    os.utime(path, (1, 1))


@contextmanager
def _no_permission(path: Path) -> Iterator[None]:
    """As the system answers those who are not root."""
    real: Callable[..., Any] = os.open

    def deny(name: object, *rest: object, **options: object) -> object:
        if str(name) == str(path):
            raise PermissionError(13, os.strerror(13))
        return real(name, *rest, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "open", deny)
        yield
