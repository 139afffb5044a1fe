"""The one screen at work: rows send edits up, the draft takes them, keys and file are asked beside the event loop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from textual import events, on, work
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.message import Message

from tui.config.schema import FIELDS, shown
from tui.config.workspace import Preview
from tui.screens.commands import commands
from tui.screens.form import FormPage
from tui.screens.profiled import ProfiledScreen
from tui.screens.saving import Saving
from tui.screens.settings import SettingsPage
from tui.widgets.bindings import hidden
from tui.widgets.field_row import FieldRow
from tui.widgets.row import Row

FIRST_QUESTION: Final = "What is the capital of France?"


class MainScreen(ProfiledScreen):
    """Owns the draft."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "Save", id="main.save", tooltip="Show the change of the file and save it"),
        Binding(
            "ctrl+z", "undo", "Undo", id="main.undo", tooltip="Take the last edit back; after a save, restore the file"
        ),
        Binding(
            "ctrl+g", "editor", "Editor", id="main.editor", tooltip="Open the file in $EDITOR, at the field's line"
        ),
        hidden("f12", "export", "main.export", "Show the settings for a shell, .env, docker, compose; copy them"),
    ]

    _refreshing = False  # as soon as what was typed is on the screen

    @dataclass
    class Ready(Message):
        """What is typed from now on arrives in the form."""

    def on_mount(self) -> None:
        """Show the file, then look for what takes longer."""
        self.refresh_form()
        self._look_at_file()
        if self._is_new:
            self._welcome()
        else:
            self.call_after_refresh(self._offer_left)
        self.post_message(self.Ready())
        self.call_after_refresh(self._after_first_paint)

    @property
    def _is_new(self) -> bool:
        """Whether nothing is set anywhere; others are in the form already."""
        if not self._services.built_in or self.workspace.snapshot.raw is not None or self.workspace.unsaved:
            return False
        return all(item.origin.kind == "default" for item in self.workspace.resolved().values())

    @work(group="left")
    async def _welcome(self) -> None:
        """Greet a newcomer, after the edits that a session without a save may have left: who takes them is none."""
        if self._services.drafts is not None:
            await self._stands.wait()  # a dialog before the first paint would keep the form behind it from standing
            await self._recovering.offer(self.refresh_form)
        if not self._is_new or not self.is_current:
            return
        from tui.screens.welcome import Welcome  # noqa: PLC0415  # only a first start pays for it

        wish = await self.app.push_screen_wait(Welcome(self.workspace.snapshot.path.name))
        if wish == "try" and self._services.built_in:
            for name, value in self._services.built_in().items():
                self.draft.put(name, value)
            self.draft.rest()
            self.refresh_form()
            self._question = FIRST_QUESTION
            await self.action_tab("chat")
        elif wish == "set up":
            self._settings.go_to(self._settings.provider_row)
            self._settings.provider_row.open()

    def refresh_form(self, keep: str = "") -> None:
        """Show what holds now everywhere; the field named `keep` keeps the text that is being typed."""
        workspace = self.workspace
        resolved, edits = workspace.resolved(), workspace.edits
        for page in self._pages():
            page.show(resolved, edits, workspace.snapshot.path.name, keep)
        self._settings.profile_row.show(workspace.profiles, workspace.profile)
        model = resolved["model"]
        self._show_title(shown(model.field, model.value))
        self._show_help()
        self._show_needs(resolved)
        if self._chat is not None:
            self._chat.settings_changed()
        self.follow_server(resolved)
        self.follow_key(resolved)
        self.follow_problems(resolved)
        self.follow_profiles()
        self.follow_draft(resolved)

    def _refresh_soon(self) -> None:
        """Show what holds once the letter that was typed is on the screen; keys come in bursts."""
        if not self._refreshing:
            self._refreshing = True
            self.call_after_refresh(self._refresh_now)

    def _refresh_now(self) -> None:
        self._refreshing = False
        row = self._focused_row()
        self.refresh_form(keep=row.field.name if isinstance(row, FieldRow) and row.types_text else "")

    @on(events.DescendantBlur)
    def _focus_left(self) -> None:
        self.draft.rest()

    # Editing

    @on(FieldRow.Edited)
    def _edited(self, event: FieldRow.Edited) -> None:
        event.stop()
        self.draft.put(event.row.field.name, event.value)
        self._refresh_soon()

    @on(FieldRow.Rejected)
    def _rejected(self, event: FieldRow.Rejected) -> None:
        event.stop()
        self.draft.hold(event.row.field.name)
        self._refresh_soon()

    @on(FieldRow.BackAsked)
    def _back_asked(self, event: FieldRow.BackAsked) -> None:
        event.stop()
        self.draft.back(event.row.field.name)
        event.row.forget_text()
        self.refresh_form()

    @on(SettingsPage.ProfileChosen)
    def _profile_chosen(self, event: SettingsPage.ProfileChosen) -> None:
        event.stop()
        self.choose_profile(event.profile)

    def choose_profile(self, profile: str | None) -> None:
        """Show and edit another table."""
        if profile != self.workspace.profile:
            self.draft.rest()
            self._forget_text()
            self.workspace.profile = profile
            self.refresh_form()

    def action_undo(self) -> None:
        """Take back text that does not fit, else the last edit; after a save, offer the file as it was."""
        self._settle()
        wrong = self._wrong_row()
        if wrong is not None:
            self._forget_text()
            self._say(f"Undone: what was typed into {wrong.label}.")
        elif isinstance(undone := self.draft.undo(), Preview):
            self._restore(undone)
        else:
            self._say(f"Undone: {FIELDS[undone].title}." if undone else "There is nothing to undo.")
        self.refresh_form()

    @work(group="save")
    async def _restore(self, preview: Preview) -> None:
        if await self._alone(lambda: Saving(self.workspace, self).restore(preview)):
            self._say(f"{preview.snapshot.path.name} is as it was before the save.")
        self._look_at_file()
        self.refresh_form()

    # The file

    @work(group="save")
    async def action_save(self) -> None:
        """Show the change and write it; a typed key goes to the keyring with it."""
        await self.save_all()

    async def save_all(self) -> bool:
        """Save; whether nothing is left to save."""
        self._settle()
        if not self._stopped_by_problem():
            await self._alone(self._save)
        return not self.unsaved

    async def _save(self) -> bool:
        host = self._services.keys.waiting(self.workspace.resolved())
        if not host and not self.workspace.unsaved:
            self._say("Nothing to save: the file is as you see it.")
            return True
        note = f"The API key goes to the keyring, for {host}; it is not written to the file." if host else ""
        saved = await Saving(self.workspace, self).save(note)
        if saved.written:
            self._say(f"Saved {self.workspace.snapshot.path.name}. ^z restores it as it was.")
            model = self.workspace.resolved()["model"]
            self.remember(shown(model.field, model.value))
        if saved.agreed and host:
            reason = await self._services.keys.store(self.workspace.resolved())
            kept = f"The key for {host} is kept for this session only: the keyring can't be used."
            words = kept if reason else f"The key for {host} is in the keyring."
            self._say(words, serious=bool(reason))
        self._key_changed()
        return saved.agreed

    def _stopped_by_problem(self) -> bool:
        if self.workspace.problem:
            self._say("The file can't be read, so it is not written over. Repair it first.", serious=True)
            return True
        wrong = self._wrong_row()
        if wrong is None:
            return False
        self._say(f"Not saved. {wrong.problem}", serious=True)
        page = next(node for node in wrong.ancestors if isinstance(node, FormPage))
        self.tab, self._page = page.id or "settings", page
        page.go_to(wrong)
        return True

    def _wrong_row(self) -> Row | None:
        return next((row for page in self._pages() for row in page.query(Row) if row.problem), None)

    def _settle(self) -> None:
        """Take what was typed and not entered yet, as leaving the field would."""
        if (model := self._settings.model_row.take()) is not None:
            self.draft.put("model", model or None)
            self.refresh_form()
        if (secret := self._settings.key_row.take()) is not None:
            self._hold_key(secret)
        for row in (row for page in self._pages() for row in page.query(FieldRow)):
            if (typed := row.take_secret()) is not None:
                self.draft.put(row.field.name, typed)
        self.draft.rest()

    @work(group="start")
    async def _after_first_paint(self) -> None:
        if self._services.import_late is not None:
            await self._services.import_late()
        self._stands.set()
        await self._ensure_chat()
        if self._question:
            await self.action_tab("chat")
        await self._services.models.load()
        self._loaded = True
        self.refresh_form(keep=self._typing_in())
        self._settings.catalogue_came()

    def _forget_text(self) -> None:
        for page in self._pages():
            for row in page.query(FieldRow):
                row.forget_text()

    def _typing_in(self) -> str:
        row = self._focused_row()
        return row.field.name if isinstance(row, FieldRow) else ""

    def commands(self) -> Iterator[SystemCommand]:
        """The actions of this screen, for the palette."""
        yield from commands(self)

    def action_discard(self) -> None:
        """Forget every edit."""
        self.workspace.discard()
        self._forget_text()
        self.refresh_form()
