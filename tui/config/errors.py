"""What can go wrong with the configuration file, as a tree.

ConfigError
├── BadFileError             the bytes are not valid TOML; line, column and reason
├── EditRefusedError         an edit could not be made without disturbing something else
└── StorageError             the disk would not read or write it; the message names the file
    ├── ChangedOnDiskError   someone else wrote it since it was read
    ├── InPlaceNeededError   it can't be replaced by a new file, or has other names; it can be written in place
    └── HalfWrittenError     a write in place failed and the old content could not be put back
"""

from __future__ import annotations


class ConfigError(Exception):
    """Something about the configuration file that the user has to know."""


class BadFileError(ConfigError):
    """The file is not valid TOML, so nothing in it is read and nothing is written over it."""

    def __init__(self, reason: str, line: int = 0, column: int = 0) -> None:
        super().__init__(f"line {line}, column {column}: {reason}" if line else reason)
        self.reason = reason
        self.line = line
        self.column = column


class EditRefusedError(ConfigError):
    """The edit would change more than its own lines; the file is as it was."""


class StorageError(ConfigError):
    """The file could not be read or written; the message names it and says why and what to do. It is as it was."""


class ChangedOnDiskError(StorageError):
    """Someone else wrote the file since it was read; nothing was written."""


class InPlaceNeededError(StorageError):
    """A new file can't take the place of this one, or would cut it from its other names; nothing was written.

    Writing into the file itself would work. Each face adds to the message how to ask for that.
    """

    def __init__(self, message: str, *, replaceable: bool = False) -> None:
        """`replaceable`: a new file could take its place, if its other names are left with the old content."""
        super().__init__(message)
        self.replaceable = replaceable


class HalfWrittenError(StorageError):
    """The file holds neither the old nor the new content; the message names the copy of the old content."""
