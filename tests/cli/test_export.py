"""`export` and `import`, and that one undoes the other."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tui.cli.exits import Exit
from tui.cli.main import command

CANARY = "canary-4c1d-never-shown"
FILE = f"""\
[core]

[llm]
model = "openai/it's \\"quoted\\" $HOME"
base_url = "http://localhost:8000/v1"
temperature = 0.25
drop_params = false
api_key = "{CANARY}"

[llm.google]
model = "vertex_ai/gemini-2"
base_url = ""
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(FILE)
    return path


def run(file: Path, *args: str, env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(command, ["--config", str(file), *args], env=env)


def test_export_prints_effective_settings(file: Path) -> None:
    result = run(file, "export", env={"LLM_TIMEOUT": "7"})
    assert "export LLM_TEMPERATURE=0.25\n" in result.stdout
    assert "export LLM_DROP_PARAMS=false\n" in result.stdout
    assert "export LLM_TIMEOUT=7\n" in result.stdout
    assert "export LLM_NUM_RETRIES=4\n" in result.stdout
    assert "LLM_NUM_RETRIES" not in run(file, "export", "--changed").stdout


@pytest.mark.parametrize("form", ["shell", "dotenv", "docker", "compose", "toml"])
def test_no_format_holds_the_key(file: Path, form: str) -> None:
    result = run(file, "export", "--format", form)
    assert result.exit_code == Exit.FINE
    assert CANARY not in result.output
    assert "LLM_API_KEY" in result.stdout
    assert "by name only: LLM_API_KEY" in result.stderr


def test_a_container_reaches_this_machine(file: Path) -> None:
    result = run(file, "export", "--format", "docker", "--image", "openhands:0.26")
    assert "http://host.docker.internal:8000/v1" in result.stdout
    assert "--add-host host.docker.internal:host-gateway" in result.stdout
    assert " -e LLM_API_KEY " in result.stdout
    assert result.stdout.endswith(" openhands:0.26\n")


def test_a_provider_that_reads_variables_gets_them_by_name(file: Path) -> None:
    args = ["--profile", "google", "export", "--format", "docker"]
    assert " -e GOOGLE_APPLICATION_CREDENTIALS " in run(file, *args).stdout
    result = run(file, *args, env={"VERTEXAI_PROJECT": "mine", "VERTEXAI_LOCATION": "europe"})
    assert " -e VERTEXAI_PROJECT -e VERTEXAI_LOCATION " in result.stdout
    assert "mine" not in result.output


def test_what_a_variable_cannot_hold_is_said(file: Path) -> None:
    assert "LLM_BASE_URL is left out" in run(file, "--profile", "google", "export").stderr


def test_what_was_exported_can_be_imported(file: Path, tmp_path: Path) -> None:
    dotenv, new = tmp_path / ".env", tmp_path / "new.toml"
    dotenv.write_text(run(file, "export", "--format", "dotenv", "--changed").stdout)
    assert run(new, "import", str(dotenv)).exit_code == Exit.FINE
    llm = tomllib.loads(FILE)["llm"]
    wanted = {name: value for name, value in llm.items() if name not in ("api_key", "google")}
    assert tomllib.loads(new.read_text()) == {"core": {}, "llm": wanted}


def test_import_takes_the_environment_and_prints_the_diff(tmp_path: Path) -> None:
    path = tmp_path / "new.toml"
    env = {"LLM_MODEL": "groq/x", "LLM_DROP_PARAMS": "no", "LLM_TIMEOUT": ""}
    assert run(path, "import", "--dry-run", env=env).exit_code == Exit.FINE
    assert not path.exists()
    result = run(path, "import", env=env)
    assert '+model = "groq/x"' in result.stdout
    assert path.read_text() == '[core]\n\n[llm]\nmodel = "groq/x"\ndrop_params = false\n'


def test_import_keeps_secrets_out_and_names_what_it_leaves_out(tmp_path: Path) -> None:
    path = tmp_path / "new.toml"
    env = {
        "LLM_API_KEY": CANARY,
        "LLM_AWS_SECRET_ACCESS_KEY": CANARY,
        "LLM_API_BASE": "http://h.example",
        "LLM_TIMEOUT": "5.0",
        "LLM_TOP_P": "7",
        "LLM_NUM_RETRIES": "2",
    }
    result = run(path, "import", env=env)
    assert path.read_text() == "[core]\n\n[llm]\nnum_retries = 2\n"
    assert CANARY not in result.output
    for words in ("keys set", "LLM_BASE_URL", "LLM_TIMEOUT was left out", "LLM_TOP_P was left out"):
        assert words in result.stderr


def test_import_of_nothing_or_of_a_missing_file_says_so(tmp_path: Path) -> None:
    path = tmp_path / "new.toml"
    assert "no LLM_* variable" in run(path, "import").stderr
    result = run(path, "import", str(tmp_path / "missing.env"))
    assert result.exit_code == Exit.PROBLEM
    assert "does not exist" in result.stderr
    (tmp_path / "latin.env").write_bytes(b"LLM_MODEL=\xe9\n")
    assert "UTF-8" in run(path, "import", str(tmp_path / "latin.env")).stderr
    assert not path.exists()


def test_the_schema_is_printed(file: Path) -> None:
    result = run(file, "schema")
    assert result.exit_code == Exit.FINE
    assert '"$schema"' in result.stdout
