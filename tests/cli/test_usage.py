"""`usage`, and the spending limits of `ping`."""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pexpect
import pytest
from click.testing import CliRunner, Result

from tests.cli.files import config
from tests.cli.in_process import quick
from tests.fake_provider import FakeProvider, Reply
from tests.llm.asking import CANARY, THEIR_WARNINGS
from tests.usage.test_ledger import entry
from tui.cli.exits import Exit
from tui.cli.main import command
from tui.config.preferences import PreferencesFile
from tui.usage.ledger import Ledger

pytestmark = THEIR_WARNINGS
ROOT = Path(__file__).parents[2]
UNPRICED = {"base_url": "http://nowhere.invalid/v1", "api_key": CANARY}


def usage(*args: str) -> Result:
    return CliRunner().invoke(command, ["usage", *args])


def ping(path: Path, *args: str) -> Result:
    return CliRunner().invoke(command, ["--config", str(path), "ping", *args])


def priced(server: FakeProvider, folder: Path, **fields: object) -> Path:
    """A model whose answer may cost ten dollars: the usual limits do not allow it."""
    prices = {"input_cost_per_token": 0.0, "output_cost_per_token": 1.0, "max_output_tokens": 10}
    return config(folder, base_url=server.base_url, api_key=CANARY, **prices | fields)


def test_without_any_request_it_says_so() -> None:
    result = usage()
    assert (result.exit_code, result.stderr) == (Exit.FINE, "")
    assert result.stdout == "No request is recorded in the last 30 days. Those of chat, check-up and ping will be.\n"


def test_periods_models_and_days_are_tables_and_unknown_prices_are_counted_apart() -> None:
    ledger, now = Ledger(), datetime.now(UTC)
    ledger.add(entry(cost_usd=0.42))
    for _ in range(3):
        ledger.add(entry(at=now - timedelta(days=4), cost_usd=None, model="openai/own"))
    result = usage()
    assert result.exit_code == Exit.FINE
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert lines[1:4] == [
        "today 1 10 5 0 $0.42",
        "last 7 days 4 40 20 0 $0.42 + 3 of unknown price",
        "last 30 days 4 40 20 0 $0.42 + 3 of unknown price",
    ]
    assert "openai/own 3 30 15 0 3 of unknown price" in lines
    assert any(line.startswith(f"{now.astimezone().date()} 1 10 5 0 $0.42 █") for line in lines)
    assert "Spending limits: $2.00 for a session, $5.00 for a day; $0.42 spent today." in result.stdout


def test_days_says_how_far_to_look_back() -> None:
    Ledger().add(entry(at=datetime.now(UTC) - timedelta(days=40)))
    assert "No request is recorded in the last 30 days." in usage().stdout
    assert "last 60 days" in usage("--days", "60").stdout
    assert usage("--days", "0").exit_code == Exit.USAGE


def test_as_json_it_is_one_object_in_which_unknown_is_null() -> None:
    Ledger().add(entry(cost_usd=None, input_tokens=None, output_tokens=None, cached_tokens=None))
    told: dict[str, Any] = json.loads(usage("--json", "--days", "7").stdout)
    assert told.keys() == {"days", "today", "total", "by_model", "by_day", "limits"}
    assert told["days"] == 7
    assert told["limits"] == {"session_usd": 2.0, "day_usd": 5.0}
    total = told["total"]
    assert (total["requests"], total["input_tokens"], total["cost_usd"], total["cost_unknown"]) == (1, None, None, 1)
    assert told["by_model"][0]["model"] == "openai/gpt-4o"


def test_what_is_wrong_with_the_files_goes_to_standard_error() -> None:
    ledger, preferences = Ledger(), PreferencesFile()
    for path in (ledger.path, preferences.path):
        path.parent.mkdir(parents=True)
    ledger.path.write_bytes(b"no database at all" * 100)
    preferences.path.write_text("[spending]\nday_usd = -1\n", encoding="utf-8")
    result = usage("--json")
    assert result.exit_code == Exit.FINE
    assert json.loads(result.stdout)["limits"]["day_usd"] == 5.0
    assert "day_usd has to be an amount in USD" in result.stderr
    assert "usage.db was damaged. It is kept as usage-corrupt-" in result.stderr


