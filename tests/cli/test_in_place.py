"""Commands on a file that can't simply be replaced: each names its path once, and the option that would help."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tui.cli.exits import Exit
from tui.cli.main import command
from tui.config import in_place
from tui.vault.vault import Vault

TEXT = '[core]\n[llm]\nmodel = "openai/x"\nnum_retries = "4"\napi_key = "canary-3c"\n'
COMMANDS = {
    "set": ["set", "timeout", "60"],
    "unset": ["unset", "model"],
    "check": ["check", "--fix", "--no-env"],
    "import": ["import"],
    "keys move": ["keys", "move"],
}


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    async def keep(*_: object) -> None:
        """The keyring takes it."""

    monkeypatch.setattr(Vault, "keep", keep)
    path = tmp_path / "config.toml"
    path.write_text(TEXT)
    path.with_name("other.toml").hardlink_to(path)
    return path


def run(file: Path, *args: str, text: str | None = None) -> Result:
    return CliRunner().invoke(command, ["--config", str(file), *args], input=text, env={"LLM_TOP_P": "0.5"})


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_that_saves_names_the_file_once_and_takes_the_options(file: Path, name: str) -> None:
    refused = run(file, *COMMANDS[name])
    assert refused.exit_code == Exit.PROBLEM
    assert file.read_text() == TEXT
    last = refused.stderr.splitlines()[-1]
    assert last.count(str(file)) == 1
    assert "--in-place" in last
    assert "--replace" in last
    written = run(file, *COMMANDS[name], "--in-place")
    assert "--in-place" not in written.stderr
    assert file.read_text() != TEXT
    assert file.samefile(file.with_name("other.toml"))


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_that_saves_can_cut_the_links(file: Path, name: str) -> None:
    run(file, *COMMANDS[name], "--replace")
    assert file.read_text() != TEXT
    assert file.with_name("other.toml").read_text() == TEXT


def test_every_command_with_a_dry_run_or_a_diff_is_among_these() -> None:
    groups = {name: command.get_command(None, name) for name in command.list_commands(None)}  # type: ignore[arg-type]  # ours needs no context
    having = set()
    for name, found in groups.items():
        for one in (found, *getattr(found, "commands", {}).values()):
            if any(option.name == "in_place" for option in one.params):
                having.add(name if one is found else f"{name} {one.name}")
    assert having == set(COMMANDS)


def test_checking_alone_takes_no_such_option(file: Path) -> None:
    assert run(file, "check", "--in-place").exit_code == Exit.USAGE


def test_plain_mode_names_its_own_way_and_undoes_in_place_as_well(file: Path) -> None:
    refused = run(file, "--plain", text="set timeout 60\nsave\n")
    assert "save in-place or: save replace" in refused.output
    assert file.read_text() == TEXT
    run(file, "--plain", text="set timeout 60\nsave in-place\n")
    assert "timeout = 60" in file.read_text()
    run(file, "--plain", text="set timeout 61\nsave in-place\nundo\n")
    assert "timeout = 60" in file.read_text()
    assert file.samefile(file.with_name("other.toml"))
    assert "save takes in-place or replace" in run(file, "--plain", text="set timeout 62\nsave odd\n").output


@pytest.mark.parametrize("args", [["get"], ["check", "--no-env"], ["set", "timeout", "9", "--in-place"]])
def test_a_save_that_was_cut_off_is_told_with_both_ways_on(file: Path, args: list[str]) -> None:
    copy = in_place._kept(file, b"[llm]\n", "0")
    told = run(file, *args).stderr
    assert f"cp {copy} {file} restores it; rm {copy} keeps" in told
    assert copy.exists()
