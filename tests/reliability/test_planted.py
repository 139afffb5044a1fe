"""Whole parts of the harness on a product that does wrong on purpose: each finds what was planted."""

from __future__ import annotations

import asyncio
import logging
import random
import socket
import ssl
import sys
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from msgspec.structs import replace
from textual.app import App

from tests import light
from tests.fake_provider import Reply
from tests.reliability import injection, leaks_in_app, leaks_in_processes, leaks_plain, raw_bytes, wire_cancels
from tests.reliability.addresses import EVIL
from tests.reliability.canaries import IN_ENV, IN_FILE
from tests.reliability.counts import FAST
from tests.reliability.grammar import wrong_bytes
from tests.reliability.injection import PAGES
from tests.reliability.leaks_actions import Action, Run
from tests.reliability.leaks_in_app import app_run
from tests.reliability.leaks_in_processes import command_run, terminal_run
from tests.reliability.leaks_plain import plain_run
from tests.reliability.leaks_shared import Shared, config
from tests.reliability.net import Net, holds
from tests.reliability.set_ups import CANARY, USERS
from tests.reliability.wire_outcomes import TEXT
from tests.reliability.wire_server import WireServer
from tui.app import LLMBackendsApp
from tui.chat import conversation
from tui.llm.events import Ask, Attempting, Cancelled, Delta, Finished, TurnEvent, Usage
from tui.widgets import line_input, lines


@pytest.fixture(autouse=True)
def _without_litellm(monkeypatch: pytest.MonkeyPatch) -> None:
    """It makes no mistake of ours, and takes three seconds to load."""
    monkeypatch.setenv("PYTHONPATH", light.PATH)
    monkeypatch.setattr(leaks_in_processes, "_ROOT", light.PATH)


def chance() -> random.Random:
    return random.Random(4)  # noqa: S311  # no secret


def _until(holds: Callable[[], object]) -> None:
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_client_that_follows_redirects_is_caught(tmp_path: Path) -> None:
    host = USERS[0].host
    with Net(tmp_path, [host], [host, EVIL]) as net:
        net.home.always = Reply.redirect(f"https://{EVIL}/v1")
        tls = ssl.create_default_context(cafile=net.env["SSL_CERT_FILE"])
        with httpx.Client(proxy=net.env["HTTPS_PROXY"], verify=tls, follow_redirects=True) as client:
            client.post(f"https://{host}/v1", headers={"X-Api-Key": CANARY})
        assert [holds(request, CANARY) for request in net.wrong] == [True]


async def _on_the_screen(run: Run) -> None:
    run.bench.app.notify(IN_ENV, timeout=60)
    await run.bench.settle()


async def _on_the_clipboard(run: Run) -> None:
    run.bench.app.copy_to_clipboard(f"x {IN_ENV[4:24]}")


async def _in_the_log(run: Run) -> None:  # noqa: ARG001  # an action
    logging.getLogger("somebody").warning("refused %r", IN_ENV)


async def _in_an_error(run: Run) -> None:  # noqa: ARG001  # an action
    sys.stderr.write(f"KeyError: {IN_ENV!r}\n")


async def _in_a_file(run: Run) -> None:
    (run.bench.path.parent / "recent.json").write_text(f'["{IN_ENV}"]')


@pytest.mark.parametrize(
    ("action", "where"),
    [
        (_on_the_screen, "on the screen"),
        (_on_the_screen, "in a picture"),
        (_on_the_clipboard, "on the clipboard"),
        (_in_the_log, "in a log"),
        (_in_an_error, "in a log, an error"),
        (_in_a_file, "in recent.json"),
    ],
)
async def test_an_app_that_leaks_is_caught(
    action: Action, where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leaks_in_app, "_CRASHES", 0.0)
    with Shared() as shared:
        found = await app_run(tmp_path, chance(), shared, [action])
        await shared.engine.close()
    assert {problem for problem in found if where in problem}


def test_a_command_that_leaks_is_caught(tmp_path: Path) -> None:
    """`exec` gives its command the key on purpose; a command that repeats it stands for one of ours that does."""
    command = ("exec", "--send-key-to", "BASE", "--", "sh", "-c", "env; sleep 1 & wait")
    found = command_run(tmp_path, chance(), [command])
    assert any("in the output" in problem for problem in found)
    assert any("/environ" in problem for problem in found)


