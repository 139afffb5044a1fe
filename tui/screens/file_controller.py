"""The screen's work with the file: saving, undoing, the user's editor, reading anew, edits that a session left."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from tui.config.recovery import DraftKeeper
from tui.config.resolve import Resolved
from tui.config.schema import FIELDS, shown
from tui.config.toml.document import ConfigError
from tui.config.workspace import Preview, Workspace
from tui.screens.answer import Answer
from tui.screens.disk import read_aside
from tui.screens.draft import Draft
from tui.screens.editor import line_of
from tui.screens.form_pages import FormPages
from tui.screens.host import Host
from tui.screens.key_controller import KeyController
from tui.screens.recovering import Recovering
from tui.screens.saving import SAVE, Change, Saving

if TYPE_CHECKING:
    from tui.screens.dialog import Dialog  # it comes when there is something to ask


class FileController:
    """One dialog about the file at a time; what is written was shown before."""

    def __init__(
        self,
        draft: Draft,
        host: Host,
        *,
        keeper: DraftKeeper | None,
        key: KeyController,
        remember: Callable[[str], None],
        forms: FormPages,
        started: asyncio.Event,
    ) -> None:
        """`remember` is given the model that was saved; `started` is set after the first paint."""
        self.workspace: Workspace = draft.workspace
        self._draft = draft
        self._key = key
        self._remember = remember
        self._forms = forms
        self._host = host
        self._started = started
        self._recovering = Recovering(draft.workspace, keeper, host)
        self._busy = False  # a dialog about the file is open, or the file is being written

    @property
    def unsaved(self) -> int:
        """How many edits and typed keys would be lost."""
        return self.workspace.unsaved + bool(self._key.waiting)

    def save(self) -> None:
        """Show the change and write it; a typed key goes to the keyring with it."""
        self._host.start(self._save_all, "save")

    async def save_all(self) -> bool:
        """Save; whether nothing is left to save."""
        await self._save_all()
        return not self.unsaved

    async def save_change(self, change: Change, title: str, note: str = "", answer: Answer = SAVE) -> bool:
        """Show what the draft with `change` makes of the file, and write it; whether that was done."""
        written = await self._alone(lambda: self._save_change(change, title, note, answer))
        self._host.refresh_file_state()
        self._host.refresh_form()
        return written

    def undo(self) -> None:
        """Take back text that does not fit, else the last edit; after a save, offer the file as it was."""
        self._host.settle()
        wrong = self._forms.wrong_row
        if wrong is not None:
            self._forms.forget_text()
            self._host.tell(f"Undone: what was typed into {wrong.label}.")
        elif isinstance(undone := self._draft.undo(), Preview):
            self._host.start(partial(self._restore, undone), "save")
        else:
            self._host.tell(f"Undone: {FIELDS[undone].title}." if undone else "There is nothing to undo.")
        self._host.refresh_form()

    def discard(self) -> None:
        """Forget every edit."""
        self.workspace.discard()
        self._forms.forget_text()
        self._host.refresh_form()

    def edit(self) -> None:
        """Open the file in the user's editor, at the line of the focused field."""
        self._host.settle()
        line = line_of(self.workspace, self._host.focused_field() or "model")
        self._host.start(partial(self.open_editor, line), "file", exclusive=True)

    async def open_editor(self, line: int = 0) -> None:
        """Let the user edit the file by hand, then read it again with the edits on top."""
        if reason := self._host.edit_by_hand(line):
            self._host.tell(reason, serious=True)
        await self.read_again()

    async def ask(self, dialog: Dialog) -> str:
        """Show a dialog and wait for its answer; "" for going back."""
        return await self._host.ask(dialog)

    def reload(self) -> None:
        """Read the file again and keep the edits on top of it."""
        self._host.start(self.read_again, "file", exclusive=True)

    async def read_again(self) -> None:
        """Read the file again, with the edits on top; a file that can't be read is told of."""
        try:
            snapshot = await read_aside(self.workspace.snapshot.path)
        except ConfigError as error:
            from tui.screens.dialog import Dialog  # noqa: PLC0415  # it comes when there is something to ask

            await self._host.ask(Dialog("The file can't be read", str(error), [Answer("back", "Back")]))
            return
        was_bad = self.workspace.problem is not None
        self.workspace.reload(snapshot)
        self._forms.forget_text()
        self._host.refresh_file_state()
        self._host.refresh_form()
        if was_bad or snapshot.before is not None:
            self.offer_left()

    def follow(self, resolved: Mapping[str, Resolved]) -> None:
        """Have the unsaved edits written down, if they are others than before, in case this session is cut off."""
        if self._recovering.note("API Key" if self._key.waiting_for(resolved) else ""):
            self._host.start(self._recovering.write, "draft")

    def offer_left(self) -> None:
        """Offer what a save that was cut off has replaced, and what a session that was cut off had not saved."""
        self._host.start(self.offered, "left")

    async def offered(self) -> None:
        """As `offer_left`, to the end of it; not before the first paint, whose form would wait behind the dialog."""
        await self._started.wait()
        if self.workspace.snapshot.before is not None:
            await self._alone(self._offer_before)
        await self._recovering.offer(self._host.refresh_form)

    async def _save_all(self) -> None:
        self._host.settle()
        if not self._host.stopped_by_problem():
            await self._alone(self._save)

    async def _save(self) -> bool:
        place = self._key.waiting
        if not place and not self.workspace.unsaved:
            self._host.tell("Nothing to save: the file is as you see it.")
            return True
        note = f"The API key goes to the keyring, for {place}; it is not written to the file." if place else ""
        saved = await Saving(self.workspace, self).save(note)
        if saved.written:
            self._host.tell(f"Saved {self.workspace.snapshot.path.name}. ^z restores it as it was.")
            model = self.workspace.resolved()["model"]
            self._remember(shown(model.field, model.value))
        if saved.agreed and place:
            reason = await self._key.store()
            kept = f"The key for {place} is kept for this session only: the keyring can't be used."
            words = kept if reason else f"The key for {place} is in the keyring."
            self._host.tell(words, serious=bool(reason))
        self._key.changed()
        return saved.agreed

    async def _save_change(self, change: Change, title: str, note: str, answer: Answer) -> bool:
        count = self.workspace.unsaved if self.workspace.document else 0
        edits = f"With it, your {count} unsaved {'edit is' if count == 1 else 'edits are'} saved." if count else ""
        note = "\n".join(part for part in (note, edits) if part)
        saved = await Saving(self.workspace, self).save(note, change=change, title=title, answer=answer)
        if saved.agreed and not saved.written:
            self._host.tell("There is nothing to repair that is surely right.")
        return saved.written

    async def _restore(self, preview: Preview) -> None:
        if await self._alone(lambda: Saving(self.workspace, self).restore(preview)):
            self._host.tell(f"{preview.snapshot.path.name} is as it was before the save.")
        self._host.refresh_file_state()
        self._host.refresh_form()

    async def _offer_before(self) -> bool:
        await Saving(self.workspace, self).offer_before()
        self._forms.forget_text()
        self._host.refresh_file_state()
        self._host.refresh_form()
        return True

    async def _alone(self, step: Callable[[], Awaitable[bool]]) -> bool:
        """Only one dialog about the file at a time."""
        if self._busy:
            return False
        self._busy = True
        try:
            return await step()
        finally:
            self._busy = False
