"""The ledger of requests: one SQLite file in the user's data directory, a row for each turn, never text, never a key.

Several instances may write at once (WAL, and a wait while another one writes). A damaged file is set aside under a
name that says so, and a new one is begun; one that a newer llm-backends wrote is left alone.
"""

from __future__ import annotations

import math
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal, TypeAlias, TypeVar

import msgspec

from tui.config.disk import directory_lock
from tui.config.folders import data_folder
from tui.text import visible_line

T = TypeVar("T")

NAME: Final = "usage.db"
VERSION: Final = 1
_BUSY_S: Final = 5.0
"""How long a write waits for other instances."""
_TRIES: Final = 3
_DAMAGED: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_NO_TABLE: Final = sqlite3.SQLITE_ERROR
"""A ledger of our version without our table is damaged, too."""

Purpose: TypeAlias = Literal["chat", "compare", "check-up", "ping"]
Outcome: TypeAlias = Literal["done", "cut", "stopped", "limit", "failed"]
"""Complete; cut at the token limit; stopped by the user; stopped at a spending limit; failed."""

_TABLE: Final = """
CREATE TABLE requests (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,              -- end of the turn, UTC, ISO 8601 with milliseconds
    purpose TEXT NOT NULL,         -- chat, compare, check-up, ping
    provider TEXT NOT NULL,
    model TEXT NOT NULL,           -- as the settings hold it
    local INTEGER NOT NULL,        -- 1: the request stayed on this machine
    outcome TEXT NOT NULL,         -- done, cut, stopped, limit, failed
    attempts INTEGER NOT NULL,     -- HTTP requests
    input_tokens INTEGER,          -- NULL: unknown, here and below
    output_tokens INTEGER,
    cached_tokens INTEGER,
    estimated INTEGER NOT NULL,    -- 1: the token counts are ours
    cost_usd REAL,
    latency_s REAL NOT NULL,       -- of the attempt that answered
    first_token_s REAL
)"""
_INDEX: Final = "CREATE INDEX requests_at ON requests (at)"


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One turn. Unknown is None, never 0."""

    at: datetime
    purpose: Purpose
    provider: str
    model: str
    local: bool
    outcome: Outcome
    attempts: int
    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int | None = None
    estimated: bool = False
    """Whether the token counts are ours."""
    cost_usd: float | None = None
    latency_s: float = 0.0
    first_token_s: float | None = None


_COLUMNS: Final = Entry.__struct_fields__
_INSERT: Final = f"INSERT INTO requests ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"  # noqa: S608  # our own names


class LedgerError(Exception):
    """The ledger can't be read or written; the message says why and what to do. Nothing but the record is lost."""


