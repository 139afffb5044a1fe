"""`exec`: what the child gets, and what it does not get."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

import pytest
from click.testing import CliRunner, Result

from tests.vault.fakes import OPENAI, FakeStore, make_vault
from tui.cli import exec as command_module
from tui.cli.exits import Exit
from tui.cli.main import command
from tui.config.secret import Secret

CANARY = "canary-77aa-only-for-the-child"
FILE = '[core]\n\n[llm]\nmodel = "openai/gpt-4o"\ntimeout = 5\n\n[llm.far]\nbase_url = "https://host.example/v1"\n'


Children: TypeAlias = list[tuple[tuple[str, ...], Mapping[str, str]]]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(FILE)
    return path


@pytest.fixture
def children(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Children:
    """The commands that would have been run, with a key for OpenAI in the keyring."""
    store = FakeStore()
    started: Children = []
    store.secrets[OPENAI] = Secret(CANARY)
    monkeypatch.setattr(command_module, "make_vault", lambda env: make_vault(tmp_path, store, env))
    monkeypatch.setattr(command_module, "_replace_by", lambda words, env: started.append((words, env)))
    return started


def run(file: Path, *args: str, env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(command, ["--config", str(file), *args], env=env)


def really(file: Path, *args: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-m", "tui", "--config", str(file), *args]
    return subprocess.run(words, capture_output=True, text=True, check=False, env=dict(os.environ) | (env or {}))


def test_the_child_gets_the_settings_and_the_key_of_the_keyring(file: Path, children: Children) -> None:
    result = run(file, "exec", "--", "openhands", "-t", "--flag")
    assert result.exit_code == Exit.FINE, result.output
    ((words, env),) = children
    assert words == ("openhands", "-t", "--flag")
    assert (env["LLM_MODEL"], env["LLM_TIMEOUT"], env["LLM_NUM_RETRIES"]) == ("openai/gpt-4o", "5", "4")
    assert env["LLM_API_KEY"] == CANARY
    assert env["PATH"] == os.environ["PATH"]
    assert CANARY not in result.output


def test_a_profile_gets_nothing_of_the_variables_that_are_not_for_it(file: Path, children: Children) -> None:
    env = {"LLM_API_VERSION": "1", "LLM_TIMEOUT": "9", "OPENAI_API_KEY": "other", "LLM_OTHER": "kept"}
    run(file, "--profile", "far", "exec", "--send-key-to", "https://host.example", "--", "x", env=env)
    ((_, child),) = children
    assert "LLM_API_VERSION" not in child
    assert child["LLM_TIMEOUT"] == "5"
    assert child["LLM_API_KEY"] == "other"
    assert child["LLM_OTHER"] == "kept"


def test_a_key_that_came_from_elsewhere_needs_a_yes(file: Path, children: Children) -> None:
    env = {"OPENAI_API_KEY": CANARY}
    result = run(file, "--profile", "far", "exec", "--", "x", env=env)
    assert result.exit_code == Exit.KEY
    assert "--send-key-to https://host.example" in result.output
    assert CANARY not in result.output
    assert children == []
    other = run(file, "--profile", "far", "exec", "--send-key-to", "https://other.example", "--", "x", env=env)
    assert other.exit_code == Exit.KEY


def test_no_key_where_one_is_needed_ends_it(file: Path, children: Children) -> None:
    file.write_text(FILE.replace("openai/gpt-4o", "groq/llama"))
    result = run(file, "exec", "--", "x")
    assert result.exit_code == Exit.KEY
    assert "keys set" in result.output
    assert children == []


def test_a_server_on_this_machine_needs_none_and_gets_no_foreign_one(file: Path, children: Children) -> None:
    file.write_text(FILE.replace("timeout = 5", 'base_url = "http://localhost:1234/v1"'))
    result = run(file, "exec", "--", "x", env={"OPENAI_API_KEY": CANARY})
    assert result.exit_code == Exit.FINE, result.output
    assert "LLM_API_KEY" not in children[0][1]


def test_the_other_secrets_of_the_file_go_along(file: Path, children: Children) -> None:
    file.write_text(FILE.replace("timeout = 5", f'aws_secret_access_key = "{CANARY}"'))
    run(file, "exec", "--", "x")
    assert children[0][1]["LLM_AWS_SECRET_ACCESS_KEY"] == CANARY


def test_settings_that_can_not_be_sent_end_it(file: Path, children: Children) -> None:
    file.write_text(FILE.replace("openai/gpt-4o", ""))
    assert run(file, "exec", "--", "x").exit_code == Exit.PROBLEM
    assert children == []


def test_the_command_takes_the_place_of_the_process_and_its_exit_code(file: Path) -> None:
    env = {"LLM_API_KEY": CANARY}
    program = "import os, sys; print(os.environ['LLM_API_KEY'], sys.argv[1:]); sys.exit(42)"
    done = really(file, "exec", "--", sys.executable, "-c", program, "--json", "a b", env=env)
    assert (done.returncode, done.stdout) == (42, f"{CANARY} ['--json', 'a b']\n")


def test_a_command_that_is_not_there_has_the_code_of_a_shell(file: Path, tmp_path: Path) -> None:
    env = {"LLM_API_KEY": CANARY}
    assert really(file, "exec", "--", "no-such-command-here", env=env).returncode == 127
    done = really(file, "exec", "--", str(tmp_path), env=env)
    assert done.returncode == 126
    assert CANARY not in done.stdout + done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_key_stands_in_no_command_line_and_no_file(file: Path, tmp_path: Path) -> None:
    program = "import sys; print(open('/proc/self/cmdline').read())"
    done = really(file, "exec", "--", sys.executable, "-c", program, env={"LLM_API_KEY": CANARY})
    assert done.returncode == 0
    assert CANARY not in done.stdout
    found = [path for folder in (tmp_path, Path(os.environ["HOME"])) for path in folder.rglob("*") if path.is_file()]
    assert not [path for path in found if CANARY.encode() in path.read_bytes()]
