"""`ping --checkup`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.checkup.checking import GOOD_JSON, call_reply
from tests.cli.files import config
from tests.fake_provider import FakeProvider, Reply
from tui.checkup.outcome import TITLES
from tui.cli.exits import Exit
from tui.cli.main import command
from tui.local.probe import free_port

CANARY = "sk-canary-51c0-never-shown"
ROOT = Path(__file__).parents[2]


def run(path: Path, *args: str) -> Result:
    return CliRunner().invoke(command, ["--config", str(path), "ping", "--checkup", *args])


def test_settings_that_are_not_complete_are_a_problem_found(tmp_path: Path) -> None:
    result = run(config(tmp_path, model="azure/mine"))
    assert result.exit_code == Exit.PROBLEM
    assert "Settings complete" in result.stdout
    assert "needs a base URL and an API version" in result.stdout
    assert result.stdout.count("not reached") == len(TITLES) - 1


def test_the_exit_code_is_that_of_the_first_failures_cause(tmp_path: Path) -> None:
    port = free_port()
    result = run(config(tmp_path, model="openai/m", base_url=f"https://127.0.0.1:{port}/v1"))
    assert result.exit_code == Exit.NETWORK
    assert f"Nothing answers at 127.0.0.1:{port} (connection refused)." in result.stdout


def test_a_key_that_may_not_go_there_names_the_option_that_lets_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLM_API_KEY", CANARY)
    result = run(config(tmp_path, model="openai/m", base_url="https://host.invalid/v1"))
    assert result.exit_code == Exit.KEY
    assert "add --send-key-to https://host.invalid" in result.stdout
    assert CANARY not in result.output


def test_as_json_it_is_one_object(tmp_path: Path) -> None:
    result = run(config(tmp_path, model="azure/mine"), "--json")
    told = json.loads(result.stdout)
    assert (told["ok"], told["first_failed"], told["cause"]) == (False, "settings", "settings")
    assert [stage["stage"] for stage in told["stages"]] == list(TITLES)
    assert result.stderr == ""


def test_each_stage_is_told_and_what_it_costs_before_all(tmp_path: Path, server: FakeProvider) -> None:
    server.script(
        Reply.stream("OK"),
        Reply.stream("1", " 2", " 3"),
        Reply.stream(GOOD_JSON),
        call_reply("get_weather", '{"city": "Paris", "unit": "celsius"}'),
        Reply.stream("Blue"),
    )
    result = run(config(tmp_path, model="openai/fake-model", base_url=server.base_url))
    assert result.exit_code == Exit.PROBLEM
    assert result.stderr.startswith("The check-up sends up to 5 short requests to openai/fake-model at 127.0.0.1:")
    lines = [line for line in result.stdout.splitlines() if not line.startswith(" ")]
    assert [line for line in lines if line.startswith(tuple(TITLES.values()))] == lines[: len(TITLES)]
    assert "the model wrote 'Blue'" in result.stdout
    assert "LiteLLM 1." in result.stdout


def test_ctrl_c_ends_it_at_once(tmp_path: Path, server: FakeProvider) -> None:
    server.always = Reply.hang()
    path = config(tmp_path, model="openai/fake-model", base_url=server.base_url)
    line = [sys.executable, "-m", "tui", "--config", str(path), "ping", "--checkup"]
    with subprocess.Popen(
        line, cwd=ROOT, env=dict(os.environ), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        server.wait_seen(1)
        process.send_signal(signal.SIGINT)
        assert process.wait(5) == Exit.INTERRUPTED
        assert process.stderr is not None
        assert b"Traceback" not in process.stderr.read()