class Ledger:
    """The file. Each call opens it, and may wait some seconds for a disk or another instance: call it in a thread."""

    def __init__(self, path: Path | None = None) -> None:
        """`path` is in the user's data directory unless given; the file need not be there."""
        self._path = path
        self.news = ""
        """What had to be done with a damaged file; empty if there was none."""

    @property
    def path(self) -> Path:
        """Where it is, or would be."""
        if self._path is None:
            self._path = data_folder() / NAME
        return self._path

    def add(self, entry: Entry) -> None:
        """Write one turn. Raises `LedgerError`."""
        values = [_stored(getattr(entry, name)) for name in _COLUMNS]

        def insert(connection: sqlite3.Connection) -> None:
            _begin(connection, self.path)
            connection.execute(_INSERT, values)

        self._do("written", insert)

    def rows(self, query: str, since: datetime) -> Sequence[tuple[object, ...]]:
        """The rows that a query with one parameter gives, for the turns since then; none if there is no file yet.

        Raises:
            LedgerError: it can't be read.
        """

        def select(connection: sqlite3.Connection) -> Sequence[tuple[object, ...]]:
            return connection.execute(query, (stamp(since),)).fetchall() if _version(connection) else ()

        return self._do("read", select) if self.path.exists() else ()

    def _do(self, action: str, work: Callable[[sqlite3.Connection], T]) -> T:
        with self._explained(action):
            for _ in range(_TRIES - 1):
                try:
                    return self._once(work)
                except sqlite3.DatabaseError as error:
                    if _is_damage(error):
                        self._set_aside()
                    elif _code(error) != sqlite3.SQLITE_CANTOPEN:  # another instance may just have set it aside
                        raise
            return self._once(work)

    def _once(self, work: Callable[[sqlite3.Connection], T]) -> T:
        _make(self.path)
        connection = _connected(self.path)
        try:
            if (found := _version(connection)) > VERSION:
                raise LedgerError(
                    f"{self._shown} was written by a newer llm-backends (format {found}), so it is left alone. "
                    "Update llm-backends."
                )
            return work(connection)
        finally:
            connection.close()

    @contextmanager
    def _explained(self, action: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            reason = error.strerror or "the system refused"
            raise LedgerError(f"{self._shown} can't be {action}: {reason}. Check its rights and its disk.") from error
        except (sqlite3.Error, OverflowError) as error:  # a count that no column holds
            raise LedgerError(f"{self._shown} can't be {action}: {error}. Check its rights and its disk.") from error

    @property
    def _shown(self) -> str:
        return visible_line(str(self.path))

    def _set_aside(self) -> None:
        """Rename the damaged file with what belongs to it, unless another instance has just done so."""
        with directory_lock(self.path.parent, _BUSY_S):
            if not _damaged(self.path):
                return
            when = datetime.now(UTC)
            kept = self.path.with_name(f"{self.path.stem}-corrupt-{when:%Y%m%dT%H%M%S}-{os.getpid()}.db")
            for tail in ("-wal", "-shm", ""):  # left beside a new file, they would spoil that one
                with suppress(FileNotFoundError):
                    self.path.with_name(self.path.name + tail).rename(kept.with_name(kept.name + tail))
            self.news = f"{self._shown} was damaged. It is kept as {kept.name}, and a new record of usage is begun."


def stamp(at: datetime) -> str:
    """A moment as the ledger holds it: text that sorts by time, in UTC."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _stored(value: object) -> object:
    if isinstance(value, float) and not math.isfinite(value):
        return None  # not known; a sum with it would be none
    return stamp(value) if isinstance(value, datetime) else int(value) if isinstance(value, bool) else value


def _make(path: Path) -> None:
    """An empty file that is its owner's alone; what SQLite puts beside it gets the same mode."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _connected(path: Path) -> sqlite3.Connection:
    """Never makes the file: SQLite would make one that others can read."""
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=_BUSY_S, isolation_level=None)


def _version(connection: sqlite3.Connection) -> int:
    """0 for a file that nothing was written to yet."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _begin(connection: sqlite3.Connection, path: Path) -> None:
    """Put the table into a new file; of several instances only one does."""
    connection.execute("PRAGMA synchronous = NORMAL")  # with WAL, a power cut may cost the last rows, never the file
    if _version(connection):
        return
    with directory_lock(path.parent, _BUSY_S):
        if _version(connection):
            return
        connection.execute("PRAGMA journal_mode = WAL").fetchone()
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(_TABLE)
        connection.execute(_INDEX)
        connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")


def _code(error: sqlite3.DatabaseError) -> int:
    """SQLite's primary result code; 0 where the error is not SQLite's own."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    return _code(error) in _DAMAGED or (_code(error) == _NO_TABLE and "no such" in str(error))


def _damaged(path: Path) -> bool:
    connection = _connected(path)
    try:
        if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            return True
        if not _version(connection):  # new: another instance has already set the damaged one aside
            return False
        connection.execute(f"SELECT {', '.join(_COLUMNS)} FROM requests LIMIT 1")  # noqa: S608  # our own names
    except sqlite3.DatabaseError as error:
        return _is_damage(error)
    else:
        return False
    finally:
        connection.close()