def test_a_ledger_that_can_not_be_read_is_a_problem() -> None:
    Ledger().path.mkdir(parents=True)
    result = usage()
    assert result.exit_code == Exit.PROBLEM
    assert "Check its rights and its disk." in result.stderr


@quick
def test_a_ping_is_recorded_without_its_text_and_without_the_key(tmp_path: Path, server: FakeProvider) -> None:
    result = ping(config(tmp_path, base_url=server.base_url, api_key=CANARY), "a canary in the prompt")
    assert (result.exit_code, result.stdout) == (Exit.FINE, "Hello there.\n")
    (model,) = json.loads(usage("--json").stdout)["by_model"]
    assert (model["model"], model["requests"], model["local"]) == ("openai/fake-model", 1, 1)
    raw = Ledger().path.read_bytes()
    assert b"fake-model" in raw
    assert not any(words in raw for words in (b"canary", b"Hello", CANARY.encode()))


@quick
def test_a_failed_ping_is_recorded_too(tmp_path: Path, server: FakeProvider) -> None:
    server.script(Reply.error(401, "no"))
    assert ping(config(tmp_path, base_url=server.base_url, api_key=CANARY)).exit_code == Exit.KEY
    assert json.loads(usage("--json").stdout)["total"]["requests"] == 1


@quick
def test_a_ping_that_may_pass_the_limit_is_refused_and_names_the_option_that_lets_it(
    tmp_path: Path, server: FakeProvider
) -> None:
    path = priced(server, tmp_path)
    result = ping(path)
    assert result.exit_code == Exit.RATE
    assert "This may cost up to $10.00" in result.stderr
    assert "Nothing was sent. If it may, add --over-limit" in result.stderr
    assert server.requests == []
    assert ping(path, "--over-limit").stdout == "Hello there.\n"


@quick
def test_as_json_a_refusal_has_a_cause(tmp_path: Path, server: FakeProvider) -> None:
    told = json.loads(ping(priced(server, tmp_path), "--json").stdout)
    assert (told["ok"], told["cause"], told["usage"]["attempts"]) == (False, "limit", 0)


@quick
def test_an_unknown_price_is_refused_in_the_same_way(tmp_path: Path) -> None:
    result = ping(config(tmp_path, **UNPRICED))
    assert result.exit_code == Exit.KEY  # the question about the key comes first
    result = ping(config(tmp_path, model="openai/gpt-nobody-knows", api_key=CANARY))
    assert result.exit_code == Exit.RATE
    assert "The price of openai/gpt-nobody-knows is not known" in result.stderr


@quick
def test_the_check_up_is_asked_about_as_a_whole_before_it_sends_anything(tmp_path: Path, server: FakeProvider) -> None:
    result = ping(priced(server, tmp_path, output_cost_per_token=0.01), "--checkup")
    assert result.exit_code == Exit.RATE
    assert "Nothing was sent. This may cost up to $9.60" in result.stdout
    assert "add --over-limit" in result.stdout
    assert server.requests == []


@pytest.mark.parametrize(("answer", "code"), [("n\r", Exit.RATE), ("\x03", Exit.INTERRUPTED)])
def test_in_a_terminal_it_asks(tmp_path: Path, server: FakeProvider, answer: str, code: Exit) -> None:
    line = ["-m", "tui", "--config", str(priced(server, tmp_path)), "ping"]
    child = pexpect.spawn(sys.executable, line, cwd=str(ROOT), env=dict(os.environ), timeout=60, dimensions=(24, 200))
    child.expect(r"Send it\? \[y/N\]")
    child.send(answer)
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == code
    assert server.requests == []
