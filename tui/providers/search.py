"""Narrowing a list of models as a person types, and finding the nearest right names to a wrong one.

The order of what is found:

    1. the model that is named exactly
    2. models that hold every word as typed, before those that hold its letters in order with gaps; of the former, those
       that hold the words side by side first
    3. within each: verified, then recent and favourite ones, then the rest, then those that are retired
    4. within each: the closer match, then the order of the list

A blank, a dot and a dash are one and the same: `sonnet 4.5`, `sonnet-4-5` and `sonnet 4 5` find the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from difflib import SequenceMatcher
from itertools import pairwise
from types import MappingProxyType
from typing import Final

import msgspec

from tui.providers.catalogue import Model
from tui.providers.registry import providers, split_model

_BOUNDARIES: Final = frozenset("/-_.: @")
_SAME: Final = re.compile(r"[\s.-]+")
_GAPS: Final = 3
"""Letters in order count as a match if they lie within this many times their number."""
_AWAY: Final = 8
"""How far from perfect a word is that does not start where a part of the id starts."""
_LENGTHS: Final = 8
"""So many letters more count as one step further from perfect: shorter names first, within reason."""
_SHORTLIST: Final = 40
_SIMILAR: Final = 0.5
"""Below this ratio (0 to 1) two names have nothing to do with each other."""


class _Entry(msgspec.Struct, frozen=True):
    model: Model
    names: tuple[str, str]
    """The id, and the model's own name; lower-case."""
    text: str
    """What words are looked for in: the id, and after a blank the provider's title and other words; lower-case."""
    weight: int
    """Steps from perfect that the length of the model's own name counts for."""
    tier: int
    """0 verified, 1 recent or favourite, 2 the rest, 3 retired."""
    order: int


class Finder:
    """A list of models made ready for narrowing."""

    def __init__(
        self,
        models: Iterable[Model],
        verified: Sequence[Model] = (),
        recent: Sequence[str] = (),
        today: date = date.min,
        words: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Prepare a list; of two models with one id the first counts.

        Args:
            models: the catalogue's and those that the endpoint itself named.
            verified: verified models, best first; listed even where `models` lacks them.
            recent: ids of recent and favourite models, best first; listed even where `models` lacks them.
            today: models that their providers have retired by then come last.
            words: more that people look for some models by, by id.
        """
        listed: dict[str, tuple[int, Model]] = {model.id: (0, model) for model in verified}
        pool = {model.id: model for model in reversed(tuple(models))}
        for name in recent:
            provider, own = split_model(name)
            listed.setdefault(name, (1, pool.get(name) or Model(id=name, provider=provider, name=own)))
        for name in reversed(pool):
            listed.setdefault(name, (3 if pool[name].retired(today) else 2, pool[name]))
        titles = {item.name: plain(f"{item.title} {item.words}".strip()) for item in providers().values()}
        self._entries = [
            _Entry(
                model=model,
                names=(plain(name), plain(model.name)),
                text=f"{plain(name)} {titles.get(model.provider, '')} {words.get(name, '')}",
                weight=len(model.name) // _LENGTHS if tier else 0,
                tier=tier,
                order=order,
            )
            for order, (name, (tier, model)) in enumerate(listed.items())
        ]

    def find(self, query: str = "", *, provider: str = "", limit: int | None = None) -> list[Model]:
        """The models that match every word of `query`, best first; all of them for an empty one.

        Args:
            query: words in any order, upper or lower case.
            provider: only this provider's models.
            limit: how many at most.
        """
        words = words_of(query)
        wanted = "-".join(words)
        found: list[tuple[bool, bool, bool, int, int, int, Model]] = []
        for entry in self._entries:
            if provider and entry.model.provider != provider:
                continue
            match = _match(words, entry.text)
            if match is not None:
                gaps, distance = match
                distance += entry.weight if words else 0
                apart = wanted not in entry.text
                found.append((wanted not in entry.names, gaps, apart, entry.tier, distance, entry.order, entry.model))
        found.sort()  # no two have one order, so models are never compared
        return [item[6] for item in found[:limit]]


def plain(text: str) -> str:
    """What a search compares: lower case, with a dash for each blank and dot."""
    return text.lower().replace(".", "-").replace(" ", "-")


def words_of(query: str) -> list[str]:
    """What a search looks for, each by itself."""
    return [word for word in _SAME.split(query.lower()) if word]


def _match(words: Sequence[str], text: str) -> tuple[bool, int] | None:
    """(whether letters have gaps, how far from perfect); None if a word is not there at all."""
    gaps, distance = False, 0
    for word in words:
        at = text.find(word)
        if at < 0:
            span = _span(word, text)
            if span is None:
                return None
            gaps, distance = True, distance + span
        else:
            distance += 0 if _starts_part(word, text, at) else _AWAY
    return gaps, distance


def _starts_part(word: str, text: str, at: int) -> bool:
    while at > 0 and text[at - 1] not in _BOUNDARIES:
        at = text.find(word, at + 1)
    return at >= 0


def _span(word: str, text: str) -> int | None:
    """How many letters of `text` it takes to find those of `word` in order; None if too many or impossible."""
    most = _GAPS * len(word)
    start = text.find(word[0])
    while start >= 0:
        at = start
        for letter in word[1:]:
            at = text.find(letter, at + 1)
            if at < 0:
                return None
        if at - start < most:
            return at - start + (0 if start == 0 or text[start - 1] in _BOUNDARIES else _AWAY)
        start = text.find(word[0], start + 1)
    return None


def nearest(name: str, ids: Iterable[str], count: int = 3) -> tuple[str, ...]:
    """The ids most like a wrong `name`, best first; none if nothing is like it. Of two alike, the first in `ids` wins.

    A name without provider is compared with the names alone; with one, the provider's own models come first. Takes
    about 10 ms for 3,000 ids.
    """
    wanted = name.lower()
    pairs = _pairs(wanted)
    scored: list[tuple[float, int, str, str]] = []
    for order, model in enumerate(ids):
        text = model.lower() if "/" in wanted else model.lower().partition("/")[2]
        other = _pairs(text)
        scored.append((-2 * len(pairs & other) / (len(pairs) + len(other) or 1), order, model, text))
    scored.sort()
    ranked = [(-_likeness(wanted, text), order, model) for _, order, model, text in scored[:_SHORTLIST]]
    close = sorted(item for item in ranked if -item[0] >= _SIMILAR)
    return tuple(model for _, _, model in close[:count])


def _pairs(text: str) -> frozenset[str]:
    return frozenset(first + second for first, second in pairwise(text))


def _likeness(wanted: str, text: str) -> float:
    own = wanted.partition("/")[0] == text.partition("/")[0] and "/" in wanted
    return SequenceMatcher(None, wanted, text, autojunk=False).ratio() + (0.1 if own else 0)
