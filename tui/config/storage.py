"""Reading the file and replacing it in one step, so that a crash leaves the old or the new one, never a torn one.

A save writes everything to a temporary file in the same directory, compares the file with the snapshot a last time, and
renames. Between two instances of this app the directory's lock closes the gap between that comparison and the rename;
for other programs the two files are swapped, where the system can, and what came out is compared once more.
"""

from __future__ import annotations

import os
import stat
import time
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final

import msgspec

from tui.config.disk import LOCK_WAIT_S, as_storage_error, directory_lock, exchange, sync_directory
from tui.config.errors import ChangedOnDiskError, StorageError
from tui.config.syntax import MOST_BYTES
from tui.config.temporary import OPEN_FLAGS, sweep, temporary
from tui.text import visible_line

__all__ = ["ChangedOnDiskError", "Snapshot", "StorageError", "opened", "read", "write"]

_QUIET_S: Final = 0.02
"""A file that was written a moment ago is read again after this long."""
_EMPTY_S: Final = 0.2
"""An empty one is looked at for this long: an editor that writes in place empties the file first, and the system may
let it wait there."""


class Snapshot(msgspec.Struct, frozen=True):
    """The file as it was when it was read."""

    path: Path
    raw: bytes | None
    """None: there is no such file yet, or it could not be read."""
    trouble: str = ""
    """Why the file could not be read, if it could not: then nothing is written in its place."""


def read(path: Path) -> Snapshot:
    """The file at `path`, or a snapshot without bytes if there is none. Raises `StorageError`."""
    sweep(_target(path))
    with as_storage_error("read", path):
        return Snapshot(path, _settled(path))


def opened(path: Path) -> Snapshot:
    """Like `read`, but a file that can't be read gives a snapshot that says why."""
    try:
        return read(path)
    except StorageError as error:
        return Snapshot(path, None, str(error))


def write(snapshot: Snapshot, raw: bytes) -> Snapshot:
    """Replace the file that `snapshot` shows by `raw`, atomically, and give the new snapshot.

    Symbolic links stay, and so do the mode and, where the system allows it, the owner. A new file is its owner's alone.

    Raises:
        ChangedOnDiskError: the file is no longer what the snapshot shows.
        StorageError: the disk, the directory or the rights do not allow it, or the file could not even be read.
    """
    if snapshot.trouble:
        raise StorageError(snapshot.trouble)
    with as_storage_error("saved", snapshot.path):
        target = _target(snapshot.path)
        if snapshot.raw is None:
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with directory_lock(target.parent, LOCK_WAIT_S):
            _refuse_if_changed(snapshot, target)
            with temporary(target, raw, partial(_take_after, target)) as fresh:
                _refuse_if_changed(snapshot, target)
                _put_in_place(fresh, target, snapshot)
            sync_directory(target.parent)
    return Snapshot(snapshot.path, raw)


def _target(path: Path) -> Path:
    """What `path` leads to in the end: the file that is replaced, so that a link to it stays a link."""
    return Path(os.path.realpath(path))


def _content(path: Path) -> bytes | None:
    """The bytes of a regular file, read without ever waiting for a pipe; None if there is none."""
    try:
        _refuse_irregular(path, path.stat())  # before it is opened: opening a device can do something
        descriptor = os.open(path, os.O_RDONLY | OPEN_FLAGS)
    except FileNotFoundError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        _refuse_irregular(path, os.fstat(descriptor))
        raw = file.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        limit = f"{MOST_BYTES // 1_000_000} MB"
        raise StorageError(f"{visible_line(str(path))} is larger than {limit}: too large for a configuration file.")
    return raw


def _refuse_irregular(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        what = "a directory" if stat.S_ISDIR(found.st_mode) else "a pipe, a socket or a device"
        raise StorageError(f"{visible_line(str(path))} is {what}, not a file. Name a file, with --config for example.")


def _holds(path: Path, raw: bytes) -> bool:
    try:
        return _content(path) == raw
    except (StorageError, OSError):  # it is no file at all, or one that may not be read
        return False


def _settled(path: Path) -> bytes | None:
    """The content, read again while somebody may still be writing it, for a bounded time."""
    until = time.monotonic() + _EMPTY_S
    raw = _content(path)
    while raw is not None and (not raw or 0 <= _age_s(path) < _QUIET_S) and time.monotonic() < until:
        time.sleep(_QUIET_S)
        raw = _content(path)
    return raw


def _age_s(path: Path) -> float:
    """Seconds since the file was written; negative if that is in the future or the file has just gone."""
    try:
        return time.time() - path.stat().st_mtime
    except FileNotFoundError:
        return -1


def _refuse_if_changed(snapshot: Snapshot, target: Path) -> None:
    now = _content(target) if _target(snapshot.path) == target else None
    if now != snapshot.raw:
        raise _changed(snapshot, "is gone" if now is None else "was changed by another program")


def _changed(snapshot: Snapshot, what: str) -> ChangedOnDiskError:
    what = "appeared" if snapshot.raw is None else what
    return ChangedOnDiskError(
        f"{visible_line(str(snapshot.path))} {what} since it was read, so nothing was written. "
        "Read it again, and save again."
    )


def _take_after(target: Path, descriptor: int) -> None:
    """Give the new file the owner and the mode of the old one; a new file keeps 0600."""
    try:
        old = target.stat()
    except FileNotFoundError:
        return
    if not os.access(target, os.W_OK):
        path = visible_line(str(target))
        raise StorageError(f"{path} is write-protected. Allow writing (chmod u+w), then save again.")
    if hasattr(os, "fchown"):
        new = os.fstat(descriptor)
        if (new.st_uid, new.st_gid) != (old.st_uid, old.st_gid):
            with suppress(OSError):  # only root may give a file away
                os.fchown(descriptor, old.st_uid, old.st_gid)
    if hasattr(os, "fchmod"):
        os.fchmod(descriptor, stat.S_IMODE(old.st_mode))


def _put_in_place(fresh: Path, target: Path, snapshot: Snapshot) -> None:
    """Swap with the target, and back if it was not what the snapshot shows; a new file is linked, or fails alike."""
    if snapshot.raw is not None:
        if not exchange(fresh, target):
            fresh.replace(target)
        elif not _holds(fresh, snapshot.raw):
            exchange(fresh, target)
            raise _changed(snapshot, "was changed by another program")
        return
    try:
        target.hardlink_to(fresh)
    except FileExistsError as error:
        raise _changed(snapshot, "appeared") from error
    except OSError:  # a file system without links
        fresh.replace(target)
