"""The JSON Schema of a config.toml, for editors: `[llm]` and its profiles in full, every other table free.

Draft 7, which taplo (`#:schema`) and the language servers of the usual editors read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

from tui.config.lint.targets import NEWER
from tui.config.schema import FIELDS, Field, Kind, plain

Json: TypeAlias = Mapping[str, object]

_TYPES: Final[Mapping[Kind, str]] = {
    "text": "string", "choice": "string", "integer": "integer", "number": "number", "switch": "boolean",
}  # fmt: skip
_NEWER: Final[Mapping[str, Json]] = {
    "a number": {"type": "number"},
    "a whole number": {"type": "integer"},
    "true or false": {"type": "boolean"},
    "a list of tables": {"type": "array", "items": {"type": "object"}},
    "a table": {"type": "object"},
}


def json_schema() -> Json:
    """The schema of a whole file, derived from the fields."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "config.toml of OpenHands, as llm-backends knows it",
        "type": "object",
        "properties": {
            "llm": {
                "title": "The model to use by default",
                "type": "object",
                "properties": _properties(),
                "additionalProperties": {"$ref": "#/definitions/profile"},
            },
            "agent": {
                "type": "object",
                "properties": {"llm_config": {"$ref": "#/definitions/llm_config"}},
                "additionalProperties": {
                    "type": ["object", "string", "number", "boolean", "array"],
                    "properties": {"llm_config": {"$ref": "#/definitions/llm_config"}},
                },
            },
        },
        "additionalProperties": True,
        "definitions": {
            "profile": {
                "title": "A profile: what it does not set, it takes from [llm]",
                "type": "object",
                "properties": _properties(inherited=True),
                "additionalProperties": False,
            },
            "llm_config": {
                "title": "Profile",
                "description": "The name of the table [llm.NAME] to use, without the prefix llm.",
                "type": "string",
                "not": {"pattern": r"^llm\."},
            },
        },
    }


def _properties(*, inherited: bool = False) -> dict[str, Json]:
    newer = {name: {**_NEWER[takes], "description": "Newer than OpenHands 0.29."} for name, takes in NEWER.items()}
    return {name: _property(field, inherited=inherited) for name, field in FIELDS.items()} | newer


def _property(field: Field, *, inherited: bool) -> Json:
    about = [field.help, f"Unit: {field.unit}." if field.unit else ""]
    about += [f"Gone after OpenHands {field.until}." if field.until else ""]
    found: dict[str, object] = {
        "title": field.title,
        "description": " ".join(filter(None, about)),
        "type": _TYPES[field.kind],
    }
    if field.default is not None and not inherited:
        found["default"] = plain(field.default)
    if field.choices:
        found["enum"] = list(field.choices)
    if field.ge is not None:
        found["minimum"] = field.ge
    if field.le is not None:
        found["maximum"] = field.le
    if field.until:
        found["deprecated"] = True
    return found
