"""The app over a real SSH connection: every usual kind of terminal, sizes that change, a line that drops."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.opened import FILE, ROOT, app_env, ask, config, descendants, edit_retries, gone
from tests.fake_provider import FakeProvider
from tests.sshd import SSHServer, ssh_server
from tests.terminal import Terminal

pytestmark = pytest.mark.real("sshd")
GONE_S = 30.0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SSHServer]:
    with ssh_server(tmp_path_factory.mktemp("sshd")) as running:
        yield running


@contextmanager
def logged_in(server: SSHServer, path: Path, term: str = "xterm-256color", **env: str) -> Iterator[Terminal]:
    """The app on the file, at the other end of an SSH connection, once its form is there."""
    command = [sys.executable, "-m", "tui", "--config", str(path)]
    line = server.command(command, app_env() | env, ROOT)
    own = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], "TERM": term, "COLORTERM": ""}
    with Terminal(line, env=own, size=(80, 24)) as terminal:
        terminal.wait("LLM Model")
        yield terminal


def app_pid(path: Path) -> int:
    """The process that edits the file, which is no child of ours."""
    for entry in Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0") if entry.name.isdigit() else []
        except OSError:
            continue
        if words[1:5] == [b"-m", b"tui", b"--config", os.fsencode(path)]:
            return int(entry.name)
    raise AssertionError("the app does not run")


@pytest.mark.parametrize("term", ["xterm-256color", "xterm", "screen-256color", "linux"])
def test_a_field_is_edited_and_saved_and_the_model_answers_while_the_window_changes(
    server: SSHServer, tmp_path: Path, term: str
) -> None:
    with FakeProvider() as provider:
        path = config(tmp_path, provider.base_url)
        with logged_in(server, path, term) as terminal:
            edit_retries(terminal, "2")
            terminal.resize(60, 20)
            terminal.wait("Retries", "edited", "Save", "Quit")
            assert max(map(len, terminal.text.splitlines())) <= 60
            terminal.press("ctrl+s")
            terminal.wait("-num_retries = 4", "+num_retries = 2")
            terminal.press("enter")
            terminal.wait("Saved config.toml")
            terminal.resize(200, 60)
            terminal.wait("Ask the model")  # the chat now stands beside the form
            ask(terminal)
            terminal.wait("Hello there.", "to first token", "Retries", within_s=30)
            terminal.press("ctrl+q")
            assert terminal.leave(within_s=10) == 0
        expected = FILE.replace("BASE_URL", provider.base_url).replace("num_retries = 4", "num_retries = 2")
        assert path.read_text() == expected


def test_a_link_that_drops_leaves_no_process_behind_and_loses_no_edit(server: SSHServer, tmp_path: Path) -> None:
    path = config(tmp_path, "http://127.0.0.1:9/v1")
    with logged_in(server, path) as terminal:
        edit_retries(terminal, "2")
        app = app_pid(path)
        everything = [app, *descendants(app)]
        assert len(everything) > 1  # the worker too
        terminal.kill()
        assert gone(everything, within_s=GONE_S) == []
    assert "num_retries = 4" in path.read_text()
    with logged_in(server, path) as terminal:
        terminal.wait("1 edit from", "was not saved", "Retries: 2", "Take it", "Forget it")
        terminal.press("enter")
        terminal.wait("1 unsaved", gone="was not saved")
        terminal.press("ctrl+s")
        terminal.wait("+num_retries = 2")
        terminal.press("enter")
        terminal.wait("Saved config.toml")
