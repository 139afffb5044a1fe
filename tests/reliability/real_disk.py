"""Real faults of a disk, for a process of its own: it mounts, drops its rights or limits itself, then plays the trials.

`python -m tests.reliability.real_disk mounts|rights` prints JSON: for each fault what went wrong, "" if nothing.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.reliability.trial import RAW, Fault, trial

NOBODY: Final = 65_534
_DISK_KB: Final = 80
"""Room for the file and half of a second one."""


@contextmanager
def _full(path: Path) -> Iterator[None]:
    """ENOSPC, in the middle of the file."""
    filler = path.with_name("filler")
    filler.write_bytes(b"x" * (_DISK_KB * 1024 - len(RAW) - len(RAW) // 2))
    yield
    filler.unlink()


@contextmanager
def _read_only_disk(path: Path) -> Iterator[None]:
    """EROFS."""
    _mount("-o", "remount,ro", str(path.parent))
    yield
    _mount("-o", "remount,rw", str(path.parent))


@contextmanager
def _limited(_path: Path) -> Iterator[None]:
    """A short write, then EFBIG."""
    if sys.platform != "win32":
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))
    yield
    if sys.platform != "win32":
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def _closed_directory(path: Path) -> Iterator[None]:
    """EACCES in the directory."""
    path.parent.chmod(0o555)
    yield
    path.parent.chmod(0o755)


@contextmanager
def _write_protected(path: Path) -> Iterator[None]:
    """A file that its owner has protected."""
    path.chmod(0o444)
    yield
    path.chmod(0o644)


@contextmanager
def _linked_write_protected(path: Path) -> Iterator[None]:
    """A link to such a file."""
    target = path.with_name("filler")
    path.rename(target)
    path.symlink_to("filler")
    target.chmod(0o444)
    yield
    assert path.is_symlink(), "the link was replaced"
    target.chmod(0o644)


MOUNTS: Final[Mapping[str, Fault]] = {"full": _full, "read-only": _read_only_disk, "limited": _limited}
RIGHTS: Final[Mapping[str, Fault]] = {
    "closed directory": _closed_directory,
    "write-protected": _write_protected,
    "linked and write-protected": _linked_write_protected,
    "limited": _limited,
}


def _mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True)


def main() -> None:
    """Play the faults and say how they went."""
    with tempfile.TemporaryDirectory() as warm:  # imports what an edit needs while it may still be read
        trial(_limited, Path(warm) / "config.toml")
    mounts = sys.argv[1] == "mounts"
    if sys.platform != "win32" and not mounts and os.geteuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        if mounts:
            _mount("-t", "tmpfs", "-o", f"size={_DISK_KB}k", "none", folder)
        for name, fault in (MOUNTS if mounts else RIGHTS).items():
            path = Path(folder) / "config.toml"
            found[name] = trial(fault, path)
            path.unlink()
            path.with_name("filler").unlink(missing_ok=True)
        if mounts:
            subprocess.run(["umount", folder], check=True)
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
