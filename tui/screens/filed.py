"""The screen's work with the file as a whole: changes with a question, the user's editor, reading anew, exporting."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from textual import on, work

from tui.config.resolve import Resolved
from tui.config.toml.document import ConfigError
from tui.config.workspace import Workspace
from tui.screens.answer import Answer
from tui.screens.banner import Banner
from tui.screens.disk import read_aside
from tui.screens.editor import edit_by_hand, line_of
from tui.screens.linted import LintedScreen
from tui.screens.recovering import Recovering
from tui.screens.saving import SAVE, Change, Saving
from tui.screens.services import Services
from tui.widgets.field_row import FieldRow
from tui.widgets.key_row import KeyRow

if TYPE_CHECKING:
    from tui.screens.dialog import Dialog  # it comes when there is something to ask


class FiledScreen(LintedScreen):
    """One dialog about the file at a time; what is written was shown before."""

    def __init__(self, workspace: Workspace, services: Services) -> None:
        super().__init__(workspace, services)
        self._recovering = Recovering(workspace, services.drafts, self)
        self._busy = False  # a dialog about the file is open, or the file is being written

    @abstractmethod
    def _settle(self) -> None:
        """Take what was typed and not entered yet, as leaving the field would."""

    @abstractmethod
    def _forget_text(self) -> None:
        """Whatever was typed and does not fit goes."""

    async def _alone(self, step: Callable[[], Awaitable[bool]]) -> bool:
        """Only one dialog about the file at a time."""
        if self._busy:
            return False
        self._busy = True
        try:
            return await step()
        finally:
            self._busy = False

    async def save_change(self, change: Change, title: str, note: str = "", answer: Answer = SAVE) -> bool:
        """Show what the draft with `change` makes of the file, and write it; whether that was done."""
        written = await self._alone(lambda: self._save_change(change, title, note, answer))
        self._look_at_file()
        self.refresh_form()
        return written

    async def _save_change(self, change: Change, title: str, note: str, answer: Answer) -> bool:
        count = self.workspace.unsaved if self.workspace.document else 0
        edits = f"With it, your {count} unsaved {'edit is' if count == 1 else 'edits are'} saved." if count else ""
        note = "\n".join(part for part in (note, edits) if part)
        saved = await Saving(self.workspace, self).save(note, change=change, title=title, answer=answer)
        if saved.agreed and not saved.written:
            self._say("There is nothing to repair that is surely right.")
        return saved.written

    async def ask(self, dialog: Dialog) -> str:
        """Show a dialog and wait for its answer."""
        return await self.app.push_screen_wait(dialog) or ""

    async def open_editor(self, line: int = 0) -> None:
        """Let the user edit the file by hand, then read it again with the edits on top."""
        if reason := edit_by_hand(self.app, self.workspace.snapshot.path, self.workspace.env, line):
            self._say(reason, serious=True)
        await self._read_again()

    @on(Banner.EditorAsked)
    @work(exclusive=True, group="file")
    async def action_editor(self) -> None:
        """Open the file in the user's editor, at the line of the focused field."""
        self._settle()
        row = self._focused_row()
        name = row.field.name if isinstance(row, (FieldRow, KeyRow)) else "model"
        await self.open_editor(line_of(self.workspace, name))

    @on(Banner.ReloadAsked)
    @work(exclusive=True, group="file")
    async def action_reload(self) -> None:
        """Read the file again and keep the edits on top of it."""
        await self._read_again()

    async def _read_again(self) -> None:
        try:
            snapshot = await read_aside(self.workspace.snapshot.path)
        except ConfigError as error:
            from tui.screens.dialog import Dialog  # noqa: PLC0415  # as above

            await self.ask(Dialog("The file can't be read", str(error), [Answer("back", "Back")]))
            return
        was_bad = self.workspace.problem is not None
        self.workspace.reload(snapshot)
        self._forget_text()
        self._look_at_file()
        self.refresh_form()
        if was_bad:
            self._offer_left()

    def follow_draft(self, resolved: Mapping[str, Resolved]) -> None:
        """Have the unsaved edits written down, if they are others than before, in case this session is cut off."""
        if self._recovering.note("API Key" if self._services.keys.waiting(resolved) else ""):
            self._keep_draft()

    @work(group="draft")
    async def _keep_draft(self) -> None:
        await self._recovering.write()

    @work(group="left")
    async def _offer_left(self) -> None:
        """Offer what a session that was cut off had not saved."""
        await self._stands.wait()
        await self._recovering.offer(self.refresh_form)

    def action_export(self) -> None:
        """Show the settings in the formats that OpenHands can be started with."""
        from tui.screens.export import ExportScreen  # noqa: PLC0415  # only who asks for it pays for it

        self._settle()
        workspace = self.workspace
        table = f"[{'.'.join(workspace.table)}]"
        self.app.push_screen(ExportScreen(workspace.resolved(), workspace.env, table))
