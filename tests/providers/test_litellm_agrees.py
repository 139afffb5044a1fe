"""What we declare and read about providers is what the installed LiteLLM does, asked in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from tui.providers import installed
from tui.providers.builtin_providers import NO_CHAT
from tui.providers.catalogue import catalogue
from tui.providers.pricemap import bare_names, price_map
from tui.providers.registry import providers

pytestmark = [pytest.mark.contract, pytest.mark.timeout(300)]
ALSO_BARE = ("claude-3-5-sonnet-20241022", "claude-newfamily-5", "gpt-99", "ft:gpt-4o:mine", "us.anthropic.claude-x-1")


class Chat(msgspec.Struct, frozen=True):
    """Where LiteLLM sent a chat."""

    keyed: list[str]
    """URLs of requests that carried the key."""
    unmapped: bool
    """Whether LiteLLM says that it can't chat with this provider."""


class Answers(msgspec.Struct, frozen=True):
    """What LiteLLM said."""

    listed: list[str]
    compatible: list[str]
    ids: dict[str, str]
    """Provider by catalogue id; "" if LiteLLM refuses the id."""
    bare: dict[str, str]
    chats: dict[str, Chat]


def _bare_names() -> list[str]:
    rows = price_map().rows()
    return [name for name, row in rows if "/" not in name and row.mode in ("chat", "responses")] + [*ALSO_BARE]


@pytest.fixture(scope="module")
def answers() -> Answers:
    """One run of the real LiteLLM: about 6 s."""
    questions = {"ids": [model.id for model in catalogue().models], "bare": _bare_names()}
    env = {
        "PATH": os.environ["PATH"],
        "HOME": "/nonexistent",
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "AWS_EC2_METADATA_DISABLED": "true",
        "CLOUDFLARE_ACCOUNT_ID": "account",
    }
    script = Path(__file__).with_name("ask_litellm.py")
    done = subprocess.run(
        [sys.executable, str(script)],
        input=msgspec.json.encode(questions),
        capture_output=True,
        env=env,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    return msgspec.json.decode(done.stdout.splitlines()[-1], type=Answers)


def test_every_id_in_the_catalogue_is_accepted(answers: Answers) -> None:
    assert [model for model, provider in answers.ids.items() if provider not in providers()] == []


def test_every_id_in_the_catalogue_goes_to_the_home_of_its_provider(answers: Answers) -> None:
    """Under another name, at most, where LiteLLM has two for one provider."""
    elsewhere = {
        model: provider
        for model, provider in answers.ids.items()
        if providers()[provider].home != providers()[model.partition("/")[0]].home
    }
    # Cohere's and Mistral's models on Azure are sent as OpenAI's; a base URL is needed for Azure in any case.
    assert {(model.partition("/")[0], provider) for model, provider in elsewhere.items()} <= {("azure", "openai")}


def test_the_list_of_providers_is_litellms_without_those_it_cannot_chat_with(answers: Answers) -> None:
    assert installed.provider_names() == set(answers.listed)
    assert installed.compatible().keys() == set(answers.compatible)
    own = {name for name, provider in providers().items() if provider.sent_as}
    assert own == {"openhands"}
    assert providers().keys() - own == (set(answers.listed) | set(answers.compatible)) - NO_CHAT


def test_litellm_cannot_chat_with_exactly_the_providers_that_are_left_out(answers: Answers) -> None:
    assert {name for name, chat in answers.chats.items() if chat.unmapped} == NO_CHAT


def test_a_key_goes_to_the_providers_home_and_nowhere_else(answers: Answers) -> None:
    homes = {name: provider.home for name, provider in providers().items() if provider.home and name in answers.chats}
    sent = {name: {url[: len(home) + 1] for url in answers.chats[name].keyed} for name, home in homes.items()}
    assert len(homes) > 90
    assert sent == {name: {f"{home}/"} for name, home in homes.items()}


def test_a_provider_whose_key_would_go_to_somebody_else_has_no_home(answers: Answers) -> None:
    """LiteLLM falls back to OpenAI where such a provider has no base URL."""
    to_openai = {
        name
        for name, chat in answers.chats.items()
        if any(url.startswith("https://api.openai.com/") for url in chat.keyed)
    }
    assert to_openai >= {"litellm_proxy", "lm_studio", "hosted_vllm", "custom_openai"}
    for name in to_openai - {"openai", "text-completion-openai"}:
        assert providers()[name].home is None


def test_a_proxy_or_local_server_that_would_fall_back_to_openai_needs_a_base_url(answers: Answers) -> None:
    for name in ("litellm_proxy", "lm_studio", "hosted_vllm", "custom_openai", "xinference"):
        assert any("api.openai.com" in url for url in answers.chats[name].keyed)
        assert "base_url" in providers()[name].needs


def test_a_name_without_prefix_goes_where_litellm_sends_it(answers: Answers) -> None:
    ours = {name: bare_names().provider(name) for name in answers.bare}
    assert ours == answers.bare
    assert answers.bare["claude-3-5-sonnet-20241022"] == ""
