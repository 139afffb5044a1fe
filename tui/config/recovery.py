"""The draft on disk: what was edited and not saved when a session was cut off, kept for the next one on the same file.

One small file for each session, the user's alone, in the state directory. Its session holds a lock on it, so that what
can be locked was left behind; where there are no locks, every draft counts as left behind.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from tui.config.disk import HAS_LOCKS, lock, write_all
from tui.config.draft_file import KeptDraft, KeptEdit, fingerprint
from tui.config.folders import state_folder
from tui.config.schema import InvalidValueError
from tui.config.storage import Snapshot

_MOST_BYTES: Final = 1_000_000
_OLD_S: Final = 30 * 86_400.0
"""Nobody comes back for a draft after this long."""


class LeftDraft:
    """A draft that nobody owns any more; until `release` or `remove` no other session is offered it."""

    def __init__(self, path: Path, file: BinaryIO, draft: KeptDraft) -> None:
        self.draft = draft
        self._path = path
        self._file = file

    def release(self) -> None:
        """Leave it for the next start."""
        self._file.close()

    def remove(self) -> None:
        """It was taken, or is not wanted. Raises OSError."""
        self._path.unlink(missing_ok=True)
        self.release()


class DraftKeeper:
    """Writes down the draft of this session, and finds those of earlier ones. File access: call it off the event loop.

    `note` alone touches no disk. Two threads may call `write` at once: the last state that was noted wins.
    """

    def __init__(self, config: Path, folder: Path | None = None, clock: Callable[[], float] = time.time) -> None:
        """For the drafts of the file `config`, in `folder`, which is in the user's state directory unless given."""
        self._config = config
        self._folder = folder
        self._clock = clock
        self._token = os.urandom(4).hex()
        self._lock = threading.Lock()
        self._noted: tuple[Snapshot, tuple[KeptEdit, ...], tuple[str, ...]] | None = None
        self._written: object = None
        self._file: BinaryIO | None = None  # held open for its lock
        self._closed = False
        self.damaged = 0
        """How many drafts could not be read and were removed."""

    @property
    def behind(self) -> bool:
        """Whether something was noted that is not on the disk yet."""
        return not self._closed and self._noted != self._written

    @property
    def keeps(self) -> bool:
        """Whether edits of this session are on the disk."""
        return self._written is not None

    def note(self, snapshot: Snapshot, edits: tuple[KeptEdit, ...], not_kept: tuple[str, ...] = ()) -> None:
        """What holds now, for the next `write`. A draft of which nothing may be kept is none."""
        self._noted = (snapshot, edits, not_kept) if edits else None

    def drop(self) -> None:
        """Nothing is to be kept any more, from the next `write` on."""
        self._noted = None

    def write(self) -> None:
        """Put down what was noted last, or take the file away if there is nothing to keep. Raises OSError."""
        with self._lock:
            noted = self._noted
            if self._closed or noted == self._written:
                return
            if noted is None:
                self._own().unlink(missing_ok=True)
                self._hold(None)
            else:
                snapshot, edits, not_kept = noted
                self._replace(KeptDraft(fingerprint(snapshot), self._clock(), edits, not_kept))
            self._written = noted

    def left(self) -> LeftDraft | None:
        """The newest draft of this file that another session left behind, locked; None if there is none."""
        found = None
        for path in sorted(self._place().glob("*.json"), key=_written_at, reverse=True):
            mine = path.name.startswith(f"{self._name()}.") and path != self._own()
            if mine and found is None:
                found = self._claimed(path)
            elif not mine and self._clock() - _written_at(path) > _OLD_S:
                path.unlink(missing_ok=True)
        return found

    def close(self) -> None:
        """Let go of this session's draft: from now on it is one that was left behind, as when the process ends.

        A `write` that comes later, from a thread of a session that has just ended, writes nothing.
        """
        with self._lock:
            self._closed = True
            self._hold(None)

    def _claimed(self, path: Path) -> LeftDraft | None:
        try:
            file = path.open("r+b")
        except OSError:  # gone, or another user's
            return None
        if not (lock(file.fileno()) and _is_at(path, file)):
            file.close()
            return None
        try:
            draft = _read(file)
        except (msgspec.DecodeError, InvalidValueError, KeyError, OSError):
            file.close()
            path.unlink(missing_ok=True)
            self.damaged += 1
            return None
        _let_go_without_locks(file)
        return LeftDraft(path, file, draft)

    def _replace(self, draft: KeptDraft) -> None:
        folder = self._place()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary = folder / f".{self._name()}.{self._token}.tmp"
        temporary.unlink(missing_ok=True)
        file = os.fdopen(os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b", buffering=0)
        try:
            lock(file.fileno())  # before it has its name: nobody else may think that it was left behind
            write_all(file.fileno(), msgspec.json.encode(draft))
            _let_go_without_locks(file)
            temporary.replace(self._own())
        except OSError:
            file.close()
            temporary.unlink(missing_ok=True)
            raise
        self._hold(file)

    def _hold(self, file: BinaryIO | None) -> None:
        if self._file is not None:
            self._file.close()
        self._file = file

    def _own(self) -> Path:
        return self._place() / f"{self._name()}.{self._token}.json"

    def _place(self) -> Path:
        if self._folder is None:
            self._folder = state_folder() / "drafts"
        return self._folder

    def _name(self) -> str:
        import hashlib  # noqa: PLC0415  # beside the event loop

        return hashlib.sha256(os.path.realpath(self._config).encode(errors="surrogateescape")).hexdigest()[:16]


def _read(file: BinaryIO) -> KeptDraft:
    draft = msgspec.json.decode(file.read(_MOST_BYTES), type=KeptDraft)
    for entry in draft.edits:
        _ = entry.edit  # raises if it does not fit the schema
    return draft


def _is_at(path: Path, file: BinaryIO) -> bool:
    """Whether the open file still has its name: its owner may just have replaced or removed it."""
    try:
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except OSError:
        return False


def _let_go_without_locks(file: BinaryIO) -> None:
    """Close it where holding it open means nothing: there an open file can't be replaced either."""
    if not HAS_LOCKS:
        file.close()


def _written_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
