"""Rules on tables: a missing `[core]`, `[LLM]`, `[[llm]]`, keys that stand outside `[llm]`, tables inside profiles."""

from __future__ import annotations

from collections.abc import Iterator

from tui.config.lint.case import Case, header
from tui.config.lint.problem import Problem, Rewrite
from tui.config.resolve import DEFAULT_TABLE
from tui.config.schema import ENV_PREFIX, FIELDS
from tui.config.syntax import read_text, read_values
from tui.config.toml.edit_guard import same
from tui.text import visible_line

_ROOT = ()


def missing_core(case: Case) -> Iterator[Problem]:
    """OpenHands 0.26 and older read no table at all in a file without `[core]`."""
    affected = case.affected(lambda target: target.needs_core)
    if not affected or "core" in case.values or not any(isinstance(v, dict) for v in case.values.values()):
        return
    yield Problem(
        rule="no-core", severity=case.severity(affected), line=case.line(_ROOT, "llm"), table="core",
        title="the file has no [core]",
        effect="OpenHands 0.26 and older ignore every table of such a file, [llm] too.",
        fix="Add a line [core].", loses="file", repair=_with_core(case),
    )  # fmt: skip


def _with_core(case: Case) -> Rewrite | None:
    """The file with an empty `[core]` at its end, where it takes no key away from another table."""
    raw = case.document.raw
    end = b"\r\n" if b"\r\n" in raw else b"\n"
    new = raw + (b"" if raw.endswith(b"\n") or not raw else end) + (end if raw else b"") + b"[core]" + end
    return Rewrite(new) if same(read_values(read_text(new)), {**case.values, "core": {}}) else None


def wrong_case(case: Case) -> Iterator[Problem]:
    """`[LLM]` is `[llm]` to old versions, and nothing to new ones."""
    for name, value in case.values.items():
        if isinstance(value, dict) and name.lower() == "llm" and name != "llm":
            old = case.affected(lambda target: target.any_case)
            effect = f"{case.who(old)} reads it as [llm], in place of one that is there." if old else ""
            if len(old) < len(case.targets):
                effect = f"{effect} Versions after 0.26 ignore it.".strip()
            yield Problem(
                rule="table-name", severity="error", line=case.line(_ROOT, name), table=name,
                title="its name is not llm in small letters", effect=effect, fix="Rename it to [llm].",
                loses="nothing" if old else "table",
            )  # fmt: skip


def not_a_table(case: Case) -> Iterator[Problem]:
    """`llm = 1` and `[[llm]]` hold no settings."""
    if "llm" in case.values and not isinstance(case.values["llm"], dict):
        yield Problem(
            rule="not-a-table", severity="error", line=case.line(_ROOT, "llm"), table="llm",
            title="llm is not a table", effect="OpenHands ignores it and works with its own defaults.",
            fix="Write [llm], with one pair of brackets.", loses="table",
        )  # fmt: skip


def misplaced(case: Case) -> Iterator[Problem]:
    """A field above the first header or in `[core]` is no setting of a model."""
    core = case.values.get("core")
    for table, found in ((_ROOT, case.values), (("core",), core if isinstance(core, dict) else {})):
        for key in found:
            name = key.lower().removeprefix(ENV_PREFIX.lower())
            if name not in FIELDS or isinstance(found[key], dict):
                continue
            where = "in [core]" if table else "above the first table"
            yield Problem(
                rule="misplaced", severity="warning", line=case.line(table, key), table=header(table), key=key,
                title=visible_line(f"{key} stands {where}"), effect=_misread(case, key, at_root=not table),
                fix=f"Move it into [llm] as {name}.", loses="value",
            )  # fmt: skip


def _misread(case: Case, key: str, *, at_root: bool) -> str:
    if at_root and key.startswith(ENV_PREFIX) and key.isupper() and case.affected(lambda target: target.needs_core):
        return "OpenHands 0.26 and older read it, but only in a file without [core]; newer ones ignore it."
    return "OpenHands ignores it."


def named_like_a_field(case: Case) -> Iterator[Problem]:
    """`[llm.model]` is a profile called model."""
    for name in case.document.profiles():
        if name in FIELDS:
            yield Problem(
                rule="profile-name", severity="warning", line=case.line(DEFAULT_TABLE, name), table=f"llm.{name}",
                title=f"{name} is a table here", effect=f"OpenHands takes it for a profile called {name}.",
                fix=f"Write {name} = ... in [llm] if the field is meant; else choose another name.",
            )  # fmt: skip


def nested(case: Case) -> Iterator[Problem]:
    """A table inside a profile is no field of it."""
    affected = case.affected(lambda target: not target.nested)
    llm = case.values.get("llm")
    if not affected or not isinstance(llm, dict):
        return
    for profile, values in llm.items():
        for name, value in values.items() if isinstance(values, dict) else ():
            if isinstance(value, dict) and not _takes_a_table(name, affected):
                table = ("llm", profile)
                yield Problem(
                    rule="nested-table", severity=case.severity(affected), line=case.line(table, name),
                    table=header(table), key=name, title=visible_line(f"{name} is a table inside a profile"),
                    effect=f"{case.who(affected)} ignores all of [{visible_line(header(table))}].",
                    fix="Profiles hold keys only: move the table out.", loses="profile",
                )  # fmt: skip


def _takes_a_table(name: str, affected: tuple[object, ...]) -> bool:
    return name == "completion_kwargs" and len(affected) == 1
