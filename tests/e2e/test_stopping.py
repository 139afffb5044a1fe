"""The app under a shell with job control: stopped, continued, drawn again without a key."""

from __future__ import annotations

import os
import shlex
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.opened import ROOT, app_env, config, descendants, gone
from tests.fake_provider import FakeProvider, Gate, Pause, Reply
from tests.terminal import Terminal

assert sys.platform != "win32"  # what is tested here is Unix alone

_PROMPT = "shell>"
_STOPS = [signal.SIGTSTP, signal.SIGSTOP]
"""What the shell's ^z sends; and what nobody can prepare for."""


class Job:
    """The app as the job of an interactive shell."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self.pid = next(pid for pid in descendants(terminal.pid) if _command(pid).startswith(sys.executable))

    @property
    def state(self) -> str:
        """As `ps` shows it; T is stopped."""
        return Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]

    def stop(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)
        self.terminal.wait("Stopped")

    def shell(self, line: str) -> None:
        self.terminal.send(f"{line}\r".encode())

    def settled(self, *words: str) -> str:
        """The screen once it has the words, what is loaded late has come, and nothing on it changes any more."""
        self.terminal.wait("Problems 1", *words, within_s=30)
        before = ""
        while before != self.terminal.text:
            before = self.terminal.text
            self.terminal._pass(1)
        return before

    def shows(self, screen: str) -> None:
        """Wait until the screen has all lines of `screen` and nothing of the shell's."""
        self.terminal.wait(*(line for line in screen.splitlines() if line.strip()), gone=_PROMPT)


def _command(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()


@contextmanager
def job(path: Path) -> Iterator[Job]:
    """The app on `path`, started from bash, with its form on the screen."""
    shell = ["bash", "--norc", "--noprofile", "-i"]
    with Terminal(shell, env=app_env() | {"PS1": f"{_PROMPT} ", "HISTFILE": ""}, cwd=ROOT, size=(100, 30)) as terminal:
        terminal.wait(_PROMPT)
        terminal.send(f"{shlex.join([sys.executable, '-m', 'tui', '--config', str(path)])}\r".encode())
        terminal.wait("LLM Model", "^q Quit")
        started = Job(terminal)
        try:
            yield started
        finally:
            os.kill(started.pid, signal.SIGKILL) if Path(f"/proc/{started.pid}").exists() else None


@pytest.mark.parametrize("stop", _STOPS)
def test_a_stopped_app_draws_everything_when_it_is_continued(tmp_path: Path, stop: signal.Signals) -> None:
    with job(config(tmp_path, "http://127.0.0.1:9/v1")) as app:
        app.terminal.press("f3")
        before = app.settled("Base URL", "1 try", "LLM_BASE_URL")
        for _ in range(3):
            app.stop(stop)
            app.shell("fg")
            app.shows(before)
        app.terminal.press("f2")
        app.terminal.wait("LLM Provider")


@pytest.mark.parametrize("stop", _STOPS)
def test_a_window_that_changed_while_the_app_was_stopped_is_filled(tmp_path: Path, stop: signal.Signals) -> None:
    with job(config(tmp_path, "http://127.0.0.1:9/v1")) as app:
        before = app.settled("128k in", "config.toml")
        app.stop(stop)
        app.terminal.resize(72, 22)
        app.shell("fg")
        app.terminal.wait("LLM Provider", "─" * 72, "^q Quit", gone=_PROMPT)
        assert "─" * 73 not in app.terminal.text
        app.stop(stop)
        app.terminal.resize(100, 30)
        app.shell("fg")
        app.shows(before)


@pytest.mark.parametrize("stop", _STOPS)
def test_after_a_stop_the_terminal_is_left_as_it_was_found(tmp_path: Path, stop: signal.Signals) -> None:
    with job(config(tmp_path, "http://127.0.0.1:9/v1")) as app:
        app.stop(stop)
        app.shell("fg")
        app.terminal.wait("LLM Provider", "^q Quit", gone=_PROMPT)
        app.terminal.press("ctrl+q")
        app.terminal.wait(_PROMPT)
        app.shell("clear; stty -a")
        app.terminal.wait("isig icanon iexten echo ")
        raw = bytes(app.terminal.raw)
        assert raw.count(b"\x1b[?1049h") == raw.count(b"\x1b[?1049l")
        assert raw.count(b"\x1b[>25u") == raw.count(b"\x1b[<u")


@pytest.mark.parametrize("stop", _STOPS)
def test_an_app_in_the_background_leaves_the_terminal_to_the_shell(tmp_path: Path, stop: signal.Signals) -> None:
    with job(config(tmp_path, "http://127.0.0.1:9/v1")) as app:
        before = app.settled("128k in", "config.toml")
        app.stop(stop)
        app.shell("clear; bg; sleep 0.5; jobs; echo 'still' 'here'")
        app.terminal.wait("still here", "Stopped")
        assert "LLM Provider" not in app.terminal.text
        app.shell("fg")
        app.shows(before)


@pytest.mark.parametrize("stop", _STOPS)
@pytest.mark.parametrize("end", ["kill %1", "kill -HUP %1"])
def test_a_stopped_app_can_be_ended(tmp_path: Path, stop: signal.Signals, end: str) -> None:
    with job(config(tmp_path, "http://127.0.0.1:9/v1")) as app:
        family = [app.pid, *descendants(app.pid)]
        app.stop(stop)
        app.shell(end)
        app.terminal._pass(0.5)
        assert gone(family, within_s=10) == []


def test_stops_and_sizes_in_the_middle_of_an_answer_lose_nothing_of_it(tmp_path: Path) -> None:
    gate = Gate()
    steps = [step for number in range(200) for step in (f"word{number} ", Pause(0.02))]
    with FakeProvider() as server:
        server.script(Reply.stream(*steps, gate, "the end"))
        with job(config(tmp_path, server.base_url)) as app:
            terminal = app.terminal
            terminal.press("f4")
            terminal.wait("Ask the model")
            terminal.type("hello")
            terminal.press("enter")
            terminal.wait("word0", within_s=90)  # LiteLLM is loaded first
            for count, size in enumerate([(100, 30), (11, 30), (1, 1), (60, 20)] * 2):
                app.stop(_STOPS[count % 2])
                terminal.resize(*size)
                app.shell("clear; fg")
                terminal._pass(0.2)
                terminal.resize(100, 30)
            gate.open()
            words = [f"word{number}" for number in range(100, 200)]  # what fits
            terminal.wait(*words, "word199 the end", "to first token", gone=_PROMPT, within_s=30)
