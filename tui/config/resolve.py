"""Which source wins: the effective value of every field, where it comes from, and what is wrong with the others.

default < `[llm]` < profile `[llm.NAME]` < `LLM_*` (default table only) < draft

A value that OpenHands takes although it does not fit its field counts, and is named; one that OpenHands does not take
is passed over. (It then ignores the whole table: `lint` says that; here the good values are still shown.)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

import msgspec

from tui.config.lax import taken
from tui.config.schema import FIELDS, LLM, Field, InvalidValueError, Value, checked, read_env

Table: TypeAlias = tuple[str, ...]
"""The path of a TOML table: `("llm",)`, or `("llm", "cheap")` for a profile."""

DEFAULT_TABLE: Table = ("llm",)

OriginKind: TypeAlias = Literal["default", "file", "profile", "env", "keyring", "session", "edited"]


class Origin(msgspec.Struct, frozen=True):
    """Where a value comes from."""

    kind: OriginKind
    line: int = 0
    """Line in the file, from 1; 0 where there is none."""
    name: str = ""
    """The environment variable, or the profile."""

    def __str__(self) -> str:
        """The origin as a field shows it: `default`, `file:14`, `profile:20`, `env LLM_MODEL`, `edited`."""
        if self.kind in ("file", "profile") and self.line:
            return f"{self.kind}:{self.line}"
        return f"env {self.name}" if self.kind == "env" else self.kind


class Set(msgspec.Struct, frozen=True):
    """An edit: the field gets this value in the file."""

    value: Value


class Unset(msgspec.Struct, frozen=True):
    """An edit: the field's key leaves the file, so that what it inherits or its default holds."""


Edit: TypeAlias = Set | Unset


class Resolved(msgspec.Struct, frozen=True):
    """One field's effective value."""

    field: Field
    value: Value | None
    origin: Origin
    saved: Value | None
    """What holds without the draft."""
    saved_origin: Origin
    env_name: str = ""
    """The `LLM_*` variable that is set for this field, if any: saving the field will not change what OpenHands uses."""
    problem: str = ""
    """Why a source was passed over or can't be sent: what happened, then what the field takes."""


class Source(msgspec.Struct, frozen=True):
    """One table of the file as `resolve` needs it."""

    values: Mapping[str, object]
    lines: Mapping[str, int]
    """Line of each key, from 1."""


EMPTY_SOURCE = Source({}, {})


def resolve(
    base: Source,
    *,
    env: Mapping[str, str],
    edits: Mapping[str, Edit],
    profile: str | None = None,
    overlay: Source = EMPTY_SOURCE,
) -> dict[str, Resolved]:
    """The effective value of every field, in the order of the schema.

    Args:
        base: the table `[llm]`.
        env: environment variables; read for the default table only, as OpenHands does. An empty one counts as unset.
        edits: the draft for the table that is shown: the profile's if one is given, else the default table's.
        profile: the profile that is shown, or None for the default table.
        overlay: the profile's own table.
    """
    layers = [("file", base)] + ([("profile", overlay)] if profile is not None else [])
    return {
        name: _resolve(field, layers, {} if profile is not None else env, edits.get(name))
        for name, field in FIELDS.items()
    }


def settings(resolved: Mapping[str, Resolved]) -> LLM:
    """The effective values as one `LLM`, secrets included."""
    return LLM(**{name: item.value for name, item in resolved.items()})  # type: ignore[arg-type]  # checked per field in `resolve`


def _resolve(field: Field, layers: list[tuple[str, Source]], env: Mapping[str, str], edit: Edit | None) -> Resolved:
    found: list[tuple[Value | None, Origin]] = [(field.default, Origin("default"))]
    problem = ""
    for kind, source in layers:
        if field.name in source.values:
            line = source.lines.get(field.name, 0)
            try:
                value = taken(field, source.values[field.name])
                found.append((value, Origin("profile" if kind == "profile" else "file", line)))
                checked(field, source.values[field.name])
            except InvalidValueError as error:
                problem = f"line {line}: {error}"
    below_env = len(found)
    env_name = field.env_name if env.get(field.env_name) else ""
    if env_name:
        try:
            value = read_env(field, env[env_name])
            found.append((value, Origin("env", name=env_name)))
            checked(field, value)
        except InvalidValueError as error:
            problem = f"{env_name} in the environment: {error}"
    saved, saved_origin = found[-1]
    match edit:
        case Set(value):
            found.append((value, Origin("edited")))
        case Unset():
            found = _without_own_layer(found[:below_env], layers[-1][0])
            found.append((found[-1][0], Origin("edited")))
        case None:
            pass
    value_now, origin = found[-1]
    return Resolved(field, value_now, origin, saved, saved_origin, env_name, "" if edit is not None else problem)


def _without_own_layer(found: list[tuple[Value | None, Origin]], kind: str) -> list[tuple[Value | None, Origin]]:
    return [entry for entry in found if entry[1].kind != kind]
