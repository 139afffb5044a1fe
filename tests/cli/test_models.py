"""`models`, and the table that it prints."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.fake_provider import FakeProvider, Reply
from tests.llm.asking import CANARY
from tests.llm.listing import rows
from tui.cli.exits import Exit
from tui.cli.main import command
from tui.cli.table import table
from tui.config.installation import upgrade_litellm

pytestmark = pytest.mark.usefixtures("light_worker")

HEAD = ("MODEL", "CONTEXT", "MARKS")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text("[core]\n[llm]\n", encoding="utf-8")
    return path


def run(file: Path, *args: str, env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(command, ["--config", str(file), "models", *args], env=env)


def live(file: Path, server: FakeProvider, *args: str, path: str = "/v1") -> Result:
    text = f'[core]\n[llm]\nmodel = "openai/x"\nbase_url = "{server.origin}{path}"\napi_key = "{CANARY}"\n'
    file.write_text(text, encoding="utf-8")
    return run(file, "--live", *args)


def test_a_provider_s_models_are_a_table_with_a_head(file: Path) -> None:
    result = run(file, "--provider", "mistral")
    head, *lines = result.stdout.splitlines()
    assert head.split() == ["MODEL", "CONTEXT", "OUTPUT", "IN/1M", "OUT/1M", "MARKS"]
    assert lines
    assert all(line.startswith("mistral/") for line in lines)
    assert result.stderr.startswith(f"{len(lines)} models\n")


def test_the_table_says_how_old_its_prices_are_and_how_to_renew_them(file: Path) -> None:
    _, age, command_line = run(file, "gpt-6").stderr.splitlines()
    assert age.startswith(f"Prices and limits: LiteLLM {version('litellm')}, whose newest date is 20")
    assert command_line.strip() == upgrade_litellm(os.environ)
    assert not run(file, "gpt-6", "--json").stderr


def test_a_query_is_fuzzy_and_verified_models_come_first(file: Path) -> None:
    first = run(file, "sonet", "5").stdout.splitlines()[1]
    assert first.startswith("anthropic/claude-sonnet-5-5")
    assert "★ verified" in first


def test_local_finds_the_built_in_model_too(file: Path) -> None:
    assert "openai/smollm2-135m-instruct" in run(file, "local").stdout


def test_the_provider_that_openhands_made_up_lists_what_it_verified(file: Path) -> None:
    first = run(file, "--provider", "openhands").stdout.splitlines()[1]
    assert first.startswith("openhands/claude-opus-5-5 ")


def test_json_has_numbers_or_null(file: Path) -> None:
    found = json.loads(run(file, "openai/gpt-4o", "--provider", "openai", "--json").stdout)
    assert found[0]["id"] == "openai/gpt-4o"
    assert found[0]["context"] == 128_000
    assert found[0]["input_price"] == 2.5
    assert found[0]["marks"] == ["verified", "deprecated"]


def test_a_wrong_query_or_provider_gets_the_nearest_right_one(file: Path) -> None:
    nothing = run(file, "groq/lama-3.4-70b-verstile-zzz", "--provider", "groq")
    assert (nothing.exit_code, nothing.stdout) == (Exit.PROBLEM, "")
    assert "no model matches" in nothing.stderr
    wrong = run(file, "--provider", "gorq")
    assert wrong.exit_code == Exit.USAGE
    assert "Did you mean groq?" in wrong.stderr


def test_live_lists_what_the_endpoint_serves_and_says_which_base_url_is_right(file: Path, server: FakeProvider) -> None:
    server.elsewhere = rows({"id": "own\x1b[1m", "context_window": 4096}, {"id": "other"})
    server.pages = {"/v1/v1/models": Reply.error(404)}
    result = live(file, server, path="/v1/v1")
    assert result.exit_code == Exit.FINE
    assert [line.split()[:2] for line in result.stdout.splitlines()[1:]] == [
        ["openai/own␛[1m", "4k"],
        ["openai/other", "-"],
    ]
    said, counted = result.stderr.splitlines()
    assert said.startswith("OpenAI-compatible, asked just now. The models are listed under ")
    assert f"{server.base_url}: enter that as base_url" in said
    assert counted == "2 models"
    assert CANARY not in result.output


def test_a_refused_key_has_its_exit_code(file: Path, server: FakeProvider) -> None:
    server.elsewhere = Reply.error(401)
    result = live(file, server)
    assert (result.exit_code, result.stdout) == (Exit.KEY, "")
    assert CANARY not in result.output


def test_a_closed_port_is_a_network_failure(file: Path, server: FakeProvider) -> None:
    server.close()
    assert live(file, server).exit_code == Exit.NETWORK


def test_a_key_from_elsewhere_is_not_sent_unless_the_origin_is_named(file: Path, server: FakeProvider) -> None:
    file.write_text('[core]\n[llm]\nmodel = "openai/x"\nbase_url = "http://other.example/v1"\n', encoding="utf-8")
    refused = run(file, "--live", env={"OPENAI_API_KEY": CANARY})
    assert refused.exit_code == Exit.KEY
    assert "--send-key-to http://other.example" in refused.stderr
    assert server.requests == []


def test_without_live_nothing_heavy_is_imported(file: Path) -> None:
    heavy = "{'litellm', 'httpx', 'textual', 'asyncio', 'keyring'}"
    code = (
        "import sys\nfrom tui.cli.main import command\n"
        f"command(['--config', {str(file)!r}, 'models', 'gpt'], standalone_mode=False)\n"
        f"print(sorted({heavy} & sys.modules.keys()), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=20)
    assert done.stderr.splitlines()[-1] == "[]"


def test_a_long_id_gets_a_line_of_its_own_and_is_never_cut() -> None:
    lines = list(table(HEAD, [("a" * 50, "8k", "★ verified"), ("b", "8k", "")], width=40))
    assert lines[1] == "a" * 50
    assert all(len(line) <= 40 for line in (lines[0], *lines[2:]))
    assert lines[2].split()[0] == "8k"


def test_the_last_column_gives_way_and_is_left_out_where_it_is_empty() -> None:
    wide = list(table(HEAD, [("a", "8k", "m" * 60)], width=40))
    assert wide[1].endswith("…")
    assert list(table(HEAD, [("a", "8k", "")], width=40)) == ["MODEL  CONTEXT", "a           8k"]
