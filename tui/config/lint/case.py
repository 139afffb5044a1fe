"""What the rules look at: one file that parses, the environment, and the versions of OpenHands that will read it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from functools import cached_property
from typing import Final

from tui.config.lint.problem import Severity
from tui.config.lint.targets import Target
from tui.config.resolve import DEFAULT_TABLE, EMPTY_SOURCE, Resolved, Source, Table, resolve
from tui.config.schema import FIELDS
from tui.config.toml.document import Document

_ALIASES: Final[Mapping[str, str]] = {
    "api_base": "base_url", "api_url": "base_url", "url": "base_url", "endpoint": "base_url", "host": "base_url",
    "provider": "custom_llm_provider", "llm_provider": "custom_llm_provider",
    "key": "api_key", "token": "api_key", "api_token": "api_key",
    "name": "model", "model_name": "model", "llm_model": "model",
    "max_tokens": "max_output_tokens", "max_completion_tokens": "max_output_tokens",
    "context_window": "max_input_tokens",
    "retries": "num_retries", "max_retries": "num_retries", "vision": "disable_vision",
    "region": "aws_region_name", "aws_region": "aws_region_name", "deployment": "model",
}  # fmt: skip
"""What people write for what OpenHands calls otherwise, where the spelling alone would not lead there."""


class Case:
    """The file and its surroundings; nothing here is written."""

    def __init__(self, document: Document, env: Mapping[str, str], targets: tuple[Target, ...]) -> None:
        self.document = document
        self.env = env
        self.targets = targets

    @cached_property
    def values(self) -> Mapping[str, object]:
        """Everything in the file, as tomllib reads it."""
        return self.document.values

    @cached_property
    def tables(self) -> tuple[Table, ...]:
        """The tables that OpenHands reads settings of a model from: `[llm]` if it is there, and each profile."""
        own = (DEFAULT_TABLE,) if self.document.has(DEFAULT_TABLE) else ()
        return (*own, *((*DEFAULT_TABLE, name) for name in self.document.profiles()))

    def own(self, table: Table) -> Mapping[str, object]:
        """What OpenHands takes for the table's fields: every value that is not itself a table."""
        found: object = self.values
        for name in table:
            found = found.get(name) if isinstance(found, dict) else None
        return {k: v for k, v in found.items() if not isinstance(v, dict)} if isinstance(found, dict) else {}

    def line(self, table: Table, key: str) -> int:
        """Line of a key, or of a table's header; 0 where it can't be told."""
        return self.document.lines(table).get(key, 0)

    def resolved(self, table: Table) -> Mapping[str, Resolved]:
        """The effective values of a table."""
        base = self._source(DEFAULT_TABLE)
        profile = table[1] if len(table) > 1 else None
        overlay = EMPTY_SOURCE if profile is None else self._source(table)
        return resolve(base, env=self.env, edits={}, profile=profile, overlay=overlay)

    def affected(self, applies: Callable[[Target], bool]) -> tuple[Target, ...]:
        """The versions that something applies to."""
        return tuple(target for target in self.targets if applies(target))

    def unknowing(self, key: str) -> tuple[Target, ...]:
        """The versions that don't know a key of `[llm]`."""
        return self.affected(lambda target: key not in target.fields)

    def severity(self, affected: tuple[Target, ...]) -> Severity:
        """An error if every version that is looked at is affected."""
        return "error" if len(affected) == len(self.targets) else "warning"

    def who(self, affected: tuple[Target, ...]) -> str:
        """The affected versions in words: "OpenHands", or "OpenHands 0.26 and older" where not all are.

        Versions that read alike follow each other, so the affected ones reach to one end of the row.
        """
        if len(affected) == len(self.targets):
            return "OpenHands"
        if affected[0] is self.targets[0]:
            return f"OpenHands {affected[-1].name} and older"
        return f"OpenHands {affected[0].name} and newer"

    def _source(self, table: Table) -> Source:
        return Source(self.document.table(table), self.document.lines(table))


def header(table: Table) -> str:
    """The table's name as problems give it: `llm.cheap`."""
    return ".".join(table)


def meant(key: str, known: frozenset[str]) -> str:
    """The known key that was probably meant; "" if none is near."""
    if (same := spelled_alike(key, known)) or (same := _ALIASES.get(_folded(key), "")):
        return same if same in known else ""
    return next(iter(get_close_matches(_folded(key), sorted(known), n=1, cutoff=0.6)), "")


def spelled_alike(key: str, known: frozenset[str]) -> str:
    """The known key that differs in capitals, hyphens and underscores alone; "" if there is none."""
    bare = _bare(key)
    return next((name for name in FIELDS if name in known and _bare(name) == bare), "")


def _folded(key: str) -> str:
    return key.lower().replace("-", "_").strip()


def _bare(key: str) -> str:
    return _folded(key).replace("_", "").replace(" ", "")


def each_table(case: Case) -> Iterator[tuple[Table, Mapping[str, object]]]:
    """Each table of settings with its own values."""
    return ((table, case.own(table)) for table in case.tables)
