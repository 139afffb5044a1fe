"""What of a draft may be written down for the next session: every edit but those that hold a secret."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import msgspec

from tui.config.resolve import Edit, Set, Table, Unset
from tui.config.schema import FIELDS, Plain, checked, plain
from tui.config.storage import Snapshot

_USERINFO: Final = re.compile(r"://[^/\s]*@")


class KeptEdit(msgspec.Struct, frozen=True):
    """One edit. A value of None takes the key out of the file."""

    table: Table
    name: str
    value: Plain | None

    @property
    def edit(self) -> Edit:
        """The edit as a draft holds it; raises `InvalidValueError` or `KeyError` if it does not fit the schema."""
        return Unset() if self.value is None else Set(checked(FIELDS[self.name], self.value))


class KeptDraft(msgspec.Struct, frozen=True):
    """The unsaved edits of one session."""

    base: str
    """SHA-256 of the file that was edited; "" if there was none."""
    at_s: float
    """When it was written down, in seconds since 1970."""
    edits: tuple[KeptEdit, ...]
    not_kept: tuple[str, ...] = ()
    """Titles of fields that were edited too, but hold secrets."""


def kept(edits: Mapping[Table, Mapping[str, Edit]]) -> tuple[tuple[KeptEdit, ...], tuple[str, ...]]:
    """The edits that may be written down, and the titles of those that may not."""
    entries = [(table, name, edit) for table, own in edits.items() for name, edit in own.items()]
    secret = dict.fromkeys(FIELDS[name].title for _, name, edit in entries if _is_secret(name, edit))
    plain_ones = (
        KeptEdit(table, name, plain(edit.value) if isinstance(edit, Set) else None)
        for table, name, edit in entries
        if not _is_secret(name, edit)
    )
    return tuple(plain_ones), tuple(secret)


def fingerprint(snapshot: Snapshot) -> str:
    """What tells two versions of the file apart."""
    import hashlib  # noqa: PLC0415  # only who has unsaved edits needs it

    return "" if snapshot.raw is None else hashlib.sha256(snapshot.raw).hexdigest()


def _is_secret(name: str, edit: Edit) -> bool:
    if not isinstance(edit, Set):
        return False
    return FIELDS[name].secret or (isinstance(edit.value, str) and bool(_USERINFO.search(edit.value)))
