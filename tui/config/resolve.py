"""Which source wins: the effective value of every field, where it comes from, and what is wrong with the others.

default < `[llm]` < profile `[llm.NAME]` < `LLM_*` (default table only) < draft

A value that OpenHands takes although it does not fit its field counts, and is named; one that OpenHands does not take
is passed over. (It then ignores the whole table: `lint` says that; here the good values are still shown.)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

import msgspec

from tui.config.openhands_coercion import taken
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
    """The environment variable."""
    inherited: bool = False
    """Whether a profile has it from `[llm]`."""

    def __str__(self) -> str:
        """As a field shows it: `default`, `file:14`, `inherited · file:14`, `profile:20`, `env LLM_MODEL`, `edited`."""
        shared = "inherited · " if self.inherited else ""
        if self.kind in ("file", "profile") and self.line:
            return f"{shared}{self.kind}:{self.line}"
        return f"env {self.name}" if self.kind == "env" else f"{shared}{self.kind}"


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
    in_profile: bool = False
    """Whether the table that is shown is a profile's."""
    beneath: Value | None = None
    """What would hold if the table did not have the key."""
    beneath_origin: Origin = Origin("default")


class Source(msgspec.Struct, frozen=True):
    """One table of the file as `resolve` needs it."""

    values: Mapping[str, object]
    lines: Mapping[str, int]
    """Line of each key, from 1."""


EMPTY_SOURCE = Source({}, {})

_Layer: TypeAlias = Literal["file", "profile"]
_Found: TypeAlias = list[tuple[Value | None, Origin]]
"""Every value that a field has, the one that wins last."""


def resolve(
    base: Source,
    *,
    env: Mapping[str, str],
    edits: Mapping[str, Edit],
    profile: str | None = None,
    overlay: Source = EMPTY_SOURCE,
    base_edits: Mapping[str, Edit] | None = None,
) -> dict[str, Resolved]:
    """The effective value of every field, in the order of the schema.

    Args:
        base: the table `[llm]`.
        env: environment variables; read for the default table only, as OpenHands does. An empty one counts as unset.
        edits: the draft for the table that is shown: the profile's if one is given, else the default table's.
        profile: the profile that is shown, or None for the default table.
        overlay: the profile's own table.
        base_edits: the draft for `[llm]`, where a profile is shown: it inherits what a save would write.
    """
    if profile is None:
        return {name: _resolve(field, [("file", base)], env, edits.get(name)) for name, field in FIELDS.items()}
    layers: list[tuple[_Layer, Source]] = [("file", base), ("profile", overlay)]
    shared = base_edits or {}
    return {name: _resolve(field, layers, {}, edits.get(name), shared.get(name)) for name, field in FIELDS.items()}


def settings(resolved: Mapping[str, Resolved]) -> LLM:
    """The effective values as one `LLM`, secrets included."""
    return LLM(**{name: item.value for name, item in resolved.items()})  # type: ignore[arg-type]  # checked per field in `resolve`


def _resolve(
    field: Field,
    layers: list[tuple[_Layer, Source]],
    env: Mapping[str, str],
    edit: Edit | None,
    base_edit: Edit | None = None,
) -> Resolved:
    found, problem = _in_file(field, layers)
    saved_beneath = _without_own(found, layers)
    beneath = _with_base_edit(saved_beneath, base_edit)
    found = [*beneath, *found[len(saved_beneath) :]]
    if base_edit is not None and len(found) == len(beneath):
        problem = ""
    env_name = field.env_name if env.get(field.env_name) else ""
    if env_name:
        try:
            value = read_env(field, env[env_name])
            found.append((value, Origin("env", name=env_name)))
            checked(field, value)
        except InvalidValueError as error:
            problem = f"{env_name} in the environment: {error}"
    saved, saved_origin = found[-1] if len(found) > len(beneath) else saved_beneath[-1]
    match edit:
        case Set(value):
            found.append((value, Origin("edited")))
        case Unset():
            found.append((beneath[-1][0], Origin("edited")))
        case None:
            pass
    value_now, origin = found[-1]
    return Resolved(
        field, value_now, origin, saved, saved_origin, env_name, "" if edit is not None else problem,
        len(layers) > 1, *beneath[-1],
    )  # fmt: skip


def _in_file(field: Field, layers: list[tuple[_Layer, Source]]) -> tuple[_Found, str]:
    """The default and what the tables say, and what is wrong with the last of them."""
    found: _Found = [(field.default, Origin("default"))]
    problem = ""
    for kind, source in layers:
        if field.name in source.values:
            line, problem = source.lines.get(field.name, 0), ""
            try:
                value = taken(field, source.values[field.name])
                found.append((value, Origin(kind, line, inherited=kind != layers[-1][0])))
                checked(field, source.values[field.name])
            except InvalidValueError as error:
                problem = f"line {line}: {error}"
    return found, problem


def _without_own(found: _Found, layers: list[tuple[_Layer, Source]]) -> _Found:
    return [entry for entry in found if entry[1].kind != layers[-1][0]]


def _with_base_edit(beneath: _Found, edit: Edit | None) -> _Found:
    """What a profile inherits once the draft of `[llm]` is saved."""
    if edit is None:
        return beneath
    return [beneath[0], *([(edit.value, Origin("edited", inherited=True))] if isinstance(edit, Set) else [])]
