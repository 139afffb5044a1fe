"""Reading the file and replacing it in one step, so that a crash leaves the old or the new one, never a torn one."""

from __future__ import annotations

from pathlib import Path

import msgspec

from tui.config.document import ConfigError


class StorageError(ConfigError):
    """The file could not be read or written; the message says why and what to do. The old file is intact."""


class ChangedOnDiskError(StorageError):
    """Someone else wrote the file since it was read; nothing was written."""


class Snapshot(msgspec.Struct, frozen=True):
    """The file as it was when it was read."""

    path: Path
    raw: bytes | None
    """None: there is no such file yet."""


def read(path: Path) -> Snapshot:
    """The file at `path`, or a snapshot without bytes if there is none. Raises `StorageError`."""
    raise NotImplementedError


def write(snapshot: Snapshot, raw: bytes) -> Snapshot:
    """Replace the file that `snapshot` shows by `raw`, atomically, and give the new snapshot.

    Raises:
        ChangedOnDiskError: the file is no longer what the snapshot shows.
        StorageError: the disk, the directory or the rights do not allow it.
    """
    raise NotImplementedError
