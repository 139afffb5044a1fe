"""How the draft gets into the file: preview, question, write, and what to do if the file changed meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

import msgspec

from tui.config.errors import HalfWrittenError
from tui.config.storage import ChangedOnDiskError, InPlaceNeededError, Snapshot
from tui.config.toml.document import ConfigError
from tui.config.workspace import Preview, Workspace
from tui.screens.answer import Answer
from tui.screens.disk import BOUND_S, read_aside, write_aside
from tui.text import visible_line
from tui.threads import aside

if TYPE_CHECKING:
    from tui.screens.dialog import Dialog  # it comes when there is something to ask

SAVE: Final = Answer("save", "Save")
EDIT: Final = Answer("editor", "Open in $EDITOR")
_IN_PLACE: Final = Answer("in-place", "Write in place")
_REPLACE: Final = Answer("replace", "Replace it")
_RESTORE: Final = Answer("restore", "Restore")
_KEEP: Final = Answer("keep", "Keep the file")
_IN_PLACE_NOTE: Final = "It is written in place, which is not atomic."


Change: TypeAlias = Callable[[bytes], bytes]
"""A change of the whole file. Raises `ConfigError` if it is refused."""


class Asker(Protocol):
    """Whoever can show a dialog."""

    async def ask(self, dialog: Dialog) -> str:
        """The answer; "" for going back."""

    async def open_editor(self, line: int = 0) -> None:
        """Let the user edit the file by hand, at the line if there is one, then read it again."""


class Saved(msgspec.Struct, frozen=True):
    """How it ended."""

    written: bool = False
    agreed: bool = False
    """Whether the user wanted it, so that what goes with it (the key) may be stored too."""


class Saving:
    """One save, or one restoring by undo; every way out leaves either the old file or the new one."""

    def __init__(self, workspace: Workspace, asker: Asker) -> None:
        self._workspace = workspace
        self._asker = asker

    async def save(
        self, note: str = "", *, change: Change | None = None, title: str = "", answer: Answer = SAVE
    ) -> Saved:
        """Ask and write.

        Args:
            note: what else happens with the save, such as a key that is stored.
            change: what is to be done to the file besides the edits; to one that can't be parsed, in place of them.
            title: the question, if it is not the usual one.
            answer: what says yes to it.
        """
        while True:
            try:
                preview = await aside(lambda: self._previewed(change), BOUND_S)
            except (ConfigError, OSError) as error:
                await self._failed("The change can't be made", error)
                return Saved()
            diff = preview.diff()
            if not diff and not note:
                return Saved(agreed=True)
            if not await self._agreed(title or f"Save to {preview.snapshot.path.name}?", note, diff, answer):
                return Saved()
            if not diff:
                return Saved(agreed=True)
            outcome = await self._write(preview)
            if outcome is not None:
                return Saved(written=outcome, agreed=outcome)

    async def restore(self, preview: Preview) -> bool:
        """Ask and bring the file back to what it was before the last save; whether it was done."""
        title = f"Undo the last save of {preview.snapshot.path.name}?"
        if not await self._agreed(title, "The file becomes what it was before:", preview.diff()):
            return False
        return bool(await self._write(preview, merge=False))

    async def offer_before(self) -> None:
        """If a save in place was cut off, offer to restore what the file held before it."""
        snapshot = self._workspace.snapshot
        if snapshot.before is None:
            return
        from tui.screens.dialog import Dialog  # noqa: PLC0415  # as above

        text = (
            "The file may hold only a part of the change. Restore puts back what it held before; Keep the file removes "
            f"the copy of that, {visible_line(str(snapshot.before))}."
        )
        title = f"A save of {visible_line(snapshot.path.name)} was cut off"
        answer = await self._asker.ask(Dialog(title, text, [_RESTORE, _KEEP]))
        if answer:
            await self._mend(snapshot, snapshot.before, restore=answer == _RESTORE.value)

    async def _mend(self, snapshot: Snapshot, copy: Path, *, restore: bool) -> None:
        try:
            if restore:
                snapshot = await write_aside(snapshot, await aside(copy.read_bytes, BOUND_S), in_place=True)
            await aside(lambda: copy.unlink(missing_ok=True), BOUND_S)
        except (ConfigError, OSError) as error:  # TimeoutError is an OSError
            await self._failed("The file was not restored", error)
            return
        self._workspace.reload(msgspec.structs.replace(snapshot, before=None))

    def _previewed(self, change: Change | None) -> Preview:
        workspace = self._workspace
        if change is None:
            return workspace.preview()
        if workspace.document is None and workspace.snapshot.raw is not None:
            return Preview(workspace.snapshot, change(workspace.snapshot.raw))
        preview = workspace.preview()
        return Preview(preview.snapshot, change(preview.after))

    async def _agreed(self, title: str, note: str, diff: list[str], answer: Answer = SAVE) -> bool:
        from tui.screens.dialog import DiffDialog  # noqa: PLC0415  # as above

        how = _IN_PLACE_NOTE if diff and self._workspace.in_place else ""
        text = "\n".join(part for part in (note, how, "" if diff else "The file stays as it is.") if part)
        return await self._asker.ask(DiffDialog(title, text, [answer], diff)) == answer.value

    async def _write(self, preview: Preview, *, merge: bool = True) -> bool | None:
        """True: written. False: not. None: the file was read again, so look at the change once more."""
        try:
            snapshot = await write_aside(preview.snapshot, preview.after, in_place=self._workspace.in_place)
        except InPlaceNeededError as error:
            return await self._write(preview, merge=merge) if await self._chosen_how(error) else False
        except ChangedOnDiskError as error:
            return None if merge and await self._merged(str(error)) else False
        except ConfigError as error:
            await self._failed("The file was not saved", error)
            return False
        if self._workspace.document is None and self._workspace.unsaved:  # they could not be part of what was written
            self._workspace.reload(snapshot)
        else:
            self._workspace.saved(snapshot)
        return True

    async def _chosen_how(self, error: InPlaceNeededError) -> bool:
        """Ask how a file that can't simply be replaced is to be written, now and for the rest of this session."""
        from tui.screens.dialog import Dialog  # noqa: PLC0415  # as above

        text = f"{error}\nYour choice is for this session."
        answers = [_IN_PLACE, _REPLACE] if error.replaceable else [_IN_PLACE]
        answer = await self._asker.ask(Dialog("Write in place?", text, answers))
        if answer:
            self._workspace.in_place = answer == _IN_PLACE.value
        return bool(answer)

    async def _merged(self, reason: str) -> bool:
        from tui.screens.dialog import Dialog  # noqa: PLC0415  # as above

        text = f"{reason}\nMerge reads it again and puts your edits on top; you see the change before it is written."
        answer = await self._asker.ask(Dialog("The file changed on disk", text, [Answer("merge", "Merge")]))
        if answer != "merge":
            return False
        try:
            self._workspace.reload(await read_aside(self._workspace.snapshot.path))
        except ConfigError as error:
            await self._failed("The file can't be read", error)
            return False
        return True

    async def _failed(self, title: str, error: Exception) -> None:
        from tui.screens.dialog import Dialog  # noqa: PLC0415  # as above

        file = "" if isinstance(error, HalfWrittenError) else "; the file was not touched"
        text = f"{error}\nYour edits are kept here{file}."
        if await self._asker.ask(Dialog(title, text, [Answer("back", "Back to the form"), EDIT])) == EDIT.value:
            await self._asker.open_editor()
