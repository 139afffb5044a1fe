"""Reading the file and replacing it in one step, so that a crash leaves the old or the new one, never a torn one.

A file that no new one can replace (mounted by itself, or in a directory that can't be written), or that has other names
(hard links), is written in place, but only if the caller asks for it: `in_place` says what that means.

A save writes everything to a temporary file in the same directory, compares the file with the snapshot a last time, and
renames. Between two instances of this app the directory's lock closes the gap between that comparison and the rename;
for other programs the two files are swapped, where the system can, and what came out is compared once more.
"""

from __future__ import annotations

import errno
import os
import stat
import time
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final

import msgspec

from tui.config.disk import (
    LOCK_WAIT_S,
    as_storage_error,
    directory_lock,
    exchange,
    explained,
    is_mount_point,
    is_read_only,
    sync_directory,
)
from tui.config.errors import ChangedOnDiskError, HalfWrittenError, InPlaceNeededError, StorageError
from tui.config.in_place import can_write_into, left_copy, overwrite
from tui.config.syntax import MOST_BYTES
from tui.config.temporary import OPEN_FLAGS, sweep, temporary
from tui.text import visible_line

__all__ = [
    "ChangedOnDiskError",
    "HalfWrittenError",
    "InPlaceNeededError",
    "Snapshot",
    "StorageError",
    "opened",
    "read",
    "save",
    "write",
]

_NOT_REPLACED: Final = frozenset({errno.EBUSY, errno.EXDEV, errno.EPERM, errno.EACCES, errno.EROFS})
"""Why a new file can't take the place of one that may itself be written."""
_NOT_ATOMIC: Final = (
    "It can be written in place instead. That is not atomic: a write that is cut off leaves a part of the change in "
    "the file, and the old content in a copy that the next start names."
)
_QUIET_S: Final = 0.02
"""A file that was written a moment ago is read again after this long."""
_EMPTY_S: Final = 0.2
"""An empty one is read again until it has been empty for this long: an editor that writes in place empties the file
first, and the system may let it wait there."""


class Snapshot(msgspec.Struct, frozen=True):
    """The file as it was when it was read."""

    path: Path
    raw: bytes | None
    """None: there is no such file yet, or it could not be read."""
    trouble: str = ""
    """Why the file could not be read, if it could not: then nothing is written in its place."""
    before: Path | None = None
    """A write in place was cut off, and this is a copy of what the file held before; None if there was none."""


def read(path: Path) -> Snapshot:
    """The file at `path`, or a snapshot without bytes if there is none. Raises `StorageError`."""
    target = _target(path)
    sweep(target)
    with as_storage_error("read", path):
        raw = _settled(path)
    return Snapshot(path, raw, before=left_copy(target, raw))


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
        InPlaceNeededError: it can't be replaced, or has other names, but can be written in place.
        StorageError: the disk, the directory or the rights do not allow it, or the file could not even be read.
    """
    return _written(snapshot, raw, in_place=None)


def save(snapshot: Snapshot, raw: bytes, *, in_place: bool | None) -> Snapshot:
    """As `write`, but for a file that can't be written so, do as the user has chosen.

    Args:
        snapshot: the file as it was read.
        raw: what it is to hold.
        in_place: True writes into the file itself, which is not atomic. False replaces it even if it has other names,
            which then keep the old content. None is `write`.

    Raises:
        HalfWrittenError: a write in place failed, and the old content could not be put back.
    """
    return write(snapshot, raw) if in_place is None else _written(snapshot, raw, in_place=in_place)


def _written(snapshot: Snapshot, raw: bytes, *, in_place: bool | None) -> Snapshot:
    if snapshot.trouble:
        raise StorageError(snapshot.trouble)
    with as_storage_error("saved", snapshot.path):
        target = _target(snapshot.path)
        if snapshot.raw is None:
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with directory_lock(target.parent, LOCK_WAIT_S):
            _refuse_if_changed(snapshot, target)
            if in_place and snapshot.raw is not None:
                _overwrite(snapshot, target, snapshot.raw, raw)
            else:
                _replace(snapshot, target, raw, cuts_links=in_place is False)
    return Snapshot(snapshot.path, raw)


def _replace(snapshot: Snapshot, target: Path, raw: bytes, *, cuts_links: bool) -> None:
    if snapshot.raw is not None and not cuts_links:
        _refuse_to_cut_links(snapshot, target)
    try:
        with temporary(target, raw, partial(_take_after, target)) as fresh:
            _refuse_if_changed(snapshot, target)
            _put_in_place(fresh, target, snapshot)
    except OSError as error:
        if error.errno in _NOT_REPLACED and snapshot.raw is not None and can_write_into(target):
            raise InPlaceNeededError(f"{_why_not_replaced(snapshot.path, target, error)} {_NOT_ATOMIC}") from error
        raise
    sync_directory(target.parent)


def _overwrite(snapshot: Snapshot, target: Path, old: bytes, new: bytes) -> None:
    _refuse_protected(target)
    if not overwrite(target, old, new):
        raise _changed(snapshot, "was changed by another program")


def _refuse_to_cut_links(snapshot: Snapshot, target: Path) -> None:
    others = target.stat().st_nlink - 1
    if others > 0:
        names = "another name" if others == 1 else f"{others} other names"
        raise InPlaceNeededError(
            f"{visible_line(str(snapshot.path))} can't be saved as usual: the file has {names} (hard links), and a new "
            f"file in its place would not be theirs. {_NOT_ATOMIC}",
            replaceable=True,
        )


def _why_not_replaced(path: Path, target: Path, error: OSError) -> str:
    why = ""
    if error.errno == errno.EBUSY and is_mount_point(target):
        why = (
            "it is mounted by itself, as docker's `-v FILE:FILE` does it, so no new file can replace it. "
            "Mounting its directory would allow that."
        )
    elif error.errno == errno.EROFS:
        why = "for its directory the disk is mounted read-only. Choose a file in another one."
    elif isinstance(error, PermissionError) and target.parent.stat().st_mode & stat.S_ISVTX:
        why = "in its directory (mode +t) only its owner may replace it."
    return f"{visible_line(str(path))} can't be saved as usual: {why}" if why else explained("saved", path, error)


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
    while raw is not None and 0 <= _age_s(path) < (_QUIET_S if raw else _EMPTY_S) and time.monotonic() < until:
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


def _refuse_protected(target: Path) -> None:
    if is_read_only(target):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))
    if not os.access(target, os.W_OK):
        path = visible_line(str(target))
        raise StorageError(f"{path} is write-protected. Allow writing (chmod u+w), then save again.")


def _take_after(target: Path, descriptor: int) -> None:
    """Give the new file the owner and the mode of the old one; a new file keeps 0600."""
    try:
        old = target.stat()
    except FileNotFoundError:
        return
    _refuse_protected(target)
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
