"""Rules on profiles that other tables name with `llm_config`: none of that name, a prefix too much, named by nobody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tui.config.lint.case import Case, header
from tui.config.lint.problem import Problem, SetTo
from tui.config.resolve import DEFAULT_TABLE, Table
from tui.config.visible import visible_line

_KEY: Final = "llm_config"
_ENV: Final = "AGENT_LLM_CONFIG"
_RESERVED: Final = "draft_editor"
"""The profile that OpenHands' own editor uses; nobody has to name it."""


def references(case: Case) -> Iterator[tuple[Table, str]]:
    """Each table outside `[llm]` that names a profile, with the name."""
    todo: list[tuple[Table, object]] = [((name,), value) for name, value in case.values.items() if name != "llm"]
    for table, value in todo:
        if isinstance(value, dict):
            todo += [((*table, name), inner) for name, inner in value.items()]
            if isinstance(value.get(_KEY), str):
                yield table, value[_KEY]


def unknown_group(case: Case) -> Iterator[Problem]:
    """A name that is not there gets the default, without a word on the screen."""
    known = {"llm", *case.document.profiles()}
    for table, name in references(case):
        if name not in known:
            yield _unknown(case, table, name)
    if (name := case.env.get(_ENV, "")) and name not in known:
        yield Problem(
            rule="unknown-group", severity="error", table="environment", key=_ENV,
            title=visible_line(f"{_ENV} names {name!r}, and there is no [llm.{name}]"), effect=_falls_back(),
            fix="Correct the name, or unset the variable.", loses="value",
        )  # fmt: skip


def _unknown(case: Case, table: Table, name: str) -> Problem:
    bare = name.removeprefix("llm.")
    if bare != name and bare in {"llm", *case.document.profiles()}:
        title, fix, repair = f"{_KEY} has the prefix llm.", f'Write {_KEY} = "{bare}".', SetTo(table, _KEY, bare)
    else:
        names = ", ".join(case.document.profiles()) or "none"
        title, repair = f"{_KEY} names {name!r}, and there is no [llm.{bare}]", None
        fix = f"Correct the name, or add the table. The profiles are: {names}."
    return Problem(
        rule="unknown-group", severity="error", line=case.line(table, _KEY), table=header(table), key=_KEY,
        title=visible_line(title), effect=_falls_back(), fix=visible_line(fix), loses="value", repair=repair,
    )  # fmt: skip


def _falls_back() -> str:
    return "OpenHands uses [llm] in its place, and says so in its log only."


def unused_group(case: Case) -> Iterator[Problem]:
    """A profile that nobody names is used with `-l NAME` alone."""
    named = {name for _, name in references(case)} | {name.removeprefix("llm.") for _, name in references(case)}
    named |= {_RESERVED, case.env.get(_ENV, "")}
    for name in case.document.profiles():
        if name not in named and not case.document.table((*DEFAULT_TABLE, name)).get("for_routing"):
            yield Problem(
                rule="unused-group", severity="warning", line=case.line(DEFAULT_TABLE, name), table=f"llm.{name}",
                title=visible_line(f"nothing in the file names [llm.{name}]"),
                effect="OpenHands loads it and uses it only where it is asked for by name (-l).",
                fix=visible_line(f'Name it where it is wanted, as in [agent]: {_KEY} = "{name}".'),
            )  # fmt: skip
