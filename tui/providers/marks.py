"""The marks a model carries: verified by somebody, deprecated since a day, withdrawn from the price list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cache
from typing import Final, Literal, TypeAlias

import msgspec

from tui.providers.catalogue import Catalogue, Model
from tui.providers.registry import join_model, split_model

_FILE: Final = "marks.toml"

MarkKind: TypeAlias = Literal["verified", "recommended", "deprecated", "withdrawn"]


class Source(msgspec.Struct, frozen=True):
    """Who verified models, and when."""

    id: str
    title: str
    version: str
    date: str
    """When it verified them, as closely as is known: "early 2025"."""
    note: str
    models: dict[str, tuple[str, ...]] = {}
    """Verified models by provider, best first, where nothing more is said of them. Those that the price list does not
    have are left out: they may have another name there."""


class Verified(msgspec.Struct, frozen=True):
    """One verified model."""

    model: str
    """Its id in the spelling that LiteLLM accepts."""
    source: str
    recommended: bool = False
    written: str = ""
    """How the source spells it, where that differs."""


class Mark(msgspec.Struct, frozen=True):
    """One mark of one model, in words."""

    kind: MarkKind
    text: str
    """Short, for a row of a list: "★ verified"."""
    help: str
    """A sentence or two: what it means, where it comes from, what to do."""


class _File(msgspec.Struct, frozen=True):
    source: tuple[Source, ...]
    verified: tuple[Verified, ...]


class Marks:
    """Which models carry which marks, for one catalogue."""

    def __init__(self, verified: Iterable[Verified], sources: Iterable[Source], catalogue: Catalogue) -> None:
        self._sources = {source.id: source for source in sources}
        self._catalogue = catalogue
        self._listing = {model.provider for model in catalogue.models}
        """Providers whose models the price list has; of others, a missing row says nothing."""
        listed = [entry for source in reversed(self._sources.values()) for entry in self._of_source(source)]
        self.verified: Mapping[str, Verified] = {entry.model: entry for entry in (*verified, *listed)}

    def standing(self, today: date) -> tuple[Model, ...]:
        """The models that carry a star on that day: recommended first, then the newest source's."""
        ids = sorted(self.verified, key=lambda model: (not self.verified[model].recommended, self._rank(model)))
        return tuple(self._catalogue.get(model) or _bare(model) for model in ids if self._stands(model, today))

    @property
    def withdrawn(self) -> tuple[Model, ...]:
        """The verified models that the price list no longer has; without facts."""
        return tuple(_bare(model) for model in self.verified if self._is_withdrawn(model))

    def of(self, model: str, today: date) -> tuple[Mark, ...]:
        """The marks of a model as `[llm]` holds it, best first; none for a model that nothing is known of.

        A model that its provider has retired carries no star, whoever verified it.
        """
        entry = self.verified.get(model) or self.verified.get(join_model(*split_model(model)))
        row = self._catalogue.get(model)
        if entry is not None and self._is_withdrawn(entry.model):
            return (self._gone(entry),)
        marks = [self._star(entry)] if entry is not None and self._stands(entry.model, today) else []
        if row is not None and row.deprecated is not None:
            marks.append(_deprecated(row.deprecated, today))
        return tuple(marks)

    def _of_source(self, source: Source) -> Iterator[Verified]:
        for provider, names in source.models.items():
            rows = {row.name.casefold(): row.id for row in self._catalogue.of(provider)}
            for name in names:
                model = rows.get(name.casefold(), "" if rows else join_model(provider, name))
                if model:
                    yield Verified(model=model, source=source.id)

    def _rank(self, model: str) -> int:
        return -list(self._sources).index(self.verified[model].source)

    def _is_withdrawn(self, model: str) -> bool:
        return self._catalogue.get(model) is None and split_model(model)[0] in self._listing

    def _stands(self, model: str, today: date) -> bool:
        row = self._catalogue.get(model)
        return not self._is_withdrawn(model) and not (row is not None and row.retired(today))

    def _gone(self, entry: Verified) -> Mark:
        source = self._sources[entry.source]
        return Mark(
            "withdrawn",
            "withdrawn: no longer in LiteLLM's price list",
            f"Verified by {source.title}, version {source.version}, {source.date}. The provider has most likely "
            "retired it since; a request may fail. Choose a newer one of the same family.",
        )

    def _star(self, entry: Verified) -> Mark:
        source = self._sources[entry.source]
        where = f"{source.title}, version {source.version}, {source.date}: {source.note}."
        if entry.recommended:
            return Mark("recommended", "★ verified, recommended", where)
        return Mark("verified", "★ verified", where)


def _deprecated(day: str, today: date) -> Mark:
    if day > today.isoformat():
        return Mark(
            "deprecated", f"deprecated from {day}", f"The provider retires this model on {day}. Plan to replace it."
        )
    return Mark(
        "deprecated", f"deprecated since {day}", f"The provider retired this model on {day}; a request may fail."
    )


def _bare(model: str) -> Model:
    provider, name = split_model(model)
    return Model(id=model, provider=provider, name=name)


@cache
def _file() -> _File:
    from importlib.resources import files  # noqa: PLC0415  # read in a thread, after the first paint

    text = files("tui.providers").joinpath(_FILE).read_bytes()
    return msgspec.toml.decode(text, type=_File)


def load_marks(catalogue: Catalogue) -> Marks:
    """The marks from the data file, for a catalogue."""
    return Marks(_file().verified, _file().source, catalogue)
