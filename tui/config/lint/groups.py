"""Rules on profiles that other tables name with `llm_config`: none of that name, a prefix too much, named by nobody."""

from __future__ import annotations

from collections.abc import Iterator

from tui.config.lint.case import Case, header
from tui.config.lint.problem import ENVIRONMENT, Problem, SetTo
from tui.config.references import REFERENCE, REFERENCE_ENV, RESERVED, references
from tui.config.resolve import DEFAULT_TABLE, Table
from tui.text import visible_line


def unknown_group(case: Case) -> Iterator[Problem]:
    """A name that is not there gets the default, without a word on the screen."""
    known = {"llm", *case.document.profiles()}
    for table, name in references(case.values):
        if name not in known:
            yield _unknown(case, table, name)
    if (name := case.env.get(REFERENCE_ENV, "")) and name not in known:
        yield Problem(
            rule="unknown-group", severity="error", table=ENVIRONMENT, key=REFERENCE_ENV,
            title=visible_line(f"{REFERENCE_ENV} names {name!r}, and there is no [llm.{name}]"), effect=_falls_back(),
            fix="Correct the name, or unset the variable.", loses="value",
        )  # fmt: skip


def _unknown(case: Case, table: Table, name: str) -> Problem:
    bare = name.removeprefix("llm.")
    if bare != name and bare in {"llm", *case.document.profiles()}:
        title, fix, repair = (
            f"{REFERENCE} has the prefix llm.",
            f'Write {REFERENCE} = "{bare}".',
            SetTo(table, REFERENCE, bare),
        )
    else:
        names = ", ".join(case.document.profiles()) or "none"
        title, repair = f"{REFERENCE} names {name!r}, and there is no [llm.{bare}]", None
        fix = f"Correct the name, or add the table. The profiles are: {names}."
    return Problem(
        rule="unknown-group", severity="error", line=case.line(table, REFERENCE), table=header(table), key=REFERENCE,
        title=visible_line(title), effect=_falls_back(), fix=visible_line(fix), loses="value", repair=repair,
    )  # fmt: skip


def _falls_back() -> str:
    return "OpenHands uses [llm] in its place, and says so in its log only."


def unused_group(case: Case) -> Iterator[Problem]:
    """A profile that nobody names is used with `-l NAME` alone."""
    named = {name for _, name in references(case.values)} | {
        name.removeprefix("llm.") for _, name in references(case.values)
    }
    named |= {RESERVED, case.env.get(REFERENCE_ENV, "")}
    for name in case.document.profiles():
        if name not in named and not case.document.table((*DEFAULT_TABLE, name)).get("for_routing"):
            yield Problem(
                rule="unused-group", severity="warning", line=case.line(DEFAULT_TABLE, name), table=f"llm.{name}",
                title=visible_line(f"nothing in the file names [llm.{name}]"),
                effect="OpenHands loads it and uses it only where it is asked for by name (-l).",
                fix=visible_line(f'Name it where it is wanted, as in [agent]: {REFERENCE} = "{name}".'),
            )  # fmt: skip
