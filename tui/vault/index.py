"""For which places the keyring holds a key: keyrings themselves can't be listed in one way on every system."""

from __future__ import annotations

from pathlib import Path

from tui.vault.places import Place
from tui.vault.records import Records


class Index:
    """Places, no secrets, in `keys.json`. Plain file access: call it where waiting for a disk is allowed.

    The keyring is the truth and this a list for people: a key that is not listed is still found.
    """

    def __init__(self, folder: Path | None = None) -> None:
        """`folder` is the user's data directory unless given."""
        self._records = Records(Place, "keys.json", folder)

    @property
    def problem(self) -> str:
        """Why the file could not be read or written the last time; empty if it could."""
        return self._records.problem

    def all(self) -> tuple[Place, ...]:
        """Every place listed."""
        return self._records.all()

    def add(self, place: Place) -> None:
        """List a place."""
        self._records.add(place)

    def discard(self, place: Place) -> bool:
        """Take a place off the list; whether it was on it."""
        return self._records.discard(place)
