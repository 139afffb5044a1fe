"""`keys`: over a real keyring, and without one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.fake_provider import FakeProvider
from tests.secret_service import secret_service
from tui.cli.exits import Exit
from tui.cli.main import command
from tui.vault.approvals import Approvals
from tui.vault.places import Place

CANARY = "sk-canary-2c70e5d19b84f36a"
ROOT = Path(__file__).parents[2]
AZURE = ("--provider", "azure", "--base-url", "https://r.openai.azure.com/openai")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text('# mine\n[core]\n\n[llm]\nmodel = "openai/gpt-4o"  # cheap\n', encoding="utf-8")
    return path


class Shell:
    """Runs the real command, each time in a process of its own."""

    def __init__(self, file: Path, env: Mapping[str, str]) -> None:
        self._line = [sys.executable, "-m", "tui", "--config", str(file)]
        self.env = dict(env)

    def __call__(self, *args: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [*self._line, *args], input=typed, env=self.env, cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert CANARY not in done.stdout + done.stderr
        return done


@pytest.fixture
def shell(file: Path) -> Iterator[Shell]:
    with secret_service("unlocked") as env:
        yield Shell(file, env)


def without_keyring(file: Path, *args: str, typed: str | None = None, env: dict[str, str] | None = None) -> Result:
    result = CliRunner().invoke(command, ["--config", str(file), "keys", *args], input=typed, env=env)
    assert CANARY not in result.output
    return result


@pytest.mark.real("Secret Service")
def test_a_key_is_set_from_standard_input_listed_used_and_deleted(shell: Shell) -> None:
    stored = shell("keys", "set", typed=f"{CANARY}\nthe rest is ignored\n")
    assert (stored.returncode, stored.stdout) == (0, "")
    assert stored.stderr == "The keyring now holds a key for openai at api.openai.com.\n"
    assert shell("keys", "set", *AZURE, typed=f"{CANARY}\r\n").returncode == 0
    listed = shell("keys", "list")
    assert listed.stdout == "key\tazure\thttps://r.openai.azure.com\nkey\topenai\thttps://api.openai.com\n"
    assert shell("keys", "delete", *AZURE).stderr == "Deleted the key for azure at r.openai.azure.com.\n"
    again = shell("keys", "delete", *AZURE)
    assert again.returncode == Exit.PROBLEM
    assert "holds no key for azure at r.openai.azure.com" in again.stderr
    assert shell("keys", "list").stdout == "key\topenai\thttps://api.openai.com\n"


@pytest.mark.real("Secret Service")
def test_a_key_in_the_file_moves_to_the_keyring_and_a_request_finds_it_there(shell: Shell, file: Path) -> None:
    with FakeProvider(key=CANARY) as server:
        lines = file.read_text() + f'base_url = "{server.base_url}"\n'
        file.write_text(f'{lines}api_key = "{CANARY}"  # to go\n', encoding="utf-8")
        moved = shell("keys", "move")
        assert moved.returncode == 0
        assert "The keyring now holds the key for openai at 127.0.0.1:" in moved.stderr
        assert file.read_text() == lines
        assert "-api_key" in moved.stdout
        answer = shell("ping")
        assert (answer.returncode, answer.stdout) == (0, "Hello there.\n")
        assert shell("keys", "move").stderr == "llm-backends: the file has no api_key to move.\n"


@pytest.mark.real("Secret Service")
def test_a_locked_keyring_is_told_and_the_file_keeps_its_key(file: Path) -> None:
    file.write_text(f'{file.read_text()}api_key = "{CANARY}"\n', encoding="utf-8")
    before = file.read_bytes()
    with secret_service("locked") as env:
        moved = Shell(file, env)("keys", "move")
    assert moved.returncode == Exit.KEY
    assert "locked" in moved.stderr
    assert file.read_bytes() == before


def test_without_a_keyring_nothing_is_stored_and_a_variable_is_named(file: Path) -> None:
    result = without_keyring(file, "set", typed=CANARY)
    assert (result.exit_code, result.stdout) == (Exit.KEY, "")
    assert "no keyring" in result.stderr
    assert "OPENAI_API_KEY" in result.stderr


def test_without_a_keyring_the_list_is_empty(file: Path) -> None:
    result = without_keyring(file, "list")
    assert (result.exit_code, result.stdout) == (Exit.FINE, "")
    assert "No key is stored" in result.stderr


@pytest.mark.parametrize("args", [(CANARY,), ("--provider", "openai", CANARY), (CANARY, "--provider", "openai")])
def test_a_key_on_the_command_line_is_refused_and_not_repeated(file: Path, args: tuple[str, ...]) -> None:
    result = without_keyring(file, "set", *args, typed=CANARY)
    assert result.exit_code == Exit.USAGE
    assert "a key is not taken from the command line" in result.stderr


@pytest.mark.parametrize("typed", ["", "\n", "  \n"])
def test_an_empty_key_is_not_stored(file: Path, typed: str) -> None:
    result = without_keyring(file, "set", typed=typed)
    assert result.exit_code == Exit.USAGE
    assert "no secret was entered" in result.stderr


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("--provider", "nobody"), "LiteLLM knows no provider 'nobody'"),
        (("--provider", "azure"), "Azure OpenAI has no fixed address"),
        (("--base-url", "host"), "no http:// or https://"),
        (("--base-url", f"https://me:{CANARY}@host"), "user name or password"),
    ],
)
def test_a_place_that_is_none_is_wrong_usage(file: Path, args: tuple[str, ...], words: str) -> None:
    for name in ("set", "delete"):
        result = without_keyring(file, name, *args, typed=CANARY)
        assert result.exit_code == Exit.USAGE
        assert words in result.stderr


def test_a_key_of_the_environment_is_not_the_file_s_to_move(file: Path) -> None:
    result = without_keyring(file, "move", env={"LLM_API_KEY": CANARY})
    assert result.exit_code == Exit.PROBLEM
    assert "It comes from env LLM_API_KEY" in result.stderr


def test_no_key_is_in_a_command_line_or_an_environment_while_one_is_stored(file: Path) -> None:
    """The process waits for its standard input, so it can be looked at; what it then stores fails without a keyring."""
    line = [sys.executable, "-m", "tui", "--config", str(file), "keys", "set"]
    with subprocess.Popen(
        line, stdin=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, env=dict(os.environ), text=True
    ) as process:
        assert process.stdin is not None
        process.stdin.write(CANARY)
        process.stdin.flush()
        for name in ("cmdline", "environ"):
            assert CANARY.encode() not in Path(f"/proc/{process.pid}/{name}").read_bytes()
        _, errors = process.communicate("\n", timeout=20)
    assert process.returncode == Exit.KEY
    assert CANARY not in errors


def allowed(file: Path) -> str:
    """What a yes that was given lets a key do, as `keys list` shows it."""
    return without_keyring(file, "list").stdout


def say_yes(*places: str) -> None:
    """What the app remembers when the user lets the key from `LLM_API_KEY` go to these OpenAI-compatible servers."""
    for origin in places:
        Approvals().add("env", Place("openai", origin))


def test_a_yes_is_listed_until_it_is_taken_back(file: Path) -> None:
    say_yes("https://mine.example", "https://other.example")
    assert allowed(file) == (
        "allowed\topenai\thttps://mine.example\tkey from LLM_API_KEY\n"
        "allowed\topenai\thttps://other.example\tkey from LLM_API_KEY\n"
    )
    result = without_keyring(file, "revoke", "--base-url", "https://mine.example/v1")
    assert (result.exit_code, result.stdout) == (Exit.FINE, "")
    assert "The key from LLM_API_KEY for openai at mine.example: asked again." in result.stderr
    assert allowed(file) == "allowed\topenai\thttps://other.example\tkey from LLM_API_KEY\n"


def test_every_yes_can_be_taken_back_at_once(file: Path) -> None:
    say_yes("https://mine.example", "https://other.example")
    assert without_keyring(file, "revoke", "--all").stderr.count("asked again") == 2
    assert allowed(file) == ""


@pytest.mark.parametrize(("args", "words"), [((), "to go to openai at api.openai.com"), (("--all",), "anywhere")])
def test_there_may_be_no_yes_to_take_back(file: Path, args: tuple[str, ...], words: str) -> None:
    result = without_keyring(file, "revoke", *args)
    assert result.exit_code == Exit.PROBLEM
    assert f"no key is allowed {words}. `llm-backends keys list` lists what is." in result.stderr


@pytest.mark.usefixtures("light_worker")
def test_a_key_goes_after_a_yes_and_no_more_once_that_is_taken_back(file: Path) -> None:
    key = {"LLM_API_KEY": CANARY}
    with FakeProvider(key=CANARY) as server:
        file.write_text(f'{file.read_text()}base_url = "{server.base_url}"\n', encoding="utf-8")

        def ping() -> tuple[int, int]:
            result = CliRunner().invoke(command, ["--config", str(file), "ping"], env=key)
            assert CANARY not in result.output
            return result.exit_code, server.posts

        assert ping() == (Exit.KEY, 0)
        say_yes(server.origin)
        assert ping() == (Exit.FINE, 1)
        assert without_keyring(file, "revoke").exit_code == Exit.FINE
        assert ping() == (Exit.KEY, 1)
