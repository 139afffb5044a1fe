"""Writing into a file that no new file can replace, with a copy of its old content for as long as that takes.

Such a write is not atomic: a kill or a power cut can leave a mix of old and new content. The copy is beside the file,
or in the user's state directory where nothing can be added beside it. Its name holds a fingerprint of the new content,
so that the next reader can tell a write that was cut off from one that was completed.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from tui.config.disk import directory_lock, lock, sync_directory, write_all
from tui.config.errors import HalfWrittenError, StorageError
from tui.config.folders import state_folder
from tui.config.temporary import OPEN_FLAGS, sweep, temporary
from tui.text import visible_line

_SUFFIX: Final = ".llm-backends.before"
_DIGITS: Final = 16
"""Length of a fingerprint in a name."""
_CUT_OFF_S: Final = 10.0
"""Where there are no locks, a copy of this age belongs to no write that is still under way."""


def can_write_into(path: Path) -> bool:
    """Whether the file itself can be opened for writing, whatever its directory allows."""
    try:
        os.close(os.open(path, os.O_RDWR | OPEN_FLAGS))
    except OSError:
        return False
    return True


def overwrite(target: Path, old: bytes, new: bytes) -> bool:
    """Replace the content `old` of the file by `new`, in place. The caller holds the directory's lock.

    If it fails half-way, the old content is put back. Nothing is cut off before all is written, so that on most file
    systems there is room for the old content even on a disk that is full.

    Returns:
        False if the file does not hold `old`, before or, because another program wrote it meanwhile, afterwards.

    Raises:
        OSError: it can't be written; it holds the old content.
        StorageError: no copy of the old content can be kept, so nothing was written.
        HalfWrittenError: it failed and the old content could not be put back.
    """
    descriptor = os.open(target, os.O_RDWR | OPEN_FLAGS)
    try:
        if not lock(descriptor):  # the directory's lock is another one where the file is mounted a second time
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        if _content(descriptor, len(old)) != old:
            return False
        with _copy(target, old, new) as copy:
            try:
                _fill(descriptor, new)
            except BaseException as error:  # an interrupt as well: the file may hold a part
                _put_back(descriptor, old, target, copy, error)
                raise
            if trouble := _trouble(target, new):
                raise HalfWrittenError(_half(target, trouble, copy))
    finally:
        os.close(descriptor)
    return True


def left_copy(target: Path, raw: bytes | None) -> Path | None:
    """What the file held before a write that was cut off; None if there was none.

    Copies that are of no use, because the file holds all of the old or all of the new content, are removed.

    Args:
        target: the file.
        raw: what it holds now.
    """
    found = []
    with suppress(OSError), directory_lock(target.parent, 0) as locked:
        for copy in _copies(target):
            with suppress(FileNotFoundError):
                written_s = copy.stat().st_mtime
                if not locked and time.time() - written_s < _CUT_OFF_S:
                    continue
                if raw is not None and (copy.read_bytes() == raw or _fingerprint(raw) == _meant(copy)):
                    copy.unlink()
                else:
                    found.append((written_s, copy))
    return max(found)[1] if found else None


def _fill(descriptor: int, raw: bytes) -> None:
    os.lseek(descriptor, 0, os.SEEK_SET)
    write_all(descriptor, raw)
    os.ftruncate(descriptor, len(raw))
    os.fsync(descriptor)


def _trouble(target: Path, new: bytes) -> str:
    """Why the file can't be taken to hold the new content; "" if it does."""
    try:
        return "" if target.read_bytes() == new else "another program wrote it at the same moment"
    except OSError as error:
        return error.strerror or "it can't be read again"


def _put_back(descriptor: int, old: bytes, target: Path, copy: Path, why: BaseException) -> None:
    try:
        _fill(descriptor, old)
    except OSError:
        reason = (why.strerror if isinstance(why, OSError) else "") or type(why).__name__
        raise HalfWrittenError(_half(target, reason, copy)) from why


def _half(target: Path, reason: str, copy: Path) -> str:
    return (
        f"{visible_line(str(target))} was written only in part ({reason}). What it held before is in "
        f"{visible_line(str(copy))}: copy that back."
    )


def _content(descriptor: int, size: int) -> bytes:
    """The first bytes of an open file, one more than `size`: enough to tell whether there are more."""
    os.lseek(descriptor, 0, os.SEEK_SET)
    pieces = []
    left = size + 1
    while left and (piece := os.read(descriptor, left)):
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)


@contextmanager
def _copy(target: Path, old: bytes, new: bytes) -> Iterator[Path]:
    """A copy of the old content, safe on the disk; it stays if the file was written only in part."""
    copy = _kept(target, old, _fingerprint(new))
    try:
        yield copy
    except HalfWrittenError:
        raise
    except BaseException:
        copy.unlink(missing_ok=True)
        raise
    copy.unlink(missing_ok=True)


def _kept(target: Path, old: bytes, meant: str) -> Path:
    end = f"{os.urandom(4).hex()}.{meant}{_SUFFIX}"
    for stem in (target, _elsewhere(target)):
        path = stem.with_name(f".{stem.name}.{end}")
        try:
            if stem != target:
                stem.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                sweep(stem)
            with temporary(stem, old) as fresh:
                fresh.replace(path)
            sync_directory(path.parent)
        except OSError as error:
            reason = error
        else:
            return path
    raise StorageError(
        f"{visible_line(str(target))} can't be written in place: there is nowhere to keep a copy of it meanwhile "
        f"({reason.strerror or 'the system refused'}). Make {visible_line(str(_elsewhere(target).parent))} writable."
    ) from reason


def _copies(target: Path) -> Iterator[Path]:
    yield from _named_after(target)
    if not os.access(target.parent, os.W_OK) and os.access(target, os.W_OK):  # else it would be beside the file
        yield from _named_after(_elsewhere(target))


def _named_after(stem: Path) -> Iterator[Path]:
    try:
        names = os.listdir(stem.parent)  # noqa: PTH208  # no Path for each of what may be thousands of names
    except OSError:
        return
    yield from (stem.parent / name for name in names if name.startswith(f".{stem.name}.") and name.endswith(_SUFFIX))


def _meant(copy: Path) -> str:
    return copy.name.removesuffix(_SUFFIX).rpartition(".")[2]


def _elsewhere(target: Path) -> Path:
    """What copies in the state directory are named after: there may be many files of one name."""
    return state_folder() / "before" / f"{target.name}.{_fingerprint(os.fsencode(target))}"


def _fingerprint(raw: bytes) -> str:
    import hashlib  # noqa: PLC0415  # it loads OpenSSL, and few files are ever written in place

    return hashlib.sha256(raw).hexdigest()[:_DIGITS]
