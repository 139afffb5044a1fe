"""The JSON Schema that editors get."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # it has no types of its own
import pytest

from tests.config.corpus import TEMPLATES
from tui.config.json_schema import json_schema
from tui.config.schema import FIELDS
from tui.config.workspace import NEW_FILE

SCHEMA: Any = json_schema()
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)


def complaints(text: str) -> list[str]:
    return [error.message for error in VALIDATOR.iter_errors(tomllib.loads(text))]


def test_the_schema_is_one() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_templates_and_samples_are_valid(path: Path) -> None:
    assert complaints(path.read_text(encoding="utf-8")) == []


def test_a_new_file_and_one_with_every_default_are_valid() -> None:
    assert complaints(NEW_FILE.decode()) == []
    defaults = {name: field.default for name, field in FIELDS.items() if field.default is not None}
    assert not list(VALIDATOR.iter_errors({"llm": defaults, "other": {"x": [1]}, "title": "free"}))


@pytest.mark.parametrize(
    "text",
    [
        "[llm]\nnum_retires = 3\n",
        "[llm]\nnum_retries = '3'\n",
        "[llm]\ntop_p = 1.5\n",
        "[llm]\nreasoning_effort = 'huge'\n",
        "[llm.cheap]\nfoo = 1\n",
        "[llm.cheap]\ntimeout = -1\n",
        "[agent]\nllm_config = 'llm.cheap'\n",
        "[agent.Browser]\nllm_config = 5\n",
    ],
)
def test_what_does_not_fit_is_found(text: str) -> None:
    assert complaints(text)


def test_every_field_has_a_title_and_a_help_in_both_places() -> None:
    for properties in (SCHEMA["properties"]["llm"]["properties"], SCHEMA["definitions"]["profile"]["properties"]):
        assert all(properties[name]["title"] == field.title for name, field in FIELDS.items())
    assert "default" not in SCHEMA["definitions"]["profile"]["properties"]["model"]
