"""`get`, `set` and `unset`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tui.cli.exits import CommandFailed, Exit
from tui.cli.main import command
from tui.cli.opened import Choice

CANARY = "canary-7f1d-never-shown"
FILE = """\
# how my agent is set up
[core]
workspace = "~/work"

[llm]
# the model
model = "openai/gpt-4o"   # cheap enough
num_retries = 4
#temperature = 0.0
api_key = "{canary}"

[llm.judge]
model = "openai/o3"

[sandbox]
timeout = 120
""".replace("{canary}", CANARY)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_bytes(FILE.encode())
    return path


def run(file: Path, *args: str, text: str | None = None, env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(command, ["--config", str(file), *args], input=text, env=env)


def test_get_prints_the_bare_value_of_one_field(file: Path) -> None:
    assert run(file, "get", "model").output == "openai/gpt-4o\n"


def test_get_says_where_a_value_comes_from(file: Path) -> None:
    assert run(file, "get", "model", "--origin").output == "openai/gpt-4o\tfile:7\n"
    assert run(file, "get", "top_p", "--origin").output == "1\tdefault\n"
    result = run(file, "get", "model", "--origin", env={"LLM_MODEL": "groq/llama"})
    assert result.output == "groq/llama\tenv LLM_MODEL\n"


def test_get_of_a_profile_inherits_the_file_and_not_the_environment(file: Path) -> None:
    result = CliRunner().invoke(
        command,
        ["--config", str(file), "--profile", "judge", "get", "model", "num_retries", "--json"],
        env={"LLM_NUM_RETRIES": "9"},
    )
    values = json.loads(result.output)
    assert values["model"]["value"] == "openai/o3"
    assert values["num_retries"] == {"value": 4, "origin": "inherited · file:8", "problem": None}


def test_get_never_prints_a_secret(file: Path) -> None:
    for args in (["get"], ["get", "api_key"], ["get", "--json"], ["get", "--origin"]):
        result = run(file, *args)
        assert result.exit_code == 0
        assert CANARY not in result.output
    assert json.loads(run(file, "get", "api_key", "--json").output)["api_key"]["is_set"] is True


def test_get_lists_every_field(file: Path) -> None:
    from tui.config.schema import FIELDS  # noqa: PLC0415

    output = run(file, "get").output
    assert [line.split()[0] for line in output.splitlines()] == list(FIELDS)


def test_a_field_may_be_named_by_its_variable(file: Path) -> None:
    assert run(file, "get", "LLM_NUM_RETRIES").output == "4\n"


def test_set_changes_the_lines_of_its_fields_and_no_other_byte(file: Path) -> None:
    result = run(file, "set", "num_retries", "7", "temperature", "0.5")
    assert result.exit_code == 0
    expected = FILE.replace("num_retries = 4", "num_retries = 7").replace("#temperature = 0.0", "temperature = 0.5")
    assert file.read_bytes() == expected.encode()
    assert "+num_retries = 7" in result.output
    assert CANARY not in result.output


def test_set_takes_a_negative_number_as_a_value(file: Path) -> None:
    result = run(file, "set", "temperature", "-1")
    assert result.exit_code == Exit.USAGE
    assert "0 or more" in result.output
    assert file.read_bytes() == FILE.encode()


def test_one_bad_value_leaves_all_as_it_was(file: Path) -> None:
    result = run(file, "set", "num_retries", "7", "top_p", "lots")
    assert result.exit_code == Exit.USAGE
    assert "from 0 to 1" in result.output
    assert file.read_bytes() == FILE.encode()


def test_set_of_a_profile_adds_the_key_to_its_own_table(file: Path) -> None:
    result = CliRunner().invoke(command, ["--config", str(file), "--profile", "judge", "set", "temperature", "1"])
    assert result.exit_code == 0
    expected = FILE.replace('model = "openai/o3"\n', 'model = "openai/o3"\ntemperature = 1.0\n')
    assert file.read_bytes() == expected.encode()


def test_dry_run_writes_nothing(file: Path) -> None:
    result = run(file, "set", "num_retries", "7", "--dry-run")
    assert "+num_retries = 7" in result.output
    assert file.read_bytes() == FILE.encode()


def test_unset_takes_the_line_out(file: Path) -> None:
    assert run(file, "unset", "num_retries").exit_code == 0
    assert file.read_bytes() == FILE.replace("num_retries = 4\n", "").encode()


def test_unset_of_what_is_not_there_says_so(file: Path) -> None:
    result = run(file, "unset", "timeout")
    assert result.exit_code == 0
    assert "Nothing to change" in result.output
    assert file.read_bytes() == FILE.encode()


def test_a_secret_is_not_taken_from_the_command_line(file: Path) -> None:
    result = run(file, "set", "aws_secret_access_key", "oops")
    assert result.exit_code == Exit.USAGE
    assert "keys set" in result.output
    assert file.read_bytes() == FILE.encode()


def test_a_secret_is_read_from_standard_input_and_masked_in_the_diff(file: Path) -> None:
    result = run(file, "set", "aws_secret_access_key", "-", text=f"{CANARY}-2\n")
    assert result.exit_code == 0
    assert f'aws_secret_access_key = "{CANARY}-2"' in file.read_text()
    assert CANARY not in result.output
    assert "+aws_secret_access_key" in result.output


def test_an_unknown_field_is_refused_with_the_nearest_one(file: Path) -> None:
    result = run(file, "set", "num_retry", "3")
    assert result.exit_code == Exit.USAGE
    assert "num_retries" in result.output


def test_a_variable_that_wins_is_named(file: Path) -> None:
    result = run(file, "set", "num_retries", "7", env={"LLM_NUM_RETRIES": "2"})
    assert "LLM_NUM_RETRIES is set in the environment and wins" in result.output


def test_a_file_that_cannot_be_parsed_is_shown_with_its_line_and_kept(file: Path) -> None:
    file.write_text('[llm]\nmodel = "x"\nnative_tool_calling = None\n')
    before = file.read_bytes()
    for args in (["get"], ["set", "num_retries", "1"], ["unset", "model"]):
        result = run(file, *args)
        assert result.exit_code == Exit.PROBLEM
        assert "line 3" in result.output
    assert file.read_bytes() == before


def test_a_new_file_gets_core_and_llm_and_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "config.toml"
    assert run(path, "set", "model", "openai/gpt-4o").exit_code == 0
    assert path.read_text() == '[core]\n\n[llm]\nmodel = "openai/gpt-4o"\n'
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("args", [("get",), ("unset",), ("set",), ("set", "model", "openai/o3"), ("set", "timeout")])
def test_a_key_in_the_place_of_a_field_or_its_value_is_not_repeated(file: Path, args: tuple[str, ...]) -> None:
    before = file.read_bytes()
    result = run(file, *args, "sk-canary-4711-of-a-test")
    assert result.exit_code == Exit.USAGE
    assert "looks like a key" in result.output
    assert "canary" not in result.output
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    "args",
    [
        ("KEY",),
        ("get", "--KEY"),
        ("--profile", "KEY", "get"),
        ("--profile=KEY", "get"),
        ("check", "--target", "KEY"),
        ("keys", "revoke", "KEY"),
        ("import", "KEY"),
        ("completion", "KEY"),
        ("set", "timeout", "KEY" * 40),
    ],
)
def test_no_command_repeats_a_key_in_the_wrong_place(file: Path, args: tuple[str, ...]) -> None:
    result = run(file, *(arg.replace("KEY", "sk-canary-4711-of-a-test") for arg in args))
    assert result.exit_code != Exit.FINE
    assert "looks like a key" in result.output
    assert "canary" not in result.output


def test_a_path_with_a_hash_in_it_is_still_named(tmp_path: Path) -> None:
    folder = tmp_path / "4f1c9a77d2e84b0c8d3e5f6a"
    folder.mkdir()
    (folder / "config.toml").write_text("[llm\n", encoding="utf-8")
    for args in (["--config", str(folder / "config.toml")], [f"--config={folder / 'config.toml'}"]):
        result = CliRunner().invoke(command, [*args, "set", "timeout", "5"])
        assert result.exit_code == Exit.PROBLEM
        assert "line 1" in result.output


def test_a_field_without_a_value_is_named(file: Path) -> None:
    assert "'timeout' has no value" in run(file, "set", "model", "openai/o3", "timeout").output


def test_an_unknown_profile_is_named_with_the_nearest_and_those_there_are(file: Path) -> None:
    result = CliRunner().invoke(command, ["--config", str(file), "--profile", "jugde", "get"])
    assert result.exit_code == Exit.PROBLEM
    assert "has no profile [llm.jugde]. Did you mean judge? It has: judge." in result.output
    with pytest.raises(CommandFailed, match="Did you mean judge"):  # the app says the same, before it opens
        Choice(file, "jugde", {}).open()


def test_a_wrong_command_gets_the_nearest_one(file: Path) -> None:
    result = run(file, "unste", "model")
    assert result.exit_code == Exit.USAGE
    assert "unset" in result.output
