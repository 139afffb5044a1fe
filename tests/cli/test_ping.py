"""`ping`: what it prints, and an exit code for each cause."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest
from click.testing import CliRunner, Result

from tests.cli.files import config
from tests.cli.in_process import quick
from tests.fake_provider import DIE, FakeProvider, Reply, Thinking
from tests.llm.asking import CANARY, THEIR_WARNINGS
from tui.cli.exits import Exit
from tui.cli.main import command

pytestmark = THEIR_WARNINGS
ROOT = Path(__file__).parents[2]
FAILURE: Final = {"ok", "cause", "message", "detail", "status", "field", "text", "usage"}


def run(path: Path, *args: str, env: dict[str, str] | None = None) -> Result:
    result = CliRunner().invoke(command, ["--config", str(path), "ping", *args], env=env)
    assert CANARY not in result.output
    assert CANARY[:12] not in result.output
    return result


def to(server: FakeProvider, folder: Path, **fields: object) -> Path:
    return config(folder, base_url=server.base_url, api_key=CANARY, **fields)


@quick
def test_an_answer_goes_to_standard_output_and_what_it_took_to_standard_error(
    tmp_path: Path, server: FakeProvider
) -> None:
    result = run(to(server, tmp_path), "What is new?")
    assert (result.exit_code, result.stdout) == (Exit.FINE, "Hello there.\n")
    assert "· 5 tok ·" in result.stderr
    assert server.requests[0].json["messages"] == [{"role": "user", "content": "What is new?"}]
    assert server.requests[0].headers["authorization"] == f"Bearer {CANARY}"


REFUSED: Final[dict[str, tuple[Reply, Exit, str]]] = {
    "wrong key": (Reply.error(401, f"Incorrect API key provided: {CANARY}"), Exit.KEY, "does not accept the API key"),
    "forbidden": (Reply.error(403, "not for you"), Exit.KEY, "refuses access (403)"),
    "rate limit": (Reply.error(429, "slow down"), Exit.RATE, "Rate limited (429)"),
    "quota": (Reply.error(429, "quota", code="insufficient_quota"), Exit.RATE, "quota or credit is used up"),
    "no credit": (Reply.error(402, "Payment Required"), Exit.RATE, "quota or credit is used up"),
    "reset": (Reply.reset(), Exit.NETWORK, "closed the connection"),
    "cut": (Reply.stream("Hel", DIE), Exit.NETWORK, "closed the connection"),
    "bad request": (Reply.error(400, "no such parameter"), Exit.PROVIDER, "does not take the request (400)"),
    "no such model": (Reply.error(404, "no model", code="model_not_found"), Exit.PROVIDER, "does not have the model"),
    "broken": (Reply.error(500, "oops"), Exit.PROVIDER, "failed (500)"),
    "web page": (Reply.raw(200, "<html>Log in</html>"), Exit.PROVIDER, "sent a web page"),
}


@quick
@pytest.mark.parametrize("cause", REFUSED)
def test_each_cause_has_its_exit_code_and_its_sentence(tmp_path: Path, server: FakeProvider, cause: str) -> None:
    reply, code, words = REFUSED[cause]
    server.always = reply
    result = run(to(server, tmp_path))
    assert result.exit_code == code
    assert result.stderr.startswith("llm-backends: ")
    assert words in result.stderr
    assert server.posts == 1


@quick
@pytest.mark.parametrize(
    ("reply", "code", "words"),
    [
        (Reply.stream(), Exit.PROVIDER, "The answer is empty"),
        (Reply.stream(" \n"), Exit.PROVIDER, "The answer is empty"),
        (Reply.stream(Thinking("Hm.")), Exit.PROVIDER, "the model only thought"),
        (Reply.stream("Half", finish="length"), Exit.FINE, "cut off at the token limit · "),
        (Reply.stream("Half", finish="model_length"), Exit.FINE, "context window is full"),
        (Reply.stream("Hi", usage=None), Exit.FINE, "~1 tok"),
        (Reply.stream("Hi", model="vendor/another"), Exit.FINE, "answered by vendor/another"),
    ],
)
def test_whatever_is_not_as_it_should_be_in_an_answer_is_told(
    tmp_path: Path, server: FakeProvider, reply: Reply, code: Exit, words: str
) -> None:
    server.script(reply, reply)
    result = run(to(server, tmp_path))
    assert result.exit_code == code
    assert words in result.stderr
    as_json = run(to(server, tmp_path), "--json")
    told = json.loads(as_json.stdout)
    assert (as_json.exit_code, told["ok"]) == (code, code is Exit.FINE)
    assert code is Exit.FINE or told.keys() == FAILURE


@quick
@pytest.mark.parametrize(
    ("base_url", "words"),
    [("http://127.0.0.1:{port}/v1", "Nothing answers"), ("http://nowhere.invalid/v1", "could not be found")],
)
def test_a_server_that_is_not_there_is_a_network_failure(
    tmp_path: Path, server: FakeProvider, base_url: str, words: str
) -> None:
    server.close()
    path = config(tmp_path, base_url=base_url.format(port=server.origin.rpartition(":")[2]), api_key="any")
    result = run(path, "--send-key-to", "http://nowhere.invalid", "--over-limit")
    assert result.exit_code == Exit.NETWORK
    assert words in result.stderr


@quick
def test_the_retries_of_the_file_are_made_and_told(tmp_path: Path, server: FakeProvider) -> None:
    server.script(Reply.error(429), Reply.error(503))
    path = to(server, tmp_path, num_retries=2, retry_min_wait=0, retry_max_wait=0)
    result = run(path)
    assert (result.exit_code, result.stdout, server.posts) == (Exit.FINE, "Hello there.\n", 3)
    assert "rate limited (429): attempt 2 of 3 in 0 s\n" in result.stderr.lower()
    assert "attempt 3 of 3" in result.stderr
    server.always = Reply.error(429)
    assert run(path).exit_code == Exit.RATE
    assert server.posts == 6


@pytest.mark.parametrize(
    ("fields", "code", "words"),
    [
        ({"model": "azure/mine"}, Exit.PROBLEM, "needs a base URL and an API version"),
        ({"model": "gtp-4o"}, Exit.PROBLEM, "The nearest in the catalogue: openai/gpt-4o"),
        ({"model": "openai/m", "base_url": "nowhere"}, Exit.PROBLEM, "no http:// or https://"),
        ({"model": "openai/gpt-4o"}, Exit.KEY, "No key for OpenAI: enter one in Settings (F2), or set OPENAI_API_KEY"),
    ],
)
def test_settings_that_can_t_be_sent_are_told_and_no_worker_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fields: dict[str, Any], code: Exit, words: str
) -> None:
    def start(*_: object) -> None:
        raise AssertionError("a worker was started")

    monkeypatch.setattr("tui.engine.client.WorkerProcess", start)
    result = run(config(tmp_path, **fields))
    assert (result.exit_code, result.stdout) == (code, "")
    assert words in result.stderr
    told = json.loads(run(config(tmp_path, **fields), "--json").stdout)
    assert told.keys() == FAILURE
    assert told["usage"]["attempts"] == 0


def test_a_file_that_can_t_be_read_and_a_profile_that_is_not_there_are_problems(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("[llm]\nmodel =\n", encoding="utf-8")
    assert run(path).exit_code == Exit.PROBLEM
    path.write_text("[llm]\n", encoding="utf-8")
    result = CliRunner().invoke(command, ["--config", str(path), "--profile", "none", "ping"])
    assert result.exit_code == Exit.PROBLEM
    assert "has no profile [llm.none]" in result.stderr


def test_wrong_usage_is_told_apart(tmp_path: Path) -> None:
    assert run(config(tmp_path), "--no-such-option").exit_code == Exit.USAGE
    assert run(config(tmp_path), "one", "two").exit_code == Exit.USAGE
    elsewhere = config(tmp_path, base_url="https://host.invalid/v1")
    result = run(elsewhere, "--send-key-to", "host", env={"LLM_API_KEY": CANARY})
    assert result.exit_code == Exit.USAGE
    assert "--send-key-to: The URL has no http://" in result.stderr


@quick
def test_a_key_from_elsewhere_is_sent_only_to_the_origin_that_is_named(tmp_path: Path, server: FakeProvider) -> None:
    path, env = config(tmp_path, base_url=server.base_url), {"LLM_API_KEY": CANARY}
    for args in ([], ["--send-key-to", "https://other.example"]):
        refused = run(path, *args, env=env)
        assert (refused.exit_code, refused.stdout) == (Exit.KEY, "")
        assert refused.stderr.endswith(f"Nothing was sent. If it may go there, add --send-key-to {server.origin}\n")
    told = json.loads(run(path, "--json", env=env).stdout)
    assert told.keys() == FAILURE
    assert (told["ok"], told["cause"], told["field"]) == (False, "key", "api_key")
    assert server.requests == []
    assert run(path, "--send-key-to", f"{server.origin}/", env=env).exit_code == Exit.FINE
    assert server.requests[0].headers["authorization"] == f"Bearer {CANARY}"


@quick
def test_as_json_an_answer_and_a_failure_are_one_object_each(tmp_path: Path, server: FakeProvider) -> None:
    server.script(Reply.stream("Hel", "lo"), Reply.error(401, f"Incorrect API key provided: {CANARY}"))
    path = to(server, tmp_path)
    answer = run(path, "--json")
    told = json.loads(answer.stdout)
    assert (answer.exit_code, answer.stderr) == (Exit.FINE, "")
    assert told.keys() == {"ok", "model", "text", "finish_reason", "usage"}
    assert (told["ok"], told["text"], told["finish_reason"]) == (True, "Hello", "stop")
    assert (told["usage"]["input_tokens"], told["usage"]["output_tokens"]) == (7, 5)
    failure = run(path, "--json")
    told = json.loads(failure.stdout)
    assert (failure.exit_code, failure.stderr) == (Exit.KEY, "")
    assert told.keys() == FAILURE
    assert (told["ok"], told["cause"], told["status"], told["field"]) == (False, "key", 401, "api_key")


@quick
def test_what_a_server_sends_can_not_control_the_terminal(tmp_path: Path, server: FakeProvider) -> None:
    server.script(Reply.stream("\x1b]52;c;x\x07"), Reply.error(400, "\x1b[2J"))
    path = to(server, tmp_path)
    assert "\x1b" not in run(path).output + run(path).output


def line(path: Path, *args: str) -> list[str]:
    return [sys.executable, "-m", "tui", "--config", str(path), "ping", *args]


def test_the_real_command_with_a_real_worker_answers(tmp_path: Path, server: FakeProvider) -> None:
    done = subprocess.run(
        line(to(server, tmp_path), "--json"), cwd=ROOT, env=dict(os.environ), capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout)["text"] == "Hello there."
    assert done.stderr == ""


def test_ctrl_c_ends_it_at_once(tmp_path: Path, server: FakeProvider) -> None:
    server.always = Reply.hang()
    with subprocess.Popen(
        line(to(server, tmp_path)), cwd=ROOT, env=dict(os.environ), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        server.wait_seen(1)
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=5)
    assert (process.returncode, output) == (Exit.INTERRUPTED, b"")
    assert b"Traceback" not in errors
