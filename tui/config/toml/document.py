"""One TOML file as text that can be edited key by key.

tomllib reads it; `placement` says which characters an edit replaces; tomlkit spells keys and values; and before the
result counts, `meaning` compares it with the old file, so that none of them has to be trusted.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from typing import Final

from tui.config.errors import BadFileError, ConfigError, EditRefusedError
from tui.config.resolve import Table
from tui.config.schema import Plain
from tui.config.syntax import read_text, read_values
from tui.config.toml.edit_guard import GONE, differs_only_at, same, touched_only
from tui.config.toml.layout import LayoutError, Section, inline_entries, scan
from tui.config.toml.placement import Addition, Splice, add, applied, find, remove

__all__ = ["BadFileError", "ConfigError", "Document", "EditRefusedError", "dumped"]


_BETTER_LITERAL: Final = re.compile(r"""(?=.*["\\])[^'\x00-\x1f\x7f]*""")


def dumped(values: Mapping[str, object]) -> str:
    """A new TOML text that holds these values: text, numbers (nan and inf too), switches, moments, lists, tables."""
    import tomlkit  # noqa: PLC0415  # 36 ms that only who writes needs

    return tomlkit.dumps(values)


class Document:
    """The file's bytes, immutable: each edit gives a new document, or raises and changes nothing."""

    def __init__(self, raw: bytes) -> None:
        """Raises `BadFileError` if `raw` is not valid TOML 1.0 in UTF-8."""
        self.raw = raw
        self.text: Final = read_text(raw)
        """What `raw` says, without a byte order mark."""
        self._values = read_values(self.text)

    @property
    def values(self) -> Mapping[str, object]:
        """Everything in the file, as tomllib reads it. Not to be changed."""
        return self._values

    def table(self, table: Table) -> Mapping[str, object]:
        """Plain values of the table's own keys (no subtables), as tomllib reads them; empty if there is none."""
        return {key: value for key, value in self._members(table).items() if not _is_table(value)}

    def has(self, table: Table) -> bool:
        """Whether the table is there."""
        return isinstance(self._at(table), dict)

    def lines(self, table: Table) -> Mapping[str, int]:
        """Line of each key of the table, from 1; that of a subtable is its first."""
        try:
            sections = self.sections
        except EditRefusedError:
            return {}  # origins then show no line; an edit says why
        starts: dict[str, int] = {}
        depth = len(table)
        for section in sections:
            if section.path[:depth] == table and len(section.path) > depth:
                starts.setdefault(section.path[depth], section.header)
            if not section.in_array and table[: len(section.path)] == section.path:
                self._add_starts(starts, section, table)
        return self._numbered(starts)

    def profiles(self) -> tuple[str, ...]:
        """Names of the `[llm.NAME]` tables, in file order."""
        return tuple(name for name, value in self._members(("llm",)).items() if isinstance(value, dict))

    def set(self, table: Table, key: str, value: Plain) -> Document:
        """A document in which the key has this value; the table is made if it is not there.

        Raises:
            EditRefusedError: it can't be done without touching another line.
        """
        old = self._assignable(table).get(key, GONE)
        if old is not GONE and same(old, value):
            return self
        path = (*table, key)
        if isinstance(old, dict):
            raise EditRefusedError(f"{'.'.join(path)} is a table in this file, not a value. Edit the file by hand.")
        chain, rest = find(self.text, self.sections, path)
        if chain and not rest:
            return self._edited(Splice(chain[-1].value, chain[-1].end, _spelled_value(value)), path, value)
        if old is not GONE:
            raise EditRefusedError(f"{'.'.join(path)} is a list of tables in this file. Edit the file by hand.")
        addition = Addition(path, tuple(map(spelled_key, path)), _spelled_value(value))
        return self._edited(add(self.text, self.sections, addition), path, value)

    def unset(self, table: Table, key: str) -> Document:
        """A document without the key; the same document if it has none.

        Raises:
            EditRefusedError: it can't be done without touching another line.
        """
        path = (*table, key)
        if key not in self._members(table) or isinstance(self._at(path), dict):
            return self
        chain, rest = find(self.text, self.sections, path)
        return self._edited(remove(self.text, chain), path, GONE) if chain and not rest else self

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """The layout of the text. Raises `EditRefusedError` where it can't be followed."""
        try:
            return scan(self.text)
        except LayoutError as error:
            line = self.text.count("\n", 0, error.args[0]) + 1
            raise EditRefusedError(f"line {line} can't be followed. Edit the file by hand.") from error

    def rewritten(
        self, splices: Sequence[Splice], name: str, means: Callable[[Mapping[str, object]], bool]
    ) -> Document:
        """The document after the splices, once the guard is sure that nothing else changed.

        Args:
            splices: the change, from top to bottom.
            name: what is changed, for messages.
            means: whether new values are what the change should make of the old ones.

        Raises:
            EditRefusedError: it can't be done without touching anything else.
        """
        try:
            new = Document(self._bom + applied(self.text, splices).encode())
        except BadFileError as error:
            raise EditRefusedError(f"changing {name} would break the file: {error.reason}. Edit it by hand.") from error
        except UnicodeEncodeError as error:
            raise EditRefusedError(
                f"{name}: this text can't be written as UTF-8. Leave out the odd characters."
            ) from error
        if not (means(new.values) and touched_only(self.text, new.text, [s.lines(self.text) for s in splices])):
            raise EditRefusedError(f"changing {name} would change other parts of the file. Edit it by hand.")
        return new

    @cached_property
    def _bom(self) -> bytes:
        return codecs.BOM_UTF8 if self.raw.startswith(codecs.BOM_UTF8) else b""

    def _edited(self, splice: Splice, path: Table, value: object) -> Document:
        exact = partial(differs_only_at, self._values, path=path, value=value)
        return self.rewritten([splice], ".".join(path), exact)

    def _at(self, table: Table) -> object:
        value: object = self._values
        for name in table:
            value = value.get(name) if isinstance(value, dict) else None
        return value

    def _members(self, table: Table) -> Mapping[str, object]:
        value = self._at(table)
        return value if isinstance(value, dict) else {}

    def _assignable(self, table: Table) -> Mapping[str, object]:
        """The members of the table that a key is to be set in; none if it is still to be made."""
        for depth in range(1, len(table) + 1):
            value = self._at(table[:depth])
            if value is not None and not isinstance(value, dict):
                what = "a list" if isinstance(value, list) else "a value"
                raise EditRefusedError(
                    f"{'.'.join(table[:depth])} is {what} in this file, not a table; edit it by hand"
                )
        return self._members(table)

    def _add_starts(self, starts: dict[str, int], section: Section, table: Table) -> None:
        todo = [(table[len(section.path) :], entry) for entry in section.entries]
        for rest, entry in todo:
            depth = len(rest)
            if entry.keys[:depth] == rest and len(entry.keys) > depth:
                starts.setdefault(entry.keys[depth], entry.start)
            elif rest[: len(entry.keys)] == entry.keys and self.text[entry.value] == "{":
                todo.extend((rest[len(entry.keys) :], inner) for inner in inline_entries(self.text, entry.value))

    def _numbered(self, starts: Mapping[str, int]) -> dict[str, int]:
        numbers, line, position = {}, 1, 0
        for key, start in sorted(starts.items(), key=lambda item: item[1]):
            line += self.text.count("\n", position, start)
            position = start
            numbers[key] = line
        return numbers


def _is_table(value: object) -> bool:
    """Whether it is a table, or a list of nothing but tables, as `[[name]]` makes it."""
    tables = isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)
    return tables or isinstance(value, dict)


def _spelled_value(value: Plain) -> str:
    """The value as it is written: text with quotes or backslashes in it in single quotes, where it can be.

    That reads better, and the TOML reader of OpenHands gets some of it wrong in double quotes.
    """
    import tomlkit  # noqa: PLC0415  # 36 ms that only an edit needs

    if isinstance(value, str) and _BETTER_LITERAL.fullmatch(value):
        return tomlkit.string(value, literal=True).as_string()
    return tomlkit.item(value).as_string()


def spelled_key(key: str) -> str:
    """One part of a key as TOML writes it, in quotes where it needs them."""
    import tomlkit  # noqa: PLC0415  # as above

    return tomlkit.key(key).as_string()
