"""The open file with the draft over it: what the screens show and edit, and what a save would write."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from tui.config.resolve import DEFAULT_TABLE, EMPTY_SOURCE, Edit, Resolved, Set, Source, Table, Unset, resolve
from tui.config.schema import FIELDS, InvalidValueError, Value, checked, plain
from tui.config.storage import Snapshot
from tui.config.toml.document import BadFileError, Document
from tui.text import visible_line

NEW_FILE = b"[core]\n\n[llm]\n"
"""What a file that is created starts with: OpenHands 0.26 and older ignore `[llm]` in a file without `[core]`."""


class Preview(msgspec.Struct, frozen=True):
    """What a save would write."""

    snapshot: Snapshot
    after: bytes

    def diff(self) -> list[str]:
        """The change as lines of a unified diff, without line ends; secrets in it are masked."""
        from tui.config.diff import unified  # noqa: PLC0415  # only a change that is shown needs it

        return unified(self.snapshot.raw or b"", self.after, visible_line(self.snapshot.path.name))


class Change(msgspec.Struct, frozen=True):
    """One step that undo takes back."""

    table: Table
    name: str
    before: Edit | None


class Workspace:
    """The document as read, the edits on top of it, and the table (default or a profile) that is shown.

    Nothing here touches the disk: `storage.read` and `storage.write` do, where the caller may wait.
    """

    def __init__(self, snapshot: Snapshot, env: Mapping[str, str], profile: str | None = None) -> None:
        self.env = env
        self.profile = profile
        self.in_place: bool | None = None
        """How the user wants the file to be written, as in `storage.save`; None until there is a reason to ask."""
        self._edits: dict[Table, dict[str, Edit]] = {}
        self._undo: list[Change | bytes] = []
        self._take(snapshot)

    def _take(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.document: Document | None = None
        self.problem = BadFileError(snapshot.trouble) if snapshot.trouble else None
        if self.problem:
            return
        try:
            self.document = Document(NEW_FILE if snapshot.raw is None else snapshot.raw)
        except BadFileError as error:
            self.problem = error

    @property
    def table(self) -> Table:
        """The table that is shown and edited."""
        return _table(self.profile)

    @property
    def profiles(self) -> tuple[str, ...]:
        """Names of the profiles in the file."""
        return self.document.profiles() if self.document else ()

    @property
    def unsaved(self) -> int:
        """How many fields have an edit, in all tables."""
        return sum(map(len, self._edits.values()))

    @property
    def edits(self) -> Mapping[str, Edit]:
        """The edits of the table that is shown."""
        return self._edits.get(self.table, {})

    @property
    def all_edits(self) -> Mapping[Table, Mapping[str, Edit]]:
        """The edits of every table, as they are now."""
        return {table: dict(edits) for table, edits in self._edits.items() if edits}

    def resolved(self) -> dict[str, Resolved]:
        """The effective value of every field for the table that is shown."""
        return self.resolved_for(self.profile)

    def resolved_for(self, profile: str | None) -> dict[str, Resolved]:
        """The effective value of every field for a profile, or for the default table; its own edits count."""
        table = _table(profile)
        shared = self._edits.get(DEFAULT_TABLE, {})
        return resolve(
            self._source(DEFAULT_TABLE),
            env=self.env,
            edits=self._edits.get(table, {}),
            profile=profile,
            overlay=EMPTY_SOURCE if profile is None else self._source(table),
            base_edits=shared,
        )

    def own(self, profile: str | None) -> tuple[str, ...]:
        """The fields that the table has itself, with the draft."""
        table = _table(profile)
        names = set(self._source(table).values) & set(FIELDS)
        for name, edit in self._edits.get(table, {}).items():
            names = names | {name} if isinstance(edit, Set) else names - {name}
        return tuple(name for name in FIELDS if name in names)

    def edit(self, name: str, value: Value) -> None:
        """Put a value into the draft; one equal to what the table holds in the file takes the edit back.

        Raises `InvalidValueError` if the value does not fit the field.
        """
        value = checked(FIELDS[name], value)
        self._record(name, None if self._holds(name, value) else Set(value))

    def clear(self, name: str) -> None:
        """Take the field's key out of the file with the next save; a key that is not there needs no edit."""
        self._record(name, Unset() if name in self._source(self.table).values else None)

    def revert(self, name: str) -> None:
        """Forget the field's edit."""
        self._record(name, None)

    def adopt(self, table: Table, name: str, edit: Edit) -> None:
        """Put an edit of an earlier session into the draft; one that the file has taken meanwhile is none."""
        shown, self.profile = self.profile, table[len(DEFAULT_TABLE)] if table != DEFAULT_TABLE else None
        try:
            if isinstance(edit, Set):
                self.edit(name, edit.value)
            else:
                self.clear(name)
        finally:
            self.profile = shown

    def undo(self) -> Preview | str | None:
        """Take the last step back: the name of a field whose edit went, a preview that restores the file, or None."""
        if not self._undo:
            return None
        match self._undo[-1]:
            case bytes() as before:  # stays until it is saved: a preview that is turned down can be asked for again
                return Preview(self.snapshot, before)
            case Change(table, name, before):
                self._undo.pop()
                self._put(table, name, before)
                return name

    def preview(self) -> Preview:
        """What a save would write now. Raises `EditRefusedError`, or `BadFileError` if the file can't be parsed."""
        return self.pending()()

    def pending(self) -> Callable[[], Preview]:
        """`preview` as of now, to be worked out in another thread while the draft goes on; raises what it raises."""
        document, snapshot, problem = self.document, self.snapshot, self.problem
        edits = [(table, name, edit) for table, edits in self._edits.items() for name, edit in edits.items()]

        def work() -> Preview:
            if document is None:
                raise problem or BadFileError("the file can't be parsed")
            edited = document
            for table, name, edit in edits:
                if isinstance(edit, Set):
                    edited = edited.set(table, name, plain(edit.value))
                else:
                    edited = edited.unset(table, name)
            return Preview(snapshot, edited.raw)

        return work

    def saved(self, snapshot: Snapshot) -> None:
        """The draft was written as `snapshot`: it is the file now, and undo brings the old one back."""
        before = self.snapshot.raw
        self._edits.clear()
        self._undo = [] if before is None else [before]
        self._take(snapshot)
        self._leave_missing()

    def reload(self, snapshot: Snapshot) -> None:
        """Take a newer version of the file and keep the edits on top of it (the merge).

        Undo then no longer restores the file as it was before the last save: that would take the newer version away.
        """
        if snapshot.raw != self.snapshot.raw:
            self._undo = [step for step in self._undo if isinstance(step, Change)]
        self._take(snapshot)
        self._leave_missing()

    def discard(self) -> None:
        """Forget every edit."""
        self._edits.clear()
        self._undo = [step for step in self._undo if isinstance(step, bytes)]

    def _leave_missing(self) -> None:
        """Show `[llm]` if the profile that was shown is no longer there and nothing was edited in it."""
        if self.document is not None and not self.edits and self.profile not in self.profiles:
            self.profile = None

    def _source(self, table: Table) -> Source:
        return Source(self.document.table(table), self.document.lines(table)) if self.document else EMPTY_SOURCE

    def _holds(self, name: str, value: Value) -> bool:
        """Whether the table has this value in the file, in whatever way it is written: 2 is 2.0 for a number."""
        own = self._source(self.table).values.get(name)
        try:
            return own is not None and checked(FIELDS[name], own) == value
        except InvalidValueError:
            return False

    def _record(self, name: str, edit: Edit | None) -> None:
        before = self.edits.get(name)
        if before != edit:
            self._undo.append(Change(self.table, name, before))
            self._put(self.table, name, edit)

    def _put(self, table: Table, name: str, edit: Edit | None) -> None:
        edits = self._edits.setdefault(table, {})
        if edit is None:
            edits.pop(name, None)
        else:
            edits[name] = edit


def _table(profile: str | None) -> Table:
    return DEFAULT_TABLE if profile is None else (*DEFAULT_TABLE, profile)
