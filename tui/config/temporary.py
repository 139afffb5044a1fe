"""Files that are written whole before they get their name: a temporary one beside it, its owner's alone, then a rename.

A killed save leaves its temporary file behind; `sweep` removes those of the file that is to be read or written next.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from tui.config.disk import LOCK_WAIT_S, directory_lock, sync_directory, write_all

OPEN_FLAGS: Final = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
"""For every file that may be something else than a file: opening a pipe never waits."""

_SUFFIX: Final = ".llm-backends.tmp"
_OLD_S: Final = 86_400.0
"""Where there are no locks, a temporary file of this age is a leftover."""


def put(path: Path, raw: bytes) -> None:
    """Replace the file by one with this content, its owner's alone; missing directories are made. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    sweep(path)
    with directory_lock(path.parent, LOCK_WAIT_S), temporary(path, raw) as fresh:
        fresh.replace(path)
    sync_directory(path.parent)


@contextmanager
def temporary(path: Path, raw: bytes, begin: Callable[[int], None] | None = None) -> Iterator[Path]:
    """A file beside `path` that holds `raw`, safe on the disk; gone afterwards, if it has not been renamed.

    Whoever uses it holds the directory's lock, or another process may sweep the file away.

    Args:
        path: the file that it is to become.
        raw: all that it holds.
        begin: is given the descriptor while the file is empty, and may give it another mode or owner.
    """
    fresh = path.with_name(f".{path.name}.{os.urandom(4).hex()}{_SUFFIX}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | OPEN_FLAGS, 0o600)
    try:
        try:
            if begin is not None:
                begin(descriptor)
            write_all(descriptor, raw)
        finally:
            os.close(descriptor)
        yield fresh
    finally:
        fresh.unlink(missing_ok=True)


def sweep(path: Path) -> None:
    """Remove the temporary files that a killed save of this file left behind.

    A save holds the directory's lock for as long as it runs, so whoever holds that lock sees leftovers only.
    """
    # A leftover harms nobody: whatever keeps one there, the file can still be read.
    with suppress(OSError), directory_lock(path.parent, 0) as locked:
        for found in path.parent.iterdir():
            if _is_of(path, found.name) and (locked or time.time() - found.lstat().st_mtime > _OLD_S):
                found.unlink()


def _is_of(path: Path, name: str) -> bool:
    return name.startswith(f".{path.name}.") and name.endswith(_SUFFIX)