def test_a_key_in_a_command_line_is_caught(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import time; time.sleep(0.5)", "--api-key", IN_FILE]
    _, found = leaks_in_processes.watched(command, tmp_path, {})
    assert found == [f"{IN_FILE[:15]} in a command line"]


def test_a_key_that_a_terminal_shows_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever writes a key into a field that is not for keys sees it; so must the harness."""

    def with_key_as_model(folder: Path, chance: random.Random, base_url: str) -> Path:
        path = config(folder, chance, base_url)
        path.write_text(path.read_text().replace("openai/fake-model", f"openai/{IN_FILE}"))
        return path

    monkeypatch.setattr(leaks_in_processes, "config", with_key_as_model)
    found = terminal_run(tmp_path, chance())
    assert f"{IN_FILE[:15]} on the terminal's screen" in found


def _shows_the_key(session: leaks_plain.Session) -> None:
    """A key at the prompt for commands: the terminal itself repeats it."""
    session.enter(IN_ENV)
    session.settle()


def test_a_key_that_plain_mode_shows_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaks_plain, "_SCRIPTS", 0.0)
    found = plain_run(tmp_path, chance(), [_shows_the_key])
    assert {f"{IN_ENV[:15]} {where}" for where in ("on the terminal's screen", "in what plain mode wrote")} <= {*found}


def test_a_script_s_key_that_plain_mode_repeats_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaks_plain, "_SCRIPTS", 1.0)
    monkeypatch.setattr(leaks_plain, "_MISPLACED", [f"set model {IN_ENV}"] * 3)  # a field that is shown
    assert f"{IN_ENV[:15]} in what plain mode wrote" in plain_run(tmp_path, chance())


async def test_an_answer_that_is_shown_as_it_comes_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversation, "visible", lambda text: text)
    figure = await injection._split_in_the_chat(replace(FAST, split_sequences=40))
    assert not figure.passed
    assert "control" in figure.result


async def test_a_form_that_shows_names_as_they_are_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a widget forgets, the app's own filter takes out: both have to be gone."""
    monkeypatch.setattr(lines, "visible_line", lambda text: text)
    monkeypatch.setattr(LLMBackendsApp, "get_line_filters", App.get_line_filters)
    found = await injection._form_with(tmp_path, ["\u202egpj.exe"] * 9, PAGES[:1])
    assert any("hidden RIGHT-TO-LEFT OVERRIDE" in problem for problem in found)


async def test_a_form_that_leaves_controls_out_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_input, "visible_line", lambda text: text.replace("\x1b", ""))
    found = await injection._form_with(tmp_path, ["\x1b[31m"] * 9, PAGES[:1])
    assert any("is not shown" in problem for problem in found)


def test_bytes_that_a_terminal_acts_on_are_caught(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[llm]\nmodel = "ollama/m"\nbase_url = "http://127.0.0.1:1/v1"\n')
    command = ("exec", "--", "printf", r"\033]0;evil\007")
    raw = raw_bytes._command(tmp_path, raw_bytes._environment(tmp_path), command)
    assert b"evil" in raw
    assert [*wrong_bytes(raw, app=False)]


class _SlowEngine:
    """Answers, but takes its time to cancel."""

    pid = 1

    def __init__(self) -> None:
        self._cancelled = asyncio.Event()

    async def turn(self, ask: Ask) -> AsyncGenerator[TurnEvent, None]:
        yield Attempting(id=ask.id, attempt=1, of=1)
        if ask.id == "cancelled":
            await self._cancelled.wait()
            await asyncio.sleep(0.5)
            yield Cancelled(id=ask.id)
        else:
            yield Delta(id=ask.id, text=TEXT)
            yield Finished(id=ask.id, usage=Usage())

    def cancel(self, turn: str) -> None:  # noqa: ARG002  # as the engine's
        self._cancelled.set()


@pytest.mark.slow
async def test_a_cancel_that_takes_its_time_is_caught() -> None:
    engine: Any = _SlowEngine()
    with WireServer() as server:
        figure = await wire_cancels.of_cancels(engine, server, 1)
    assert not figure.passed
    assert "cancelled after 5" in figure.result


async def test_a_worker_that_goes_on_reading_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The turn is over for the user, but the request is not for the provider."""
    monkeypatch.setattr(wire_cancels, "_HANG_UP_S", 0.3)
    engine: Any = _SlowEngine()
    with WireServer() as server, closing(socket.create_connection(("127.0.0.1", server.port))) as reading:
        server.play = lambda wire: wire.wait(20)
        reading.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}")
        await asyncio.to_thread(_until, lambda: server.requests)
        figure = await wire_cancels.of_cancels(engine, server, 1)
    assert "2 wrong" in figure.result
