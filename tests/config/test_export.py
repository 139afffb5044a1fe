"""Each format gives back the values that went in, whatever is in them."""

from __future__ import annotations

import shlex
import subprocess
import tomllib
from pathlib import Path
from random import Random

import pytest
import yaml  # type: ignore[import-untyped]  # it has no types of its own
from dotenv import dotenv_values

from tui.config.export import Export, Item, collected, in_container, written
from tui.config.resolve import Resolved, Source, resolve
from tui.config.schema import LLM, Plain

CANARY = "sk-canary-16180"
_SIGNS = (
    "abcXYZ019 _-./:,;=+*?!&|<>()[]{}~^%@#`'\"\\\\\\$$$\n\n\t\r\x01\x07\x1b\x7f\x85\u00a0\u2028\u2029\ufeff\u200d\u202e"
    "é中\U0001f600\uffff\U000e0041"
)
_PIECES = (
    "${HOME}",
    "${X:-y}",
    "$HOME",
    "$(id)",
    "`id`",
    "\\n",
    "\\",
    "'",
    '"',
    "'''",
    "#",
    " #",
    "\r\n",
    "%s",
    "$$",
    "!!",
)


def _values(count: int = 1000) -> dict[str, str]:
    random = Random(7)  # noqa: S311  # not for secrets

    def piece() -> str:
        any_sign = chr(random.randint(1, 0xD7FF))
        return random.choice((random.choice(_PIECES), *random.choices(_SIGNS, k=4), any_sign))

    return {f"LLM_V{number}": "".join(piece() for _ in range(random.randint(1, 12))) for number in range(count)}


VALUES = _values()
MANY = Export(tuple(Item(name.lower(), name, text, text) for name, text in VALUES.items()), (), ())


def test_a_shell_gives_back_a_thousand_values(tmp_path: Path) -> None:
    (tmp_path / "export").write_bytes(written(MANY, "shell").encode())
    program = 'eval "$(cat export)"; exec env -0'
    done = subprocess.run(["bash", "-c", program], cwd=tmp_path, capture_output=True, check=True)
    found = dict(line.split("=", 1) for line in done.stdout.decode().split("\0") if "=" in line)
    assert {name: found.get(name) for name in VALUES} == VALUES


def test_shlex_gives_back_a_thousand_values_of_a_docker_command() -> None:
    words = shlex.split(written(MANY, "docker"))
    found = dict(words[index + 1].split("=", 1) for index, word in enumerate(words) if word == "-e")
    assert found == VALUES
    assert words[:2] == ["docker", "run"]
    assert words[-1] == "IMAGE"


def test_yaml_gives_back_a_thousand_values_of_a_compose_file() -> None:
    found = yaml.safe_load(written(MANY, "compose"))["services"]["openhands"]["environment"]
    assert {name: text.replace("$$", "$") for name, text in found.items()} == VALUES
    assert all("$" not in text.replace("$$", "") for text in found.values())  # compose reads $$ as $


def test_python_dotenv_gives_back_a_thousand_values(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(written(MANY, "dotenv").encode())
    assert dotenv_values(tmp_path / ".env") == VALUES


def _resolved(**values: Plain) -> dict[str, Resolved]:
    return resolve(Source(values, {}), env={}, edits={})


def test_toml_gives_back_every_value_but_the_secrets() -> None:
    text = written(collected(_resolved(model='a "b"', api_key=CANARY, timeout=5)), "toml")
    wanted = {name: getattr(LLM(), name) for name in LLM.__struct_fields__} | {"model": 'a "b"', "timeout": 5}
    assert tomllib.loads(text) == {"core": {}, "llm": {k: v for k, v in wanted.items() if v is not None}}
    assert CANARY not in text
    assert "LLM_API_KEY" in text


@pytest.mark.parametrize("form", ["shell", "dotenv", "docker", "compose", "toml"])
def test_a_secret_is_named_and_never_written(form: str) -> None:
    export = collected(_resolved(api_key=CANARY, aws_secret_access_key=CANARY), ["VERTEXAI_PROJECT"])
    text = written(export, form)  # type: ignore[arg-type]  # one of the formats
    assert CANARY not in text + repr(export)
    assert "LLM_API_KEY" in text
    assert "LLM_AWS_SECRET_ACCESS_KEY" in text
    assert "VERTEXAI_PROJECT" in text


def test_changed_leaves_out_what_has_its_default() -> None:
    export = collected(_resolved(model="x", top_p=1.0, num_retries=9), changed=True)
    assert [item.variable for item in export.items] == ["LLM_MODEL", "LLM_NUM_RETRIES"]


def test_what_no_variable_can_hold_is_said_and_left_out() -> None:
    export = collected(_resolved(model="", custom_tokenizer="a\0b"), changed=True)
    assert export.silent == ("LLM_MODEL", "LLM_CUSTOM_TOKENIZER")
    assert written(export, "shell") == ""


@pytest.mark.parametrize(
    ("url", "inside"),
    [
        ("http://localhost:11434/v1", "http://host.docker.internal:11434/v1"),
        ("http://127.0.0.1/v1", "http://host.docker.internal/v1"),
        ("http://[::1]:8000", "http://host.docker.internal:8000"),
        ("http://me:pw@LOCALHOST:1/x?localhost=1", "http://me:pw@host.docker.internal:1/x?localhost=1"),
        ("https://localhost.example/v1", "https://localhost.example/v1"),
        ("openai/localhost", "openai/localhost"),
        ("http://[bad", "http://[bad"),
    ],
)
def test_this_machine_has_another_name_in_a_container(url: str, inside: str) -> None:
    assert in_container(url) == inside


def test_the_gateway_is_added_only_where_it_is_needed() -> None:
    local, far = _resolved(base_url="http://localhost:1/v1"), _resolved(base_url="https://h.example/v1")
    assert "--add-host host.docker.internal:host-gateway" in written(collected(local), "docker")
    assert yaml.safe_load(written(collected(local), "compose"))["services"]["openhands"]["extra_hosts"] == [
        "host.docker.internal:host-gateway"
    ]
    assert "host-gateway" not in written(collected(far), "docker") + written(collected(far), "compose")
    assert "http://localhost:1/v1" in written(collected(local), "shell")
