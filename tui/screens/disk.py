"""Reading and writing the file beside the event loop."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tui.config.storage import Snapshot, StorageError, read, save
from tui.threads import StalledError, aside

BOUND_S: Final = 20.0
"""A network file system may take this long, not longer."""


async def read_aside(path: Path) -> Snapshot:
    """The file at `path`. Raises `StorageError`, also when the disk does not answer."""
    try:
        return await aside(lambda: read(path), BOUND_S)
    except StalledError:
        raise StorageError(f"{path} could not be read within {BOUND_S:g} s. Try again.") from None


async def write_aside(snapshot: Snapshot, raw: bytes, *, in_place: bool | None = None) -> Snapshot:
    """As `storage.save`. Raises `StorageError`, also when the disk does not answer."""
    try:
        return await aside(lambda: save(snapshot, raw, in_place=in_place), BOUND_S)
    except StalledError:
        message = (
            f"{snapshot.path} was not written within {BOUND_S:g} s; it may still be. Reload it before the next save."
        )
        raise StorageError(message) from None
