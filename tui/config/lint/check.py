"""All rules over one file, and the repairs of those problems that have one.

fields       unknown keys, wrong types, values out of bounds
tables       [core], [LLM], keys outside [llm], tables inside profiles
groups       llm_config
environment  LLM_*
meanings     addresses, API versions, retry bounds, keys in plain text
reader       valid TOML that OpenHands can't read
syntax       no TOML at all
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeAlias

from tui.config.lint import environment, fields, groups, meanings, reader, tables
from tui.config.lint.case import Case
from tui.config.lint.problem import Problem, Remove, Rename, Repair, Rewrite, SetTo
from tui.config.lint.syntax import bad_file
from tui.config.lint.targets import Target
from tui.config.toml.document import BadFileError, ConfigError, Document

Rule: TypeAlias = Callable[[Case], Iterator[Problem]]

RULES: Final[tuple[Rule, ...]] = (
    reader.byte_order_mark,
    reader.mixed_lists,
    reader.misread_text,
    tables.missing_core,
    tables.wrong_case,
    tables.not_a_table,
    tables.misplaced,
    tables.named_like_a_field,
    tables.nested,
    fields.unknown_keys,
    fields.values,
    groups.unknown_group,
    groups.unused_group,
    meanings.base_urls,
    meanings.azure_versions,
    meanings.retry_bounds,
    meanings.plain_keys,
    environment.unknown_names,
    environment.misread,
    environment.shadowing,
)


def lint(raw: bytes, env: Mapping[str, str], targets: tuple[Target, ...]) -> tuple[Problem, ...]:
    """Every problem of a file, by line; those of the environment come last.

    Args:
        raw: the file; one that can't be parsed has exactly one problem.
        env: the variables that OpenHands will see; empty to look at the file alone.
        targets: the versions of OpenHands that will read it, from `targets.chosen`.
    """
    try:
        case = Case(Document(raw), env, targets)
    except BadFileError as error:
        return (bad_file(raw, error),)
    found = [problem for rule in RULES for problem in rule(case)]
    return tuple(sorted(found, key=lambda item: (item.in_environment, item.line)))


def fixed(raw: bytes, env: Mapping[str, str], targets: tuple[Target, ...]) -> bytes:
    """The file after every safe repair. Each is made on the result of the one before, through the guarded document."""
    refused: set[Repair] = set()
    while True:
        repairs = (problem.repair for problem in lint(raw, env, targets))
        repair = next((item for item in repairs if item is not None and item not in refused), None)
        if repair is None:
            return raw
        refused.add(repair)  # each is tried once, so that this ends
        try:
            raw = _repaired(raw, repair)
        except ConfigError:  # the guard does not let it through: it stays a problem, which the caller shows
            continue


def fixed_one(raw: bytes, env: Mapping[str, str], targets: tuple[Target, ...], problem: Problem) -> bytes:
    """The file after the repair of one problem, which is looked up anew: others may have written in between.

    The file as it is, if the problem is not there any more. Raises `ConfigError` if the repair is refused.
    """
    what = (problem.rule, problem.table, problem.key)
    same = [item for item in lint(raw, env, targets) if (item.rule, item.table, item.key) == what and item.repair]
    found = min(same, key=lambda item: abs(item.line - problem.line), default=None)
    return raw if found is None or found.repair is None else _repaired(raw, found.repair)


def _repaired(raw: bytes, repair: Repair) -> bytes:
    match repair:
        case Rewrite(new):
            return new
        case SetTo(table, key, value):
            return Document(raw).set(table, key, value).raw
        case Remove(table, key):
            return Document(raw).unset(table, key).raw
        case Rename(table, key, new):
            document = Document(raw)
            old = document.table(table).get(key)
            return document.unset(table, key).set(table, new, old).raw if isinstance(old, (str, int, float)) else raw
