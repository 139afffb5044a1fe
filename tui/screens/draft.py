"""The draft as a form edits it: one stay in a field is one step of undo, however many keys it took."""

from __future__ import annotations

from tui.config.resolve import Edit
from tui.config.schema import Value
from tui.config.workspace import Preview, Workspace


class Draft:
    """Edits to a `Workspace`, with the typing in one field drawn together."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._field = ""
        self._before: Edit | None = None
        self._recorded = False

    def put(self, name: str, value: Value | None) -> None:
        """Give the field this value, or clear it (None); the step before it in the same field is replaced."""
        self._stay_in(name)
        self._take_back()
        if value is None:
            self.workspace.clear(name)
        else:
            self.workspace.edit(name, value)
        self._recorded = self.workspace.edits.get(name) != self._before

    def back(self, name: str) -> None:
        """Forget the field's edit: the saved value holds again."""
        self.rest()
        self.workspace.revert(name)

    def hold(self, name: str) -> None:
        """What stands in the field does not fit it: the draft is as it was before the typing."""
        self._stay_in(name)
        self._take_back()

    def rest(self) -> None:
        """The next edit is a step of its own."""
        self._field, self._recorded = "", False

    def undo(self) -> Preview | str | None:
        """Take the last step back, as `Workspace.undo` does."""
        self.rest()
        return self.workspace.undo()

    def _stay_in(self, name: str) -> None:
        if name != self._field:
            self._field, self._before, self._recorded = name, self.workspace.edits.get(name), False

    def _take_back(self) -> None:
        if self._recorded:
            self.workspace.undo()
            self._recorded = False
