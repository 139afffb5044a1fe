"""Where chats are saved: the folder, the names, and writing a file whole or not at all. Blocking: call it aside."""

from __future__ import annotations

import os
import re
import stat
from datetime import datetime
from pathlib import Path
from typing import Final

from tui.chat.key_shaped import key_shaped
from tui.chat.transcript import Loaded, load
from tui.config.disk import LOCK_WAIT_S, as_storage_error, directory_lock, sync_directory
from tui.config.errors import StorageError
from tui.config.folders import data_folder
from tui.config.lookup import here
from tui.config.temporary import OPEN_FLAGS, sweep, temporary
from tui.text import visible_line

MOST_BYTES: Final = 64_000_000
"""A larger file is not read; the longest chats have a few million characters."""
SUFFIX: Final = ".md"
_NAME_CHARS: Final = 60


class AlreadyThereError(StorageError):
    """A file of that name exists, and nobody has said that it may go."""


def default_folder() -> Path:
    """`transcripts/` in the user's data directory."""
    return data_folder() / "transcripts"


def new_path(folder: Path, model: str, now: datetime) -> Path:
    """A path that is free, named after time and model: `2026-11-01-1405-gpt-4o.md`."""
    name = "chat" if key_shaped(model) else re.sub(r"[^A-Za-z0-9._-]+", "-", model.rpartition("/")[2]).strip(".-")
    stem = f"{now:%Y-%m-%d-%H%M}-{name[:_NAME_CHARS] or 'chat'}"
    path, number = folder / f"{stem}{SUFFIX}", 1
    while os.path.lexists(path):
        number += 1
        path = folder / f"{stem}-{number}{SUFFIX}"
    return path


def typed_path(text: str, folder: Path) -> Path:
    """What a person means: a mere name lies in `folder`, `~` is the home directory, all else counts from here.

    Raises `StorageError` if the current directory, on which the path depends, is gone.
    """
    typed = os.path.expanduser(text.strip())  # noqa: PTH111  # unlike Path's, it leaves an unknown user's home alone
    return here(typed) if os.sep in typed else folder / typed


def named(path: Path, folder: Path) -> Path:
    """The path to save under: in `folder` the name ends as those that are listed, elsewhere it ends in something."""
    ends = path.suffix == SUFFIX if path.parent == folder else bool(path.suffix)
    return path if ends else path.with_name(path.name + SUFFIX)


def newest_first(folder: Path) -> list[Path]:
    """The saved chats of a folder, the last one first; none where there is no such folder."""
    try:
        found = [(path.stat().st_mtime, path) for path in folder.glob(f"*{SUFFIX}") if path.is_file()]
    except OSError:  # one that went away meanwhile, or a folder that may not be read: a path can still be typed
        return []
    return [path for _, path in sorted(found, reverse=True)]


def save(path: Path, raw: bytes, *, replace: bool = False) -> None:
    """Put a file of this content there in one step, for its owner alone; missing directories are made.

    Raises:
        AlreadyThereError: there is a file, and `replace` does not say that it may go.
        StorageError: the disk, the directory or the rights do not allow it.
    """
    with as_storage_error("saved", path):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        sweep(path)
        with directory_lock(path.parent, LOCK_WAIT_S), temporary(path, raw) as fresh:
            if replace:
                fresh.replace(os.path.realpath(path))  # a link to the file stays a link
            else:
                _link(fresh, path)
        sync_directory(path.parent)


def open_chat(path: Path) -> Loaded:
    """The chat in a file.

    Raises:
        StorageError: there is no such file, or it can't be read.
        NotATranscriptError: it is no saved chat; the message names line and reason.
    """
    if not path.exists():
        raise StorageError(f"There is no file {visible_line(str(path))}. Choose another one.")
    with as_storage_error("read", path):
        if not stat.S_ISREG(path.stat().st_mode):
            raise StorageError(f"{visible_line(str(path))} is not a file. Choose one.")
        with os.fdopen(os.open(path, os.O_RDONLY | OPEN_FLAGS), "rb") as file:
            raw = file.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        raise StorageError(f"{visible_line(str(path))} is larger than {MOST_BYTES // 1_000_000} MB: no saved chat.")
    return load(raw)


def _link(fresh: Path, path: Path) -> None:
    """Give the file its name, unless the name is taken."""
    taken = AlreadyThereError(f"{visible_line(str(path))} is already there.")
    try:
        path.hardlink_to(fresh)
    except FileExistsError:
        raise taken from None
    except OSError:  # a file system without links
        if os.path.lexists(path):
            raise taken from None
        fresh.replace(path)
