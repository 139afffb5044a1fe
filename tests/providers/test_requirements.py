"""What is missing is named before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tui.config.installation import this_installation
from tui.config.schema import LLM
from tui.config.secret import Secret
from tui.providers.registry import provider_of, providers
from tui.providers.requirements import Missing, env_for, is_installed, missing, told


def lacks(settings: LLM, *, has_key: bool = True, env: Mapping[str, str] | None = None) -> tuple[Missing, ...]:
    return missing(settings, provider_of(settings), has_key=has_key, env=env or {}, installed=lambda _module: True)


def line(settings: LLM, *, has_key: bool = True, env: Mapping[str, str] | None = None) -> str:
    return told(provider_of(settings), lacks(settings, has_key=has_key, env=env))


@pytest.mark.parametrize(
    ("settings", "has_key", "sentence"),
    [
        (
            LLM(model="azure/mine"),
            True,
            "Azure OpenAI needs a base URL and an API version: Advanced (F3).",
        ),
        (
            LLM(model="azure/mine"),
            False,
            "Azure OpenAI needs a base URL, an API version and an API key: Advanced (F3) and Settings (F2).",
        ),
        (
            LLM(model="azure/mine", base_url="https://x.openai.azure.com"),
            True,
            "Azure OpenAI needs an API version: Advanced (F3), such as 2024-10-21.",
        ),
        (
            LLM(model="openai/gpt-4o"),
            False,
            "OpenAI needs an API key: Settings (F2), or OPENAI_API_KEY in the environment.",
        ),
        (
            LLM(model="litellm_proxy/x"),
            False,
            "LiteLLM Proxy needs a base URL: Advanced (F3), such as https://… without /chat/completions.",
        ),
        (LLM(model=" "), True, "No model is chosen: Settings (F2)."),
        (
            LLM(model="claude-3-5-sonnet-20241022"),
            True,
            (
                "LiteLLM can't tell whose model 'claude-3-5-sonnet-20241022' is: "
                "choose a provider, or write it in front, such as anthropic/claude-3-5-sonnet-20241022: Settings (F2)."
            ),
        ),
        (
            LLM(model="Qwen/Qwen3-8B", base_url="http://localhost:8000/v1"),
            True,
            (
                "LiteLLM can't tell whose model 'Qwen/Qwen3-8B' is: choose a provider, or write it in front, "
                "such as openai/Qwen/Qwen3-8B: Settings (F2)."
            ),
        ),
        (
            LLM(model="gpt-4o", custom_llm_provider="opanai"),
            True,
            "LiteLLM knows no provider 'opanai': correct Custom provider, Advanced (F3).",
        ),
        (
            LLM(model="bedrock/x.y", aws_access_key_id=Secret("a")),
            False,
            "AWS Bedrock needs both halves of the key: Secret access key on Advanced (F3), or AWS_SECRET_ACCESS_KEY.",
        ),
        (
            LLM(model="cloudflare/@cf/x"),
            True,
            "Cloudflare Workers AI needs CLOUDFLARE_ACCOUNT_ID in the environment.",
        ),
    ],
)
def test_what_is_missing_is_said_in_a_sentence_with_its_screen(settings: LLM, has_key: bool, sentence: str) -> None:  # noqa: FBT001  # a column of the table
    assert line(settings, has_key=has_key) == sentence


@pytest.mark.parametrize(
    "settings",
    [
        LLM(model="openai/anything", base_url="http://localhost:8000/v1"),
        LLM(model="ollama_chat/qwen3:8b"),
        LLM(model="litellm_proxy/x", base_url="http://localhost:4000"),
        LLM(model="hosted_vllm/Qwen/Qwen3-8B", base_url="http://localhost:8000/v1"),
    ],
)
def test_a_server_of_ones_own_takes_any_model_and_needs_no_key(settings: LLM) -> None:
    assert lacks(settings, has_key=False) == ()


def test_a_key_is_needed_where_the_base_url_is_the_providers_own() -> None:
    found = lacks(LLM(model="openai/gpt-4o", base_url="https://api.openai.com/v1/"), has_key=False)
    assert [item.name for item in found] == ["api_key"]


def test_nothing_is_missing_for_complete_settings() -> None:
    assert line(LLM(model="anthropic/claude-sonnet-4-5")) == ""


def test_bedrock_without_credentials_may_still_find_some_so_it_is_said_but_does_not_block() -> None:
    (found,) = lacks(LLM(model="bedrock/x.y"))
    assert found.where == "environment"
    assert not found.blocks


@pytest.mark.parametrize(
    "env",
    [
        {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"},
        {"AWS_PROFILE": "work"},
        {"AWS_BEARER_TOKEN_BEDROCK": "t"},
    ],
)
def test_bedrock_takes_its_credentials_from_the_environment(env: dict[str, str]) -> None:
    assert lacks(LLM(model="bedrock/x.y"), env=env) == ()


def test_bedrock_takes_half_a_key_from_the_form_and_half_from_the_environment() -> None:
    settings = LLM(model="bedrock/x.y", aws_access_key_id=Secret("a"))
    assert lacks(settings, env={"AWS_SECRET_ACCESS_KEY": "b"}) == ()


def test_a_region_alone_is_no_credential() -> None:
    assert lacks(LLM(model="bedrock/x.y"), env={"AWS_REGION_NAME": "us-east-1"})


def test_vertex_names_each_variable_that_is_not_set_and_what_happens_without_it() -> None:
    found = lacks(LLM(model="vertex_ai/gemini-2.5-flash"), env={"VERTEXAI_PROJECT": "p"})
    assert [item.name for item in found] == ["GOOGLE_APPLICATION_CREDENTIALS", "VERTEXAI_LOCATION"]
    assert not any(item.blocks for item in found)
    assert "us-central1" in found[1].sentence


def test_a_package_that_is_not_installed_is_named_with_the_command_that_installs_it() -> None:
    settings = LLM(model="vertex_ai/gemini-2.5-flash")
    found = missing(settings, provider_of(settings), has_key=False, env={}, installed=lambda _module: False)
    command = this_installation({}).add("litellm[google]")
    assert found[0].sentence == f"Google Vertex AI needs another package. Install it with: {command}"
    assert found[0].blocks


def test_whether_a_module_is_installed_is_told_without_failing_on_its_parents() -> None:
    assert is_installed("msgspec")
    assert not is_installed("no_such_parent.child")
    assert not is_installed("msgspec.no_such_child")


def test_the_worker_gets_exactly_the_providers_own_variables() -> None:
    env = {
        "AWS_PROFILE": "work",
        "AWS_REGION_NAME": "",
        "AWS_ENDPOINT_URL": "http://elsewhere",
        "OPENAI_API_KEY": "secret",
        "GOOGLE_APPLICATION_CREDENTIALS": "/key.json",
    }
    assert env_for(providers()["bedrock"], env) == {"AWS_PROFILE": "work"}
    assert env_for(providers()["vertex_ai"], env) == {"GOOGLE_APPLICATION_CREDENTIALS": "/key.json"}
    assert env_for(providers()["openai"], env) == {}


def test_no_provider_gets_a_variable_that_moves_its_endpoint() -> None:
    for provider in providers().values():
        assert not [
            name for name in provider.env_auth if name.endswith(("_API_BASE", "_BASE_URL", "_ENDPOINT", "_URL"))
        ]
