"""The catalogue as the form sees it. Until it is read, names are split at the slash and lists are empty."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Sequence
from datetime import date
from itertools import chain, islice, starmap
from typing import Final, TypeAlias

import msgspec

from tui.config.installation import upgrade_litellm
from tui.local.pinned import BUILT_IN, BUILT_IN_WORDS, CONTEXT_TOKENS
from tui.providers.builtin_providers import GUIDED
from tui.providers.catalogue import Catalogue, Model, catalogue, tokens
from tui.providers.marks import Mark, Marks, load_marks
from tui.providers.price_age import price_age
from tui.providers.provider import Provider
from tui.providers.recent import Recent
from tui.providers.registry import find, join_model, providers, split_model, typed_model
from tui.providers.search import Finder, nearest, plain, words_of
from tui.screens.live_models import Live
from tui.threads import aside
from tui.vault.places import BadURLError, canonical_origin, shown_host
from tui.widgets.suggestion import MOST_SHOWN, Found, Suggestion

_BOUND_S: Final = 20.0
_BUILT_IN: Final = Suggestion(BUILT_IN, "Built-in model", "on this machine, no key")
_SIGNS: Final = {"recommended": "★", "verified": "★", "deprecated": "!", "withdrawn": "!"}


class _Loaded(msgspec.Struct, frozen=True):
    catalogue: Catalogue
    marks: Marks
    finder: Finder
    providers: tuple[Provider, ...]
    recent: frozenset[str]
    prices: str


class _Served(msgspec.Struct, frozen=True):
    """What a server says it has, ready for narrowing."""

    live: Live
    finder: Finder


_Titled: TypeAlias = tuple[Model, str]
"""A model, and the name that it is shown by. Only those that are shown are made into lines, which takes longer."""


class CatalogueModels:
    """Implements `Models` over the installed LiteLLM's catalogue, with what a server says it serves above it."""

    def __init__(
        self, today: Callable[[], date] = date.today, recent: Recent | None = None, *, built_in: bool = False
    ) -> None:
        """`recent` remembers models between runs, None forgets them; `built_in`: offer the built-in model, too."""
        self._built_in = built_in
        self._recent = recent
        self._today = today
        self._loaded: _Loaded | None = None
        self._served: _Served | None = None
        self._failed = ""

    async def load(self) -> None:
        """Read the catalogue beside the event loop; without it the form still works, and says what is missing."""
        recent = self._recent
        try:
            self._loaded = await aside(lambda: _load(recent.all() if recent else (), self._today()), _BOUND_S)
        except (OSError, ValueError, msgspec.MsgspecError) as error:
            self._failed = f"the catalogue can't be read ({type(error).__name__}): type the model as provider/model"

    async def used(self, model: str) -> None:
        """Remember the model, and show it before others from now on."""
        recent = self._recent
        if recent is None or self._loaded is None or not model:
            return
        with contextlib.suppress(OSError):  # a disk that fails or hangs costs a comfort
            self._loaded = await aside(lambda: _load(recent.add(model), self._today()), _BOUND_S)

    def serve(self, live: Live | None) -> None:
        """Show these models of a server above the others, or none."""
        if live is not None and self._served is not None and self._served.live is live:
            return
        self._served = _Served(live, Finder(live.models)) if live and live.models else None

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
        """The providers whose name, title or other words hold every word, and the built-in model."""
        words = words_of(text)
        first = "-".join(words)
        known = GUIDED if self._loaded is None else self._loaded.providers
        lines = [(Suggestion(item.name, item.title, item.name), item.words) for item in known]
        if self._built_in:
            lines.insert(len(GUIDED), (_BUILT_IN, BUILT_IN_WORDS))
        found = [
            line for line, more in lines if all(word in plain(f"{line.detail} {line.title} {more}") for word in words)
        ]
        return sorted(
            found, key=lambda line: not plain(line.detail).startswith(first) | plain(line.title).startswith(first)
        )

    def models(self, provider: str, text: str) -> Found:
        """The provider's models that match, best first; another provider's where its own have none."""
        served = self._serving(provider, text)
        ids = {row.id for row, _ in served}
        listed = [item for item in self._listed(provider, text) if item[0].id not in ids]
        wanted = text.strip()
        lines = chain(starmap(self._served_line, served), starmap(self._line, listed))
        return Found(
            lines=tuple(islice(lines, MOST_SHOWN)),
            count=len(served) + len(listed),
            exact=next((row.id for row, title in chain(served, listed) if wanted in (row.id, title)), ""),
        )

    def facts(self, model: str, base_url: str) -> str:
        """Limits, price, marks and where it runs; what is not known is said to be unknown."""
        if model == BUILT_IN and _elsewhere(base_url, "openai"):
            return f"built-in model · {tokens(CONTEXT_TOKENS)} in · runs on this machine"
        if self._loaded is None:
            return self._failed or "reading the catalogue …"
        host = _elsewhere(base_url, self.split(model)[0])
        row = self._served_row(model, base_url) or self._loaded.catalogue.get(model)
        facts = "not in the catalogue: context and price unknown" if row is None else _facts(row)
        at = [f"sent to {host}"] if host else []
        return " · ".join([facts, *at, *(mark.text for mark in self._marks(model))])

    def prices(self) -> str:
        """Which LiteLLM the prices are of, how old they are, and the command that renews them."""
        return "" if self._loaded is None else self._loaded.prices

    def nearest(self, model: str) -> Sequence[str]:
        """The ids most like one that neither the catalogue, nor the marks, nor the server knows."""
        loaded = self._loaded
        if loaded is None or model == BUILT_IN or loaded.catalogue.get(model) is not None or self._marks(model):
            return ()
        if self._served is not None and any(row.id == model for row in self._served.live.models):
            return ()
        return nearest(model, loaded.catalogue.ids)

    def _serving(self, provider: str, text: str) -> list[_Titled]:
        served = self._served
        if served is None or served.live.provider != provider:
            return []
        return [(row, row.name) for row in served.finder.find(text)]

    def _served_row(self, model: str, base_url: str) -> Model | None:
        served = self._served
        if served is None or served.live.base_url != base_url:
            return None
        return next((row for row in served.live.models if row.id == model), None)

    def _listed(self, provider: str, text: str) -> list[_Titled]:
        if self._loaded is None:
            return []
        finder = self._loaded.finder
        found = finder.find(text, provider=provider)
        if not found and text and provider:
            return [(row, row.id) for row in finder.find(text)]
        return [(row, row.name if provider else row.id) for row in found]

    def _served_line(self, model: Model, title: str) -> Suggestion:
        host = self._served.live.host if self._served else ""
        return msgspec.structs.replace(self._line(model, title), group=f"served by {host}")

    def _line(self, model: Model, title: str) -> Suggestion:
        marks = self._marks(model.id)
        bad = next((mark for mark in marks if mark.kind in ("deprecated", "withdrawn")), None)
        known = self._loaded is not None and model.id in self._loaded.recent
        more = [*([bad.text.partition(":")[0]] if bad else []), *(["recent"] if known else [])]
        detail = " · ".join([_short(model), *more])
        return Suggestion(model.id, title, detail, _SIGNS[marks[0].kind] if marks else "")

    def _marks(self, model: str) -> tuple[Mark, ...]:
        return () if self._loaded is None else self._loaded.marks.of(model, self._today())


def _facts(model: Model) -> str:
    context = "" if model.context else "context unknown · "
    return context + model.facts


def _short(model: Model) -> str:
    return model.facts.removesuffix(" per 1M tokens")


def _elsewhere(base_url: str, provider: str) -> str:
    """The host of a base URL that is not the provider's own; "" for its own, or none that can be used."""
    if not base_url:
        return ""
    try:
        origin = canonical_origin(base_url)
    except BadURLError:
        return ""
    known = find(provider)
    return "" if known is not None and known.home and canonical_origin(known.home) == origin else shown_host(origin)


def _prices(today: date) -> str:
    command = upgrade_litellm(os.environ)
    where = "`llm-backends models` prints the command" if "/" in command else command  # a path could be cut off
    return f"{price_age(today).short}. To renew them: {where}."


def _load(recent: Sequence[str], today: date) -> _Loaded:
    read = catalogue()
    marks = load_marks(read)
    pool = (*read.models, *marks.withdrawn)  # to be found, but not first
    finder = Finder(pool, marks.standing(today), recent, today)
    return _Loaded(read, marks, finder, tuple(providers().values()), frozenset(recent), _prices(today))
