"""Small sets of facts without secrets, each in one JSON file of the user's data directory."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

from tui.config.folders import data_folder
from tui.config.temporary import put

T = TypeVar("T", bound=msgspec.Struct)


class Records(Generic[T]):
    """A set of frozen, ordered structs; read anew each time, so that another process's changes count at once.

    Nothing about the file is fatal: one that can't be understood is set aside as `NAME.bad`, and what can't be written
    holds until the process ends. `problem` says so. Two processes that write at the same moment may lose one
    change, which costs a repeated question or a missing line in a list, never a key.
    """

    def __init__(self, kind: type[T], name: str, folder: Path | None) -> None:
        """`folder` is the user's data directory unless given; the file need not be there."""
        self._kind = kind
        self._name = name
        self._folder = folder
        self._lock = threading.Lock()
        self._added: set[T] = set()
        self._dropped: set[T] = set()
        self.problem = ""
        """Why the file could not be read or written the last time; empty if it could."""

    @property
    def path(self) -> Path:
        """The file."""
        if self._folder is None:
            self._folder = data_folder()
        return self._folder / self._name

    def all(self) -> tuple[T, ...]:
        """Every record, in order."""
        with self._lock:
            return self._all()

    def add(self, record: T) -> None:
        """Put a record in, unless it is there."""
        with self._lock:
            if record in self._all():
                return
            self._dropped.discard(record)
            self._added.add(record)
            self._write()

    def discard(self, record: T) -> bool:
        """Take a record out; whether it was there."""
        with self._lock:
            if record not in self._all():
                return False
            self._added.discard(record)
            self._dropped.add(record)
            self._write()
            return True

    def _all(self) -> tuple[T, ...]:
        return tuple(sorted((self._read() | self._added) - self._dropped))  # type: ignore[type-var]  # each kind is declared with order=True

    def _read(self) -> set[T]:
        try:
            raw = self.path.read_bytes()
            if not self._added and not self._dropped:  # else the last write failed, and that still stands
                self.problem = ""
            return set(msgspec.json.decode(raw, type=list[self._kind]))  # type: ignore[name-defined]  # a type made at run time
        except FileNotFoundError:
            return set()
        except OSError as error:
            self.problem = f"{self.path} can't be read: {error.strerror}. Check its rights."
        except msgspec.DecodeError:
            self._set_aside()
        return set()

    def _set_aside(self) -> None:
        aside = self.path.with_name(f"{self._name}.bad")
        try:
            self.path.replace(aside)
            self.problem = f"{self.path} was damaged. It is kept as {aside.name}, and a new one is begun."
        except OSError as error:
            self.problem = f"{self.path} is damaged and can't be moved: {error.strerror}. Remove it."

    def _write(self) -> None:
        raw = msgspec.json.format(msgspec.json.encode(self._all())) + b"\n"
        try:
            put(self.path, raw)
        except OSError as error:
            self.problem = f"{self.path} can't be written: {error.strerror}. The change holds until the app ends."
        else:
            self._added.clear()
            self._dropped.clear()
