"""What saving needs of the operating system: whole writes, a lock, durable renames, and its errors in plain words."""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType
from typing import Final, Literal

from tui.config.errors import StorageError
from tui.text import visible_line

fcntl: ModuleType | None
try:
    import fcntl
except ImportError:  # Windows has no such locks; there the check before the rename has to be enough
    fcntl = None

HAS_LOCKS: Final = fcntl is not None
LOCK_WAIT_S: Final = 2.0
"""How long a save waits for another one in the same directory; a save takes some milliseconds."""
_LOCK_STEP_S: Final = 0.02
_HERE: Final = -100
_EXCHANGE: Final = 2
"""AT_FDCWD and RENAME_EXCHANGE of Linux's renameat2(2)."""

Action = Literal["read", "saved"]

_RIGHTS: Final[Mapping[Action, str]] = {
    "read": "you have no right to read it. Ask its owner for it, or choose another file",
    "saved": "you have no right to write in {folder}. Change the rights of that directory, or choose another file",
}
_WORDS: Final[Mapping[int, str]] = {
    errno.ENOSPC: "the disk is full. Free some space, then save again",
    errno.EDQUOT: "your share of the disk is used up. Free some space, then save again",
    errno.EROFS: (
        "the disk is mounted read-only. Choose a file on another one, or change this one at its source, such as a "
        "Kubernetes ConfigMap or what docker mounts with `:ro`"
    ),
    errno.EIO: "the disk reported a fault. Check the disk, or choose a file on another one",
    errno.EISDIR: "it is a directory. Name a file in it",
    errno.ENOTDIR: "a part of its path is a file, not a directory. Correct the path",
    errno.EEXIST: "a part of its path is a file, not a directory. Correct the path",
    errno.ENOENT: "its directory is gone. Make it again, then save again",
    errno.ELOOP: "its symbolic links go round in a circle. Remove the wrong link",
    errno.ENAMETOOLONG: "its name is too long. Choose a shorter one",
    errno.EMFILE: "too many files are open. Close some programs, then try again",
    errno.ENFILE: "too many files are open on this machine. Close some programs, then try again",
    errno.EAGAIN: "another llm-backends is saving in {folder}. Try again in a moment",
    errno.ESTALE: "the network drive no longer knows it. Open the file again",
    errno.EBUSY: "the system is using it, so no new file can replace it. Choose another file",
    errno.EXDEV: "it is on another disk than its directory, so no new file can replace it. Choose another file",
    errno.ETXTBSY: "another program holds it. Close that program, then try again",
    errno.EFBIG: "it would be larger than your limit for files. Raise that (ulimit -f), then save again",
}


@contextmanager
def as_storage_error(action: Action, path: Path) -> Iterator[None]:
    """Turn an error of the system into a `StorageError` that says what happened to the file and what to do."""
    try:
        yield
    except OSError as error:
        raise StorageError(explained(action, path, error)) from error


def explained(action: Action, path: Path, error: OSError) -> str:
    """What happened to the file, and what to do."""
    other = f"{error.strerror or 'the system refused'}. Try again, or choose another file"
    words = _RIGHTS[action] if isinstance(error, PermissionError) else _WORDS.get(error.errno or 0, other)
    words = words.replace("{folder}", visible_line(str(path.parent)))
    return f"{visible_line(str(path))} can't be {action}: {words}."


def is_mount_point(path: Path) -> bool:
    """Whether something is mounted at this very path, even a single file; False where the system does not tell."""
    try:
        table = Path("/proc/self/mountinfo").read_bytes()
    except OSError:
        return False
    wanted = os.fsencode(path)
    for sign in (b"\\", b" ", b"\t", b"\n"):
        wanted = wanted.replace(sign, b"\\%03o" % sign[0])  # as the table spells them
    return any(line.split(b" ", 5)[4] == wanted for line in table.splitlines())


def is_read_only(path: Path) -> bool:
    """Whether the file is on a file system that is mounted read-only; False where the system does not tell."""
    if sys.platform != "win32":
        with suppress(OSError):
            return bool(os.statvfs(path).f_flag & os.ST_RDONLY)
    return False


@contextmanager
def directory_lock(directory: Path, wait_s: float) -> Iterator[bool]:
    """Hold the directory's lock, which leaves no file behind and ends with the process.

    Args:
        directory: where the file is.
        wait_s: how long to wait for another holder, in seconds.

    Yields:
        whether the lock is held; False where the system or the file system has none.

    Raises:
        BlockingIOError: another process still holds it.
    """
    descriptor = _locked(directory, wait_s)
    try:
        yield descriptor is not None
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _locked(directory: Path, wait_s: float) -> int | None:
    if fcntl is None:
        return None
    try:
        descriptor = os.open(directory, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    except OSError:  # a directory that can't be listed can still be written to
        return None
    deadline = time.monotonic() + wait_s
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                os.close(descriptor)
                raise
            time.sleep(_LOCK_STEP_S)
        except OSError:  # some network drives
            os.close(descriptor)
            return None
        else:
            return descriptor


def lock(descriptor: int) -> bool:
    """Lock an open file until it is closed; False if somebody else has. Where there are no locks it always works."""
    if fcntl is not None:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:  # some network drives
            return True
    return True


def write_all(descriptor: int, raw: bytes) -> None:
    """Write every byte and have the disk confirm it: one `os.write` may write less and raise nothing."""
    left = memoryview(raw)
    while left:
        written = os.write(descriptor, left)
        if not written:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        left = left[written:]
    os.fsync(descriptor)


def exchange(one: Path, other: Path) -> bool:
    """Swap two files in one step; whether it was done: not every system and file system can."""
    import ctypes  # noqa: PLC0415  # only a save needs it

    try:
        rename = ctypes.CDLL(None).renameat2
    except (AttributeError, OSError, TypeError):  # not Linux, or one whose C library lacks it
        return False
    return bool(rename(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) == 0)


def sync_directory(directory: Path) -> None:
    """Make a rename in the directory outlast a power cut, where the system can.

    By then the new file is in place and whole, so that a failure here is none of the save.
    """
    with suppress(OSError):
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
