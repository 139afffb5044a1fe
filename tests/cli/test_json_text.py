"""Every `--json` prints strict JSON, whatever the file, the variables and the records hold."""

from __future__ import annotations

import ast
import json
import math
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import tui
from tests.chat.fakes import Parts, settings
from tests.usage.test_ledger import entry
from tui.cli.json_text import json_text
from tui.cli.main import command
from tui.config.schema import FIELDS
from tui.usage.ledger import Ledger
from tui.usage.question import NotReadyError

ODD = ["nan", "inf", "-inf", "1e400", "99999999999999999999999", f"0x{'F' * 5000}", '"\\u0000\\u001B\\u009B\\u202E"']
NUMBERS = [name for name, field in FIELDS.items() if field.kind in ("number", "integer")]
COMMANDS = [("get", "--json"), ("check", "--json"), ("usage", "--json"), ("ping", "hi", "--json")]
WRITERS = {"tui.cli.json_text", "tui.local.server"}
"""Modules that print JSON: the second one a line of text fields for its parent process."""


def _refuse(name: str) -> object:
    raise AssertionError(f"{name} is not JSON")


def strict(text: str) -> object:
    return json.loads(text, parse_constant=_refuse)


LEAVES = st.none() | st.floats() | st.integers() | st.sampled_from(["", "\x00", "\x9b", "\ud800", "\u202e", "é"])


@given(st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from("ab"), inner)))
def test_any_value_becomes_strict_json_in_ascii(value: object) -> None:
    text = json_text(value)
    assert text.isascii()
    strict(text)


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("args", COMMANDS)
def test_commands_print_it_whatever_a_number_is(odd: str, args: tuple[str, ...], tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("[core]\n[llm]\n" + "".join(f"{name} = {odd}\n" for name in NUMBERS))
    result = CliRunner(env={"LLM_TOP_P": "nan"}).invoke(command, ["--config", str(path), *args])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    if result.stdout:
        strict(result.stdout)
    else:
        assert "line 3" in result.stderr  # a file that can't be read, with the line


@pytest.mark.parametrize("value", ["nan", "inf", "-inf"])
def test_a_number_that_is_none_is_text_because_null_is_not_set(value: str, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f"[llm]\ntemperature = {value}\n")
    result = CliRunner().invoke(command, ["--config", str(path), "get", "--json", "temperature", "timeout"])
    found = strict(result.stdout)
    assert isinstance(found, dict)
    assert (found["temperature"]["value"], found["timeout"]["value"]) == (value, None)


def test_a_cost_that_is_no_number_is_not_known() -> None:
    ledger = Ledger()
    for cost in (math.inf, math.nan, 0.5):
        ledger.add(entry(at=datetime.now(UTC), cost_usd=cost))
    found = strict(CliRunner().invoke(command, ["usage", "--json"]).stdout)
    assert isinstance(found, dict)
    assert (found["total"]["cost_usd"], found["total"]["cost_unknown"]) == (0.5, 2)


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("text", ["nan", "inf", "-inf"])
async def test_no_such_number_gets_as_far_as_the_worker(name: str, text: str) -> None:
    """Its JSON would say null, which means something else."""
    parts = Parts()
    model = {"model": "openai/gpt-4o"}
    clean = settings(model)
    file = settings(model | {name: float(text)})
    variable = settings(model, env={FIELDS[name].env_name: text})
    for resolved in (file, variable):
        if resolved[name].value == FIELDS[name].default:  # OpenHands does not take it, so it is passed over
            assert (await parts.backend.prepare(resolved)).settings == (await parts.backend.prepare(clean)).settings
        else:
            with pytest.raises(NotReadyError, match=name):
                await parts.backend.prepare(resolved)


def test_nothing_else_prints_json() -> None:
    root = Path(tui.__file__).parent
    printing = set()
    for path in [*(root / "cli").rglob("*.py"), *(root / "local").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and node.attr in ("dumps", "dump"):
                printing.add(".".join(("tui", *path.relative_to(root).with_suffix("").parts)))
    assert printing == WRITERS
