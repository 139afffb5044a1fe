"""Completion: what is offered, and that real shells offer it."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

from tests.terminal import Terminal
from tui.cli.completion import VARIABLE
from tui.cli.main import COMMANDS, command
from tui.config.schema import FIELDS

ROOT = Path(__file__).parents[2]


def offered(*words: str, typed: str = "") -> list[str]:
    """What completes `typed` after these words."""
    shell = ShellComplete(command, {}, "llm-backends", VARIABLE)
    return [str(item.value) for item in shell.get_completions(list(words), typed)]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text('[llm]\n[llm.cheap]\n[llm."a b"]\n')
    return path


def test_commands_and_options() -> None:
    assert offered() == list(COMMANDS)
    assert offered(typed="ex") == ["export", "exec"]
    assert "--profile" in offered(typed="--")
    assert "--target" in offered("check", typed="--")
    assert offered("keys", typed="m") == ["move"]


def test_fields_once_each() -> None:
    assert offered("get") == list(FIELDS)
    assert offered("unset", "retry_min_wait", typed="retry_m") == ["retry_max_wait", "retry_multiplier"]
    assert offered("set", typed="base") == ["base_url"]
    assert "model" not in offered("set", "model", "x")


def test_values_by_field() -> None:
    assert offered("set", "reasoning_effort") == ["low", "medium", "high", "none"]
    assert offered("set", "timeout", "5", "drop_params", typed="t") == ["true"]
    assert offered("set", "api_key") == ["-"]
    assert offered("set", "timeout") == []
    assert "anthropic" in offered("set", "custom_llm_provider", typed="anth")
    assert "anthropic/claude-sonnet-4-5" in offered("set", "model", typed="anthropic/claude-s")


def test_formats_targets_providers_and_profiles(file: Path) -> None:
    assert offered("export", "--format") == ["shell", "dotenv", "docker", "compose", "toml"]
    assert offered("check", "--target") == ["0.26", "0.29", "latest"]
    assert "groq" in offered("models", "--provider", typed="gr")
    assert "openai" in offered("keys", "set", "--provider", typed="open")
    assert offered("--config", str(file), "--profile") == ["cheap", "a b"]
    assert offered("--config", str(file), "--profile", typed="c") == ["cheap"]
    assert offered("completion") == ["bash", "zsh", "fish"]


@pytest.mark.parametrize("text", ["[llm", "[llm]\n"])
def test_a_file_that_is_broken_or_has_no_profiles_offers_none(file: Path, text: str) -> None:
    file.write_text(text)
    assert offered("--config", str(file), "--profile") == []
    assert offered("--config", str(file.parent / "none"), "--profile") == []


def test_a_completion_imports_no_other_command() -> None:
    program = (
        "import sys\n"
        "from tui.cli.main import main\n"
        "try: main()\n"
        "finally: print(sorted(n for n in sys.modules if n.startswith('tui.cli.')), file=sys.stderr)\n"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT), VARIABLE: "bash_complete", "COMP_CWORD": "2"}
    env["COMP_WORDS"] = "llm-backends\nset\nnum"
    done = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True, check=False)
    assert done.stdout == "plain,num_retries\n"
    assert not {"textual", "litellm"} & set(done.stderr)
    assert "tui.cli.run" not in done.stderr
    assert "tui.cli.ping" not in done.stderr


def test_each_script_is_clicks_own() -> None:
    for shell in ("bash", "zsh", "fish"):
        printed = CliRunner().invoke(command, ["completion", shell])
        assert printed.exit_code == 0
        assert VARIABLE in printed.stdout


SHELLS = {
    "bash": ("bash --noprofile --rcfile RC -i", 'PS1="ready> "\neval "$(llm-backends completion bash)"'),
    "zsh": (
        "env ZDOTDIR=. zsh -d -i",
        'autoload -U compinit; compinit -u -D\nPS1="ready> "\neval "$(llm-backends completion zsh)"',
    ),
    "fish": (
        "fish --no-config -i -C 'source RC'",
        "function fish_prompt; echo -n 'ready> '; end\nllm-backends completion fish | source",
    ),
}
"""How each starts with nobody's settings but RC, and what stands in there."""


@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.real(name)) for name in SHELLS])
def test_a_real_shell_completes_commands_fields_and_values(tmp_path: Path, name: str) -> None:
    program, (line, setup) = tmp_path / "bin" / "llm-backends", SHELLS[name]
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m tui "$@"\n')
    program.chmod(0o755)
    for rc in ("RC", ".zshrc"):
        (tmp_path / rc).write_text(setup + "\n")
    env = {"PATH": f"{program.parent}:{os.environ['PATH']}", "HOME": str(tmp_path), "LANG": "C.UTF-8"}
    with Terminal(shlex.split(line), env=env, cwd=tmp_path) as terminal:
        terminal.wait("ready>")
        for typed, completed in (("llm-backends exp", "llm-backends export"), ("--form", "--format")):
            terminal.type(typed)
            terminal.press("tab")
            terminal.wait(completed)
        terminal.press("ctrl+c")
        for typed, completed in (("llm-backends set native", "set native_tool_calling"), ("tr", "calling true")):
            terminal.type(typed)
            terminal.press("tab")
            terminal.wait(completed)
