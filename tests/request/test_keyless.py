"""Where no key is asked for, and the reason that is told."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tui.config.storage import Snapshot
from tui.config.workspace import Workspace
from tui.request.keyless import why_keyless


def _why(text: str, env: Mapping[str, str] | None = None) -> str:
    snapshot = Snapshot(Path("config.toml"), f"[llm]\n{text}".encode())
    return why_keyless(Workspace(snapshot, {}).resolved(), env or {})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('model = "openai/x"\nbase_url = "http://127.0.0.1:1/v1"', "this server runs on your machine"),
        ('model = "openai/smollm2-135m-instruct"\nbase_url = "http://localhost:1/v1"', "this model runs on your"),
        ('model = "ollama_chat/llama3"', "runs on your machine"),
        ('model = "litellm_proxy/x"\nbase_url = "https://proxy.example"', "only if this server asks"),
        ('model = "bedrock/anthropic.claude-x"', "credentials come from the environment"),
    ],
)
def test_the_reason_is_said(text: str, words: str) -> None:
    assert words in _why(text)


@pytest.mark.parametrize(
    "text",
    [
        'model = "openai/gpt-4o"',
        'model = "openai/gpt-4o"\nbase_url = "https://proxy.example/v1"',
        'model = "openai/gpt-4o"\nbase_url = "no url"',
        'model = "nobody/knows-this"',
        "",
    ],
)
def test_where_a_key_may_be_needed_or_nothing_is_known_there_is_no_reason(text: str) -> None:
    assert _why(text) == ""


def test_missing_credentials_are_named_and_those_that_are_there_are_not() -> None:
    assert "AWS_ACCESS_KEY_ID" in _why('model = "bedrock/anthropic.claude-x"')
    assert "AWS" not in _why('model = "bedrock/anthropic.claude-x"', {"AWS_PROFILE": "work"})
