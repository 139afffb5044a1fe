"""Where the user has said that a key from a certain source may go, so that the question is asked once."""

from __future__ import annotations

from pathlib import Path

import msgspec

from tui.vault.places import Place
from tui.vault.records import Records


class Approval(msgspec.Struct, frozen=True, order=True):
    """One "yes": keys from this source may go to this place."""

    source: str
    """The key's source as `FoundKey.source` names it."""
    place: Place


class Approvals:
    """The remembered answers, in `approvals.json`. Plain file access: call it where waiting for a disk is allowed."""

    def __init__(self, folder: Path | None = None) -> None:
        """`folder` is the user's data directory unless given."""
        self._records = Records(Approval, "approvals.json", folder)

    @property
    def problem(self) -> str:
        """Why the file could not be read or written the last time; empty if it could."""
        return self._records.problem

    def all(self) -> tuple[Approval, ...]:
        """Every remembered answer."""
        return self._records.all()

    def holds(self, source: str, place: Place) -> bool:
        """Whether a key from this source may go to the place without a question."""
        return Approval(source, place) in self._records.all()

    def add(self, source: str, place: Place) -> None:
        """Remember a yes."""
        self._records.add(Approval(source, place))

    def revoke(self, approval: Approval) -> bool:
        """Forget a yes, so that the question comes again; whether there was one."""
        return self._records.discard(approval)
