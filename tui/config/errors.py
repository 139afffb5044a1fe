"""What can go wrong with the configuration file, as a tree.

ConfigError
├── BadFileError             the bytes are not valid TOML; line, column and reason
├── EditRefusedError         an edit could not be made without disturbing something else
└── StorageError             the disk would not read or write it
    └── ChangedOnDiskError   someone else wrote it since it was read
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
    """The file could not be read or written; the message says why and what to do. The old file is intact."""


class ChangedOnDiskError(StorageError):
    """Someone else wrote the file since it was read; nothing was written."""
