"""The models that were saved or have answered last, so that lists show them before the rest.

Nothing else is written down: no key, no address, no prompt. The file is read anew each time, so that two windows of the
app know of each other's models; of two that write at the same moment one loses a line of a list.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Final

import msgspec

from tui.config.folders import data_folder
from tui.config.temporary import put

MOST: Final = 10
"""So many are remembered."""
_LONGEST: Final = 200
"""Whatever is longer is no model's name."""


class Recent:
    """Ids of models in `recent.json`, the last one first. Plain file access: call it off the event loop."""

    def __init__(self, folder: Path | None = None) -> None:
        """`folder` is the user's data directory unless given; the file need not be there."""
        self._folder = folder

    @property
    def path(self) -> Path:
        """The file."""
        if self._folder is None:
            self._folder = data_folder()
        return self._folder / "recent.json"

    def all(self) -> tuple[str, ...]:
        """The ids; none if the file is not there or can't be understood: it holds nothing that is worth a message."""
        try:
            found = msgspec.json.decode(self.path.read_bytes(), type=list[str])
        except (OSError, msgspec.DecodeError):
            return ()
        return tuple(name for name in found if 0 < len(name) <= _LONGEST)[:MOST]

    def add(self, model: str) -> tuple[str, ...]:
        """Put a model first; gives the ids as they are now. What can't be written holds for this call only."""
        if not 0 < len(model) <= _LONGEST:
            return self.all()
        ids = (model, *(name for name in self.all() if name != model))[:MOST]
        with contextlib.suppress(OSError):  # the list is a comfort, not worth a message
            put(self.path, msgspec.json.format(msgspec.json.encode(ids)) + b"\n")
        return ids
