"""Rules on `LLM_*` variables: unknown names, switches that read as off, failing casts, values that shadow the file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tui.config.lint.case import Case, meant
from tui.config.lint.problem import ENVIRONMENT, Problem
from tui.config.resolve import DEFAULT_TABLE
from tui.config.schema import ENV_PREFIX, FIELDS, Field, InvalidValueError, checked, parsed, plain, read_env
from tui.text import visible_line

_OURS: Final = "LLM_BACKENDS_"


def unknown_names(case: Case) -> Iterator[Problem]:
    """A name that OpenHands does not read is passed over in silence."""
    for name in sorted(case.env):
        field = name.removeprefix(ENV_PREFIX).lower()
        if not name.startswith(ENV_PREFIX) or name.startswith(_OURS) or not case.env[name]:
            continue
        if affected := case.unknowing(field):
            near = meant(field, frozenset(FIELDS) - {field})
            gone = f"It is gone since OpenHands {FIELDS[field].until}." if field in FIELDS else ""
            hint = f"It probably means {ENV_PREFIX}{near.upper()}." if near else "No variable is near it."
            yield Problem(
                rule="unknown-variable", severity="warning", table=ENVIRONMENT, key=name,
                title=visible_line(f"{name} is not a variable that OpenHands reads"),
                effect=f"{case.who(affected)} ignores it without a word.", fix=gone or hint, loses="value",
            )  # fmt: skip


def misread(case: Case) -> Iterator[Problem]:
    """What OpenHands makes of a value that a person means otherwise."""
    for field in FIELDS.values():
        text = case.env.get(field.env_name, "")
        if not text:
            continue
        try:
            value = read_env(field, text)
        except InvalidValueError as error:
            yield _problem(field, error.reason, "OpenHands logs an error and ignores it.", loses=True)
            continue
        if field.kind == "switch" and not value and not _means_off(field, text):
            words = f"{text!r} is not true: only true and 1 are"
            yield _problem(field, words, "OpenHands reads it as false.", loses=True)
        try:
            checked(field, value)
        except InvalidValueError as error:
            yield _problem(field, error.reason, "OpenHands takes it unchecked; requests with it fail.")


def _means_off(field: Field, text: str) -> bool:
    try:
        return not plain(parsed(field, text))
    except InvalidValueError:
        return False


def _problem(field: Field, reason: str, effect: str, *, loses: bool = False) -> Problem:
    return Problem(
        rule="misread-variable", severity="error", table=ENVIRONMENT, key=field.env_name,
        title=visible_line(f"{field.env_name}: {reason}"), effect=effect, fix=f"Give it {field.expects}, or unset it.",
        loses="value" if loses else "nothing",
    )  # fmt: skip


def shadowing(case: Case) -> Iterator[Problem]:
    """A variable wins over the file's `[llm]`."""
    own = case.own(DEFAULT_TABLE)
    for name, item in case.resolved(DEFAULT_TABLE).items():
        if item.origin.kind == "env" and name in own:
            yield Problem(
                rule="shadowed", severity="warning", line=case.line(DEFAULT_TABLE, name), table="llm", key=name,
                title=f"{item.env_name} is set in the environment",
                effect="OpenHands takes the variable's value, not the file's; profiles keep the file's.",
                fix=f"Unset {item.env_name} where the file should count.", loses="value",
            )  # fmt: skip
