"""What OpenHands should load, as our resolution and our lint say: every value, and which tables are lost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tui.config.lint.check import lint
from tui.config.lint.targets import Target
from tui.config.resolve import DEFAULT_TABLE, EMPTY_SOURCE, Resolved, Source, Table, resolve
from tui.config.schema import plain
from tui.config.toml.document import Document

Loaded = Mapping[str, Mapping[str, Any]]
"""Field by field, for each name of a configuration."""


def expected(raw: bytes, env: Mapping[str, str], target: Target, defaults: Mapping[str, Any]) -> Loaded:
    """The fields of `[llm]` and of each profile that is there.

    Args:
        raw: a file that parses.
        env: the variables.
        target: the version of OpenHands.
        defaults: that version's own, which we show those of 0.26 for.
    """
    document = Document(raw)
    lost = {(problem.table, problem.loses) for problem in lint(raw, {}, (target,))}
    whole = any(loses == "file" for _, loses in lost)
    base = EMPTY_SOURCE if whole or ("llm", "table") in lost else _source(document, DEFAULT_TABLE)
    names = () if whole else document.profiles()
    own = _values(resolve(base, env={}, edits={}), defaults)
    filled = _filled(own, target)
    found = {"llm": filled | _overridden(base, env)}
    for name in names:
        table = (*DEFAULT_TABLE, name)
        if (f"llm.{name}", "profile") in lost:
            base = EMPTY_SOURCE if target.chained else base  # what comes after it inherits nothing
            continue
        overlay = _source(document, table)
        values = _values(resolve(base, env={}, edits={}, profile=name, overlay=overlay), defaults)
        if not target.chained and "api_version" not in overlay.values:
            values["api_version"] = filled["api_version"]
        found[name] = _filled(values, target)
    return {name: {k: v for k, v in values.items() if k in target.fields} for name, values in found.items()}


def exported(resolved: Mapping[str, Resolved], target: Target, defaults: Mapping[str, Any]) -> dict[str, Any]:
    """What the export of the effective values gives: all of them, but for what no variable can hold."""
    values = {name: item.value for name, item in resolved.items() if name in target.fields}
    return {k: defaults[k] if v is None or plain(v) == "" else plain(v) for k, v in values.items()}


def differences(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[str]:
    """The fields in which they differ, as lines."""
    return [
        f"{name}: OpenHands has {found.get(name)!r}, we say {wanted[name]!r}"
        for name in wanted
        if not _same(found.get(name), wanted[name])
    ]


def _same(one: object, other: object) -> bool:
    if isinstance(one, bool) is not isinstance(other, bool):
        return False
    return one == other or (one != one and other != other)  # noqa: PLR0124  # nan


def _source(document: Document, table: Table) -> Source:
    return Source(document.table(table), {})


def _values(resolved: Mapping[str, Resolved], defaults: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: defaults.get(name) if item.origin.kind == "default" else None if item.value is None else plain(item.value)
        for name, item in resolved.items()
    }


def _filled(values: dict[str, Any], target: Target) -> dict[str, Any]:
    """With the API version that OpenHands fills in, as the rule `azure-version` says."""
    fills = str(values["model"]).startswith("azure") and values["api_version"] is None
    return values | ({"api_version": target.azure_api_version} if fills else {})


def _overridden(base: Source, env: Mapping[str, str]) -> dict[str, Any]:
    """The fields that a variable decides."""
    resolved = resolve(base, env=env, edits={})
    return {k: plain(v.value) for k, v in resolved.items() if v.origin.kind == "env" and v.value is not None}
