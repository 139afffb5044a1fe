"""Windows that are too small for the app, terminals that can't show it, and what is left when they have grown."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.opened import ROOT, app_env, ask, config, edit_retries, opened
from tests.fake_provider import FakeProvider, Gate, Reply
from tests.terminal import Terminal


def test_an_answer_outlives_a_window_that_becomes_narrow_in_one_step(tmp_path: Path) -> None:
    gate = Gate()
    with FakeProvider() as server:
        server.script(Reply.stream("Paris", gate, " is it."))
        with opened("--config", str(config(tmp_path, server.base_url)), size=(120, 40)) as terminal:
            edit_retries(terminal, "7")
            ask(terminal)
            terminal.wait("Paris", within_s=90)  # LiteLLM is loaded first
            terminal.resize(11, 40)
            terminal.wait("Needs 40x10", gone="Paris")
            assert terminal.text.strip() == "Needs 40x10"
            gate.open()
            terminal.type(" and?")
            terminal.resize(39, 9)
            terminal.wait("Window too small: 40x10 needed")
            assert terminal.text.strip() == "Window too small: 40x10 needed"
            terminal.resize(40, 10)
            terminal.wait("5 tok", "and?", gone="too small")
            terminal.resize(120, 40)
            terminal.wait("Paris is it.", "to first token", "and?", "1 unsaved")


def test_pages_can_be_opened_from_the_start_in_a_window_of_one_cell(tmp_path: Path) -> None:
    path = config(tmp_path, "http://127.0.0.1:9/v1")
    command = [sys.executable, "-m", "tui", "--config", str(path)]
    with Terminal(command, env=app_env(), cwd=ROOT, size=(1, 1)) as terminal:
        terminal.wait("4")
        terminal.press("f3", "f4", "f5", "f6", "f7", "f8", "f9", "f1", "escape", "f3")
        assert terminal.text == "4"
        terminal.resize(80, 24)
        terminal.wait("Base URL", "F2 Settings", "^q Quit", within_s=90)  # nine pages, each with its imports


def test_a_size_that_comes_and_goes_leaves_the_screen_whole(tmp_path: Path) -> None:
    with opened("--config", str(config(tmp_path, "http://127.0.0.1:9/v1"))) as terminal:
        terminal.wait("Problems 1", "128k in", "^q Quit")
        for size in [(11, 24), (80, 24), (200, 60), (80, 24), (80, 1), (80, 24)]:
            terminal.resize(*size)
        terminal.wait("LLM Provider", "LLM Model", "API Key", "─" * 80, "F2 Settings", "^q Quit")


@pytest.mark.parametrize("arguments", [["--config", "config.toml"], ["demo"]])
@pytest.mark.parametrize("term", ["dumb", "unknown", ""])
def test_a_terminal_without_a_full_screen_gets_a_hint_at_plain_mode(
    tmp_path: Path, arguments: list[str], term: str
) -> None:
    config(tmp_path, "http://127.0.0.1:9/v1")
    env = app_env() | {"TERM": term}
    with Terminal([sys.executable, "-m", "tui", *arguments], env=env, cwd=tmp_path, size=(200, 24)) as terminal:
        assert terminal.leave(within_s=30) == 2
        assert "llm-backends --plain" in terminal.text
        assert b"\x1b" not in terminal.raw


@pytest.mark.parametrize("arguments", [["--config", "config.toml"], ["demo"]])
def test_without_a_terminal_the_hint_goes_to_standard_error(tmp_path: Path, arguments: list[str]) -> None:
    command = [sys.executable, "-m", "tui", *arguments]
    done = subprocess.run(
        command, env=app_env(), cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    assert done.returncode == 2
    assert b"llm-backends --plain" in done.stderr
    assert done.stdout == b""
