"""The catalogue as the form sees it. Until it is read, names are split at the slash and lists are empty."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Final

import msgspec

from tui.providers.catalogue import Catalogue, Model, catalogue
from tui.providers.marks import Mark, Marks, load_marks
from tui.providers.provider import Provider
from tui.providers.registry import find, join_model, providers, split_model, typed_model
from tui.providers.search import Finder
from tui.vault.aside import aside
from tui.widgets.picker import Suggestion

_BOUND_S: Final = 20.0
_SIGNS: Final = {"recommended": "★", "verified": "★", "deprecated": "!", "withdrawn": "!"}


class _Loaded(msgspec.Struct, frozen=True):
    catalogue: Catalogue
    marks: Marks
    finder: Finder
    providers: tuple[Provider, ...]


class CatalogueModels:
    """Implements `Models` over the installed LiteLLM's catalogue."""

    def __init__(self, today: Callable[[], date] = date.today) -> None:
        self._today = today
        self._loaded: _Loaded | None = None
        self._failed = ""

    async def load(self) -> None:
        """Read the catalogue beside the event loop; without it the form still works, and says what is missing."""
        try:
            self._loaded = await aside(_load, _BOUND_S)
        except (OSError, TimeoutError, ValueError, msgspec.MsgspecError) as error:
            self._failed = f"the catalogue can't be read ({type(error).__name__}): type the model as provider/model"

    def split(self, model: str) -> tuple[str, str]:
        """(provider, name); at the slash until the catalogue is there."""
        if self._loaded is not None:
            return split_model(model)
        provider, slash, name = model.partition("/")
        return (provider, name) if slash else ("", model)

    def join(self, provider: str, name: str) -> str:
        """The model as the file holds it, for text as a person types it."""
        return join_model(*typed_model(provider, name)) if self._loaded is not None else join_model(provider, name)

    def title(self, provider: str) -> str:
        """The provider in words."""
        found = find(provider) if self._loaded is not None else None
        return provider if found is None else found.title

    def providers(self, text: str) -> Sequence[Suggestion]:
        """The providers whose name or title holds every word."""
        words = text.casefold().split()
        known = () if self._loaded is None else self._loaded.providers
        found = [item for item in known if all(word in f"{item.name} {item.title}".casefold() for word in words)]
        first = text.casefold().strip()
        found.sort(key=lambda item: not (item.name.startswith(first) or item.title.casefold().startswith(first)))
        return [Suggestion(item.name, item.title, item.name) for item in found]

    def models(self, provider: str, text: str) -> Sequence[Suggestion]:
        """The provider's models that match, best first; another provider's where its own have none."""
        if self._loaded is None:
            return []
        finder = self._loaded.finder
        found = finder.find(text, provider=provider)
        if not found and text and provider:
            found = finder.find(text)
            return [self._suggestion(model, model.id) for model in found]
        return [self._suggestion(model, model.name if provider else model.id) for model in found]

    def facts(self, model: str) -> str:
        """Limits, price and marks; what is not known is said to be unknown."""
        if self._loaded is None:
            return self._failed or "reading the catalogue …"
        row = self._loaded.catalogue.get(model)
        facts = "not in the catalogue: context and price unknown" if row is None else _facts(row)
        return " · ".join([facts, *(mark.text for mark in self._marks(model))])

    def _suggestion(self, model: Model, title: str) -> Suggestion:
        marks = self._marks(model.id)
        bad = next((mark for mark in marks if mark.kind in ("deprecated", "withdrawn")), None)
        detail = " · ".join([_short(model), *([bad.text.partition(":")[0]] if bad else [])])
        return Suggestion(model.id, title, detail, _SIGNS[marks[0].kind] if marks else "")

    def _marks(self, model: str) -> tuple[Mark, ...]:
        return () if self._loaded is None else self._loaded.marks.of(model, self._today())


def _facts(model: Model) -> str:
    context = "" if model.context else "context unknown · "
    return context + model.facts


def _short(model: Model) -> str:
    return model.facts.removesuffix(" per 1M tokens")


def _load() -> _Loaded:
    read = catalogue()
    marks = load_marks(read)
    listed = [model for model in marks.models if read.get(model.id) is not None]
    gone = [model for model in marks.models if read.get(model.id) is None]  # to be found, but not first
    return _Loaded(read, marks, Finder((*read.models, *gone), listed), tuple(providers().values()))
