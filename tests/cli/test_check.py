"""`check`: what it prints, how it exits, what it repairs."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]  # it has no types of its own
from click.testing import CliRunner, Result

from tui.cli.exits import Exit
from tui.cli.main import command
from tui.config import storage

CANARY = "canary-9b0e-never-shown"
BAD = f"""\
[core]

[llm]
model = "openai/gpt-4o"
num_retries = "4"
api_key = "{CANARY}"
tiemout = 5
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(BAD)
    return path


def run(file: Path, *args: str, env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(command, ["--config", str(file), "check", *args], env=env)


def test_an_error_is_printed_with_line_effect_and_fix_and_exits_with_1(file: Path) -> None:
    result = run(file)
    assert result.exit_code == Exit.PROBLEM
    assert f"{file}:7: error: [llm] tiemout" in result.output
    assert "ignores all of [llm]" in result.output
    assert "timeout" in result.output
    assert f"{file}: 1 error, 2 warnings" in result.output
    assert CANARY not in result.output


def test_warnings_alone_are_fine(file: Path) -> None:
    file.write_text(BAD.replace("tiemout", "timeout"))
    result = run(file)
    assert result.exit_code == Exit.FINE
    assert "2 warnings" in result.output


def test_a_good_file_has_no_problems(file: Path) -> None:
    file.write_text("[core]\n[llm]\n")
    result = run(file)
    assert (result.exit_code, result.output) == (Exit.FINE, f"{file}: no problems\n")


def test_json_holds_every_problem(file: Path) -> None:
    result = run(file, "--json", "--target", "0.29")
    assert result.exit_code == Exit.PROBLEM
    (found,) = json.loads(result.output)
    assert found["file"] == str(file)
    unknown = next(item for item in found["problems"] if item["rule"] == "unknown-key")
    assert (unknown["line"], unknown["table"], unknown["key"], unknown["can_fix"]) == (7, "llm", "tiemout", False)
    assert CANARY not in result.output


def test_a_file_that_cannot_be_parsed_is_one_problem_with_its_line(file: Path) -> None:
    file.write_text("[llm]\nnative_tool_calling = None\n[core\n")
    result = run(file)
    assert result.exit_code == Exit.PROBLEM
    assert f"{file}:2: error: " in result.output
    assert "1 error\n" in result.output


def test_fix_repairs_prints_the_diff_and_names_what_moves_the_key(file: Path) -> None:
    result = run(file, "--fix")
    assert file.read_text() == BAD.replace('"4"', "4")
    assert "+num_retries = 4" in result.output
    assert "keys move" in result.output
    assert CANARY not in result.output
    assert result.exit_code == Exit.PROBLEM


def test_a_dry_run_of_fix_writes_nothing(file: Path) -> None:
    result = run(file, "--fix", "--dry-run")
    assert "+num_retries = 4" in result.output
    assert file.read_text() == BAD
    assert run(file, "--dry-run").exit_code == Exit.USAGE


def test_fix_takes_what_another_program_wrote_meanwhile(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = storage.write

    def busy(snapshot: storage.Snapshot, raw: bytes) -> storage.Snapshot:
        monkeypatch.setattr(storage, "write", write)
        file.write_text(BAD + "timeout = 5\n")
        return write(snapshot, raw)

    monkeypatch.setattr(storage, "write", busy)
    run(file, "--fix")
    assert file.read_text() == BAD.replace('"4"', "4") + "timeout = 5\n"


def test_several_files_are_checked_and_one_error_counts(file: Path, tmp_path: Path) -> None:
    good = tmp_path / "good.toml"
    good.write_text("[core]\n[llm]\n")
    result = run(file, str(good), str(file))
    assert result.exit_code == Exit.PROBLEM
    assert f"{good}: no problems" in result.output


def test_the_environment_counts_unless_it_is_left_out(file: Path) -> None:
    file.write_text("[core]\n[llm]\n")
    env = {"LLM_DROP_PARAMS": "yes"}
    assert run(file, env=env).exit_code == Exit.PROBLEM
    assert run(file, "--no-env", env=env).exit_code == Exit.FINE


def test_the_pre_commit_hook_calls_what_there_is(file: Path) -> None:
    (hook,) = yaml.safe_load((Path(__file__).parents[2] / ".pre-commit-hooks.yaml").read_text())
    program, *args = shlex.split(hook["entry"])
    assert program == "llm-backends"
    result = CliRunner().invoke(command, [*args, str(file)])
    assert (result.exit_code, "tiemout" in result.output) == (Exit.PROBLEM, True)
    assert re.search(hook["files"], "sub/config.toml")


def test_a_file_that_is_not_there_is_no_problem(tmp_path: Path) -> None:
    result = run(tmp_path / "none.toml")
    assert result.exit_code == Exit.FINE
    assert "does not exist" in result.output
    assert run(tmp_path).exit_code == Exit.PROBLEM
