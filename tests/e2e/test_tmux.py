"""The app in tmux: put aside and taken up again, sizes that change; and in a terminal without Unicode."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.opened import ROOT, app_env, config, descendants, edit_retries, gone, opened
from tests.terminal import Terminal


@contextmanager
def tmux(folder: Path) -> Iterator[list[str]]:
    """The command of a tmux server of its own, ended with the block."""
    command = ["tmux", "-L", f"test-{os.getpid()}", "-f", "/dev/null"]
    try:
        yield command
    finally:
        subprocess.run([*command, "kill-server"], check=False, env=own_env(folder), capture_output=True)


def own_env(folder: Path) -> dict[str, str]:
    return app_env() | {"TMUX_TMPDIR": str(folder), "SHELL": "/bin/sh"}


@pytest.mark.real("tmux")
def test_in_tmux_an_edit_outlives_a_detach_and_a_new_size(tmp_path: Path) -> None:
    path = config(tmp_path, "http://127.0.0.1:9/v1")
    app = [sys.executable, "-m", "tui", "--config", str(path)]
    with tmux(tmp_path) as command:
        with Terminal([*command, "new-session", *app], env=own_env(tmp_path), cwd=ROOT, size=(80, 24)) as first:
            first.wait("LLM Model")
            edit_retries(first, "7")
            first.press("ctrl+b")
            first.type("d")
            assert first.leave(within_s=5) == 0
        with Terminal([*command, "attach"], env=own_env(tmp_path), cwd=ROOT, size=(100, 30)) as second:
            second.wait("1 try + 7 retries", "1 unsaved")
            second.resize(60, 20)
            second.wait("edited", "1 unsaved")
            second.press("ctrl+s")
            second.wait("+num_retries = 7")
            second.press("enter")
            second.wait("Saved config.toml")
            second.press("ctrl+q")
            assert second.leave(within_s=10) == 0
    assert "num_retries = 7 " in path.read_text()


@pytest.mark.real("tmux")
def test_a_tmux_that_is_killed_leaves_no_app_behind(tmp_path: Path) -> None:
    path = config(tmp_path, "http://127.0.0.1:9/v1")
    app = [sys.executable, "-m", "tui", "--config", str(path)]
    env = own_env(tmp_path)
    with tmux(tmp_path) as command, Terminal([*command, "new-session", *app], env=env, cwd=ROOT) as terminal:
        terminal.wait("LLM Model")
        panes = [*command, "list-panes", "-F", "#{pane_pid}"]
        shown = subprocess.run(panes, env=env, capture_output=True, check=True)
        everything = [int(shown.stdout), *descendants(int(shown.stdout))]
        subprocess.run([*command, "kill-server"], env=env, check=True)
        assert gone(everything, within_s=30) == []


@pytest.mark.parametrize("env", [{"LANG": "C"}, {"LC_ALL": "POSIX", "TERM": "vt100", "NO_COLOR": "1"}])
def test_without_unicode_not_one_byte_beyond_ascii_is_sent(tmp_path: Path, env: dict[str, str]) -> None:
    path = config(tmp_path, "http://127.0.0.1:9/v1")
    with opened("--config", str(path), env={"COLORTERM": "", "TERM": "xterm", **env}) as terminal:
        edit_retries(terminal, "7")
        terminal.press("ctrl+s")
        terminal.wait("+----", "-num_retries = 4", "+num_retries = 7", "Save")
        terminal.press("enter")
        terminal.wait("Saved config.toml")
        terminal.press("ctrl+q")
        assert terminal.leave(within_s=10) == 0
        assert bytes(terminal.raw).isascii()
