"""Rules on the keys of `[llm]` and its profiles: unknown ones, values of the wrong type, values out of bounds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tui.config.lint.case import Case, each_table, header, meant, spelled_alike
from tui.config.lint.problem import Loses, Problem, Remove, Rename, Repair, SetTo
from tui.config.lint.targets import NEWER, Target
from tui.config.openhands_coercion import taken
from tui.config.resolve import DEFAULT_TABLE, Table
from tui.config.schema import FIELDS, Field, InvalidValueError, Value, checked, plain
from tui.text import visible_line

_NOTHING: Final = frozenset({"none", "null", "nil", ""})


def unknown_keys(case: Case) -> Iterator[Problem]:
    """A key that the version does not know makes it ignore the whole table."""
    for table, own in each_table(case):
        for key in own:
            if affected := case.unknowing(key):
                yield _unknown(case, table, key, affected)


def _unknown(case: Case, table: Table, key: str, affected: tuple[Target, ...]) -> Problem:
    effect, loses = loss(case, table, affected)
    title, fix, repair = _advice(case, table, key, affected)
    return Problem(
        rule="unknown-key", severity=case.severity(affected), line=case.line(table, key), table=header(table), key=key,
        title=title, effect=effect, fix=fix, loses=loses, repair=repair,
    )  # fmt: skip


def _advice(case: Case, table: Table, key: str, affected: tuple[Target, ...]) -> tuple[str, str, Repair | None]:
    shown, sure = visible_line(key), case.severity(affected) == "error"
    if key in FIELDS:
        title = f"{shown} is gone since OpenHands {_after(FIELDS[key].until)}"
        return title, "Remove it.", Remove(table, key) if sure else None
    if key in NEWER:
        return f"{shown} is newer than {case.who(affected)}", "Remove it, or update OpenHands.", None
    known = frozenset.intersection(*(target.fields for target in affected))
    near = meant(key, known)
    if not near:
        return f"{shown} is not a key that OpenHands knows", "Remove it, or put it into another table.", None
    safe = near == spelled_alike(key, known) and near not in case.own(table)
    rename = Rename(table, key, near) if safe else None
    return f"{shown} is not a key that OpenHands knows", f"It probably means {near}: rename or remove it.", rename


def _after(version: str) -> str:
    major, _, minor = version.partition(".")
    return f"{major}.{int(minor) + 1}"


def values(case: Case) -> Iterator[Problem]:
    """What a known key holds: of the wrong type, converted, or taken although it makes no sense."""
    for table, own in each_table(case):
        for key, value in own.items():
            if key in FIELDS:
                yield from _value(case, table, FIELDS[key], value)


def _value(case: Case, table: Table, field: Field, value: object) -> Iterator[Problem]:
    try:
        result = taken(field, value)
    except InvalidValueError as error:
        yield _dropped(case, table, field, value, error)
        return
    try:
        checked(field, value)
    except InvalidValueError as error:
        converted = type(plain(result)) is not type(value) and not (field.kind == "number" and type(value) is int)
        yield _converted(case, table, field, result, error) if converted else _senseless(case, table, field, error)


def _dropped(case: Case, table: Table, field: Field, value: object, error: InvalidValueError) -> Problem:
    effect, loses = loss(case, table, case.targets)
    unset = isinstance(value, str) and value.strip().lower() in _NOTHING and field.optional
    fix = "Remove it: a key that is not there is none." if unset else f"Give it {field.expects}."
    return Problem(
        rule="wrong-type", severity="error", line=case.line(table, field.name), table=header(table), key=field.name,
        title=visible_line(f"{field.name}: {error.reason}"), effect=effect, fix=fix, loses=loses,
        repair=Remove(table, field.name) if unset else None,
    )  # fmt: skip


def _converted(case: Case, table: Table, field: Field, result: Value, error: InvalidValueError) -> Problem:
    value = plain(result)
    try:
        checked(field, result)
        repair: Repair | None = SetTo(table, field.name, value)
    except InvalidValueError:
        repair = None
    spelled = str(value).lower() if isinstance(value, bool) else str(value)
    return Problem(
        rule="converted", severity="warning" if repair else "error", line=case.line(table, field.name),
        table=header(table), key=field.name, title=visible_line(f"{field.name}: {error.reason}"),
        effect=f"OpenHands reads it as {spelled}.",
        fix=f"Write {field.name} = {spelled}." if repair else f"Give it {field.expects}.", repair=repair,
    )  # fmt: skip


def _senseless(case: Case, table: Table, field: Field, error: InvalidValueError) -> Problem:
    return Problem(
        rule="out-of-range", severity="error", line=case.line(table, field.name), table=header(table), key=field.name,
        title=visible_line(f"{field.name}: {error.reason}"),
        effect="OpenHands takes it unchecked; requests with it fail or do something else.",
        fix=f"Give it {field.expects}.",
    )  # fmt: skip


def loss(case: Case, table: Table, affected: tuple[Target, ...]) -> tuple[str, Loses]:
    """What a bad key costs in this table: in words, and in a word."""
    who, chained = case.who(affected), [target for target in affected if target.chained]
    profiles = case.document.profiles()
    if table == DEFAULT_TABLE:
        more = f" {case.who(tuple(chained))} also lets profiles inherit none of it." if chained and profiles else ""
        what = " Profiles inherit its defaults." if profiles and not chained else more
        return f"{who} ignores all of [llm] and works with its own defaults.{what}", "table"
    last = table[-1] == profiles[-1]
    more = (
        f" {case.who(tuple(chained))} also lets the profiles after it inherit nothing." if chained and not last else ""
    )
    return f"{who} ignores all of [{header(table)}]: whoever names it gets [llm].{more}", "profile"
