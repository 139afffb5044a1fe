"""The file in plain mode: the change as a diff, saving it, taking it back, and what OpenHands would make of it."""

from __future__ import annotations

from typing import Final

from tui.cli.exits import CommandFailed
from tui.cli.plain.lines import Lines
from tui.cli.saving import not_done
from tui.config import storage
from tui.config.storage import ChangedOnDiskError, InPlaceNeededError
from tui.config.toml.document import ConfigError
from tui.config.workspace import Preview, Workspace
from tui.text import visible_line

_TRIES = 5
"""How often the edits are put on a newer version of the file, because somebody else keeps writing it."""

_HOW: Final = {"in-place": True, "replace": False}
"""How a file that is not simply replaced can be written, as in `storage.save`."""


class File:
    """`diff`, `save`, `undo` and `check`."""

    def __init__(self, workspace: Workspace, lines: Lines) -> None:
        self._workspace = workspace
        self._lines = lines

    def diff(self, _rest: str = "") -> None:
        """Print what a save would change."""
        self._print(self._preview())

    def save(self, rest: str = "") -> None:
        """Write the edits to the file; asks first if somebody is there to answer.

        Args:
            rest: `in-place` or `replace`, for a file that is not simply replaced; "" asks, if that matters.
        """
        if rest not in ("", *_HOW):
            raise CommandFailed(f"save takes {' or '.join(_HOW)}, or nothing.")
        self._workspace.in_place = _HOW.get(rest, self._workspace.in_place)
        for _ in range(_TRIES):
            preview = self._preview()
            if not self._agreed(preview, "Write this?"):
                return
            try:
                written = self._written(preview)
            except ChangedOnDiskError:
                self._workspace.reload(storage.read(preview.snapshot.path))
                self._lines.say("The file was changed by another program meanwhile; your edits now go on top of that.")
            else:
                if written:
                    self._lines.say(f"Saved {self._name()}. undo restores it as it was.")
                return
        raise CommandFailed("The file keeps being changed by another program. Nothing was saved; try again.")

    def undo(self, _rest: str = "") -> None:
        """Take the last edit back; after a save, restore the file as it was."""
        undone = self._workspace.undo()
        if isinstance(undone, Preview):
            if self._agreed(undone, "Restore the file like this?") and self._written(undone):
                self._lines.say(f"{self._name()} is as it was before the save.")
        else:
            self._lines.say(f"Undone: {undone}." if undone else "There is nothing to undo.")

    def _written(self, preview: Preview) -> bool:
        """Whether it was written; a file that can't simply be replaced is asked about, once in a session."""
        workspace = self._workspace
        try:
            snapshot = storage.save(preview.snapshot, preview.after, in_place=workspace.in_place)
        except InPlaceNeededError as error:
            ways = list(_HOW)[: 2 if error.replaceable else 1]
            if not self._lines.interactive:
                raise CommandFailed(f"{error} Write: save {' or: save '.join(ways)}.") from error
            self._lines.say(str(error))
            answer = self._lines.choose("Write it?", *ways, "no")
            if answer not in _HOW:
                return False
            workspace.in_place = _HOW[answer]
            return self._written(preview)
        workspace.saved(snapshot)
        return True

    def check(self, _rest: str = "") -> None:
        """Say what OpenHands would not do as the file says, with the edits in it."""
        from tui.config.lint import check, targets  # noqa: PLC0415  # only who asks for it pays for it

        problems = check.lint(self._preview().after, self._workspace.env, targets.chosen(None))
        for problem in problems:
            where = f"line {problem.line}, " if problem.line else ""
            self._lines.say(visible_line(f"{problem.severity}: {where}{problem.title}. {problem.effect} {problem.fix}"))
        count = len(problems)
        self._lines.say("1 problem." if count == 1 else f"{count} problems." if count else "No problems.")

    def _agreed(self, preview: Preview, question: str) -> bool:
        if not self._print(preview):
            return False
        return not self._lines.interactive or self._lines.choose(question, "yes", "no") == "yes"

    def _print(self, preview: Preview) -> bool:
        """Whether there is any change."""
        lines = preview.diff()
        for line in lines[2:]:  # without the two names, which are one and the same
            self._lines.say(_spoken(line))
        if not lines:
            self._lines.say("Nothing to save: the file says so already.")
        return bool(lines)

    def _preview(self) -> Preview:
        try:
            return self._workspace.preview()
        except ConfigError as error:
            raise not_done(self._workspace.snapshot.path, error) from error

    def _name(self) -> str:
        return visible_line(self._workspace.snapshot.path.name)


def _spoken(line: str) -> str:
    """A line of a diff with its sign as a word."""
    if line.startswith("@@"):
        return f"around line {line.partition('+')[2].partition(' ')[0].partition(',')[0]}:"
    return {"+": "added: ", "-": "removed: "}.get(line[:1], "stays: ") + visible_line(line[1:])
