"""The Settings page: provider, model, key and profile. All that a first-time user needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message

from tui.config.resolve import Edit, Resolved
from tui.config.schema import FIELDS, shown
from tui.local.pinned import BUILT_IN
from tui.screens.form import FormPage
from tui.screens.missing_fields import Lack
from tui.widgets.also_set import AlsoSet, also_set
from tui.widgets.bindings import hidden
from tui.widgets.key_row import KeyRow, KeyState
from tui.widgets.model_rows import ModelRow, Models, ProviderRow
from tui.widgets.options import Options
from tui.widgets.row import Help, Row
from tui.widgets.status_line import Said

DEFAULT_PROFILE = "default"


class ProfileOptions(Options):
    """The profiles on one line; enter opens the page of them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        hidden("right,space", "move(1)", "profile.next", "Switch to the next profile"),
        hidden("left", "move(-1)", "profile.previous", "Switch to the previous profile"),
        hidden("enter", "open", "profile.open", "Profiles: switch, add, rename, copy, delete"),
    ]

    class Opened(Message):
        """Enter was pressed."""

    def action_open(self) -> None:
        """Ask for the page of profiles."""
        self.post_message(self.Opened())


class ProfileRow(Row):
    """Which table is shown and edited."""

    def __init__(self) -> None:
        self.base = DEFAULT_PROFILE
        """What `[llm]` itself is called."""
        self._options = ProfileOptions((DEFAULT_PROFILE,))
        super().__init__("Profile", self._options, id="profile")

    def show(self, profiles: Sequence[str], profile: str | None) -> None:
        """Offer the profiles of the file."""
        self.base = DEFAULT_PROFILE if DEFAULT_PROFILE not in profiles else "[llm]"
        self._options.offer((self.base, *profiles), self.base if profile is None else profile)
        self.say_origin(f"{len(profiles)} in file" if profiles else "no others in file")

    @property
    def help(self) -> Help:
        """What a profile is."""
        text = (
            "The table that this form shows and edits. A profile inherits what it does not set from [llm]; "
            "LLM_* variables override [llm] only."
        )
        keys = (("← →", "switch"), ("enter", "add, rename, copy, delete"))
        return Help("profile", ("[llm] or [llm.NAME]",), text, keys=keys)


class SettingsPage(FormPage):
    """Rows, two lines between them that say what the model can do and what is up with the key, and what else is set."""

    @dataclass
    class ProfileChosen(Message):
        """Another table should be shown."""

        profile: str | None

    @dataclass
    class BuiltInChosen(Message):
        """The built-in model should answer."""

    def __init__(self, models: Models) -> None:
        super().__init__(id="settings")
        self._models = models
        self._base_url = ""
        self.provider_row = ProviderRow(models)
        self.model_row = ModelRow(FIELDS["model"], models)
        self.key_row = KeyRow(FIELDS["api_key"])
        self.profile_row = ProfileRow()
        self._facts = Said(id="facts", classes="below")
        self._key_note = Said(id="key-note", classes="below")
        self._also = AlsoSet()

    def compose(self) -> ComposeResult:
        """The rows in the order in which a newcomer fills them in."""
        yield self.provider_row
        yield self.model_row
        yield self._facts
        yield self.key_row
        yield self._key_note
        yield self.profile_row
        yield self._also

    def show(self, resolved: Mapping[str, Resolved], edits: Mapping[str, Edit], file_name: str, keep: str = "") -> None:
        """Show what holds now."""
        super().show(resolved, edits, file_name, keep)
        model = resolved["model"]
        self._base_url = str(resolved["base_url"].value or "")
        self.provider_row.show(self._models.split(shown(model.field, model.value))[0], str(model.origin))
        self._say_facts(shown(model.field, model.value))
        self._also.fields = also_set(resolved)

    def show_needs(self, lack: Lack) -> None:
        """Mark the fields that the chosen provider needs."""
        super().show_needs(lack)
        self.key_row.need(lack.by if self.key_row.field.name in lack.fields else "")

    def show_found(self, found: Mapping[str, str]) -> None:
        """Mark the fields that will not work, also those that are only listed."""
        super().show_found(found)
        self._also.failing = frozenset(found)

    def show_key(self, state: KeyState) -> None:
        """Show what is known of the key."""
        self.key_row.show(state)
        self._key_note.set_class(state.serious, "-serious")
        self._key_note.say(state.note)

    def catalogue_came(self) -> None:
        """Look everything up once more."""
        self.provider_row.again()
        self.model_row.again()
        if (resolved := self.model_row.resolved) is not None and not self.model_row.pending:
            self._say_facts(shown(resolved.field, resolved.value))

    @on(ProviderRow.Chosen)
    def _provider_chosen(self, event: ProviderRow.Chosen) -> None:
        event.stop()
        if event.provider == BUILT_IN:
            self.post_message(self.BuiltInChosen())
            return
        resolved = self.model_row.resolved
        if resolved is not None and event.provider == self._models.split(shown(resolved.field, resolved.value))[0]:
            self.model_row.action_back() if self.model_row.pending else self.provider_row.show(
                event.provider, str(resolved.origin)
            )
            return
        self.provider_row.show(event.provider, "choose a model")
        self.model_row.ask_for(event.provider)
        self._say_facts("")
        self.go_to(self.model_row)
        self.call_after_refresh(self.model_row.open)

    @on(Options.Changed)
    def _profile_picked(self, event: Options.Changed) -> None:
        event.stop()
        self.post_message(self.ProfileChosen(None if event.value == self.profile_row.base else event.value))

    def _say_facts(self, model: str) -> None:
        self._facts.say(self._models.facts(model, self._base_url) if model else "")
