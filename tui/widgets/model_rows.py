"""The rows of the provider and the model: together they make the one value that `[llm]` holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import msgspec
from textual import on
from textual.message import Message

from tui.config.resolve import Edit, Resolved
from tui.config.schema import Field, shown
from tui.widgets.field_row import FieldRow
from tui.widgets.picker import Picker
from tui.widgets.row import Help, Row
from tui.widgets.suggestion import Found, Suggestion


class Models(Protocol):
    """What the rows ask of the catalogue. All of it answers at once; before it is loaded, with less."""

    def split(self, model: str) -> tuple[str, str]:
        """(provider, name) of a model as the file holds it; the provider is "" where it can't be told."""

    def join(self, provider: str, name: str) -> str:
        """The model as the file holds it."""

    def title(self, provider: str) -> str:
        """The provider in words."""

    def providers(self, text: str) -> Sequence[Suggestion]:
        """The providers that match."""

    def models(self, provider: str, text: str) -> Found:
        """The provider's models that match: those that its server says it has, then those of the catalogue."""

    def facts(self, model: str, base_url: str) -> str:
        """Context window, longest answer, price and marks, in one line."""

    def prices(self) -> str:
        """How old the prices are, and how to renew them; "" before they are read."""

    def nearest(self, model: str) -> Sequence[str]:
        """The models most like one that is not known; none if it is known, or nothing is like it."""

    async def load(self) -> None:
        """Read the catalogue, off the event loop."""

    async def used(self, model: str) -> None:
        """Remember, off the event loop, that this model was saved or has answered."""


class ProviderRow(Row):
    """Choosing another provider asks for one of its models; until there is one, nothing is edited."""

    @dataclass
    class Chosen(Message):
        """The user chose a provider."""

        provider: str

    def __init__(self, models: Models) -> None:
        self._models = models
        self._picker = Picker(lambda text: Found.among(models.providers(text), text), free_text=False)
        super().__init__("LLM Provider", self._picker, id="provider")

    def show(self, provider: str, origin: str) -> None:
        """Show the provider; "" where it can't be told."""
        self._picker.put(provider, "unknown: choose one")
        self.say_origin(origin)

    def again(self) -> None:
        """There is more to choose from now."""
        self._picker.again()

    def open(self) -> None:
        """Show the list of providers."""
        self._picker.open("")

    @property
    def help(self) -> Help:
        """What the field is for."""
        text = "Who serves the model. Enter opens the list, typing narrows it, F1 shows its guide."
        return Help("provider", (), text)

    @on(Picker.Picked)
    def _picked(self, event: Picker.Picked) -> None:
        event.stop()
        self.post_message(self.Chosen(event.value))


class ModelRow(FieldRow):
    """The model without its provider, chosen from a list or typed."""

    @dataclass
    class Opened(Message):
        """The list of models was opened."""

        provider: str

    def __init__(self, field: Field, models: Models) -> None:
        self._models = models
        self._provider = ""
        self._pending = ""
        self._near: tuple[str, Sequence[str]] = ("", ())
        self._news = ""
        self._serious = False
        self._picker = Picker(lambda text: models.models(self._provider, text), free_text=True)
        super().__init__(field, self._picker)

    def show(self, resolved: Resolved, edit: Edit | None, file_name: str, *, keep_text: bool = False) -> None:
        """Show what holds now, and look for the models that may be meant if it is not known."""
        super().show(resolved, edit, file_name, keep_text=keep_text)
        self._look_near(shown(self.field, resolved.value))

    def ask_for(self, provider: str) -> None:
        """Want a model of this provider before anything is edited."""
        self._provider = self._pending = provider
        self._picker.action_close()
        title, lines = self._models.title(provider), self._models.models(provider, "").lines
        such = f", such as {lines[0].title}" if lines else ""
        self._picker.put("", f"choose a model of {title}")
        self._problem = f"A model of {title} is missing. Choose or type one{such}, or ^o goes back."
        self._mark()

    def open(self) -> None:
        """Show the list of models."""
        self._picker.open("")

    def take(self) -> str | None:
        """The model that was typed and not entered yet, once; "" if the text was emptied."""
        typed = self._picker.take()
        return self._models.join(self._provider, typed) if typed else typed

    def again(self) -> None:
        """There is more to choose from now, or less."""
        self._picker.again()
        if self.resolved is not None:
            self._near = ("", ())
            self._look_near(shown(self.field, self.resolved.value))

    def say_news(self, news: str, *, serious: bool = False) -> None:
        """What the help strip says of the server's own list; `serious` if there is none."""
        self._news, self._serious = news, serious

    @property
    def help(self) -> Help:
        """What the field is for, after news that are good, and how old the prices in its list are."""
        about = super().help
        facts = about.facts if self._serious or not self._news else (self._news.removesuffix("."), *about.facts)
        return msgspec.structs.replace(about, facts=facts, text=f"{self._models.prices()} {about.text}".lstrip())

    @property
    def provider(self) -> str:
        """The provider whose models are listed."""
        return self._provider

    @property
    def pending(self) -> str:
        """The provider that was chosen and has no model yet."""
        return self._pending

    def forget_text(self) -> None:
        """The provider that was chosen without a model goes too."""
        super().forget_text()
        self._pending = ""

    def _look_near(self, model: str) -> None:
        if model != self._near[0]:
            self._near = (model, self._models.nearest(model) if model else ())

    def _notes(self, resolved: Resolved) -> list[str]:
        near = self._near[1]
        notes = [f"Not in the catalogue; the nearest: {', '.join(near)}."] if near and not self._pending else []
        return [*([self._news] if self._serious else []), *notes, *super()._notes(resolved)]

    def _keys(self, resolved: Resolved) -> list[tuple[str, str]]:
        return [*super()._keys(resolved), ("f1", "guide")]

    def _put(self, resolved: Resolved) -> None:
        self._provider, name = self._models.split(shown(self.field, resolved.value))
        self._picker.put(name, "" if name else self._absent())

    @on(Picker.Opened)
    def _opened(self, event: Picker.Opened) -> None:
        event.stop()
        self.post_message(self.Opened(self._provider))

    @on(Picker.Picked)
    def _picked(self, event: Picker.Picked) -> None:
        event.stop()
        self.forget_text()
        self._take(self._models.join(self._provider, event.value) if event.value else "")
