"""One TOML file as text that can be edited key by key: tomlkit finds and changes, tomllib and a byte comparison check.

ConfigError
├── BadFileError       the bytes are not valid TOML; line, column and reason
└── EditRefusedError   an edit could not be made without disturbing something else
"""

from __future__ import annotations

from collections.abc import Mapping

from tui.config.resolve import Table
from tui.config.schema import Plain


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


class Document:
    """The file's bytes, immutable: each edit gives a new document, or raises and changes nothing."""

    def __init__(self, raw: bytes) -> None:
        """Raises `BadFileError` if `raw` is not valid TOML 1.0 in UTF-8."""
        self.raw = raw

    def table(self, table: Table) -> Mapping[str, object]:
        """Plain values of the table's own keys (no subtables), as tomllib reads them; empty if there is none."""
        raise NotImplementedError

    def has(self, table: Table) -> bool:
        """Whether the table is there."""
        raise NotImplementedError

    def lines(self, table: Table) -> Mapping[str, int]:
        """Line of each key of the table, from 1."""
        raise NotImplementedError

    def profiles(self) -> tuple[str, ...]:
        """Names of the `[llm.NAME]` tables, in file order."""
        raise NotImplementedError

    def set(self, table: Table, key: str, value: Plain) -> Document:
        """A document in which the key has this value; the table is made if it is not there.

        Raises:
            EditRefusedError: it can't be done without touching another line.
        """
        raise NotImplementedError

    def unset(self, table: Table, key: str) -> Document:
        """A document without the key; the same document if it has none.

        Raises:
            EditRefusedError: it can't be done without touching another line.
        """
        raise NotImplementedError
