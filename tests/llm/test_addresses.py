"""Where lists of models are looked for."""

from __future__ import annotations

import pytest

from tests.llm.asking import THEIR_WARNINGS
from tui.config.schema import LLM
from tui.llm.addresses import BadAddressError, NoAddressError, Question, questions, root_of
from tui.llm.client import default_base
from tui.providers.registry import providers
from tui.vault.places import canonical_origin


def urls(base_url: str | None, provider: str = "openai", home: str = "") -> list[str]:
    return [question.url for question in questions(provider, LLM(base_url=base_url), home)]


def right(base_url: str, provider: str = "openai") -> list[str]:
    return [question.base_url for question in questions(provider, LLM(base_url=base_url), "")]


def test_the_base_url_is_asked_as_given_first_and_then_as_it_may_have_been_meant() -> None:
    assert right("http://h:1/v1/")[0] == "http://h:1/v1"
    assert right("http://h:1")[:2] == ["http://h:1", "http://h:1/v1"]
    assert right("http://h:1/v1/v1")[:2] == ["http://h:1/v1/v1", "http://h:1/v1"]
    assert right("http://h:1/v1/chat/completions")[1] == "http://h:1/v1"
    assert "http://h:1/v1" in right("http://h:1/some/page")
    assert "https://h/api/v1" in right("https://h")


@pytest.mark.parametrize(
    ("provider", "base_url", "first", "base"),
    [
        ("ollama_chat", "http://h:1/v1", "http://h:1/api/tags", "http://h:1"),
        ("ollama", "http://h:1/api/generate", "http://h:1/api/tags", "http://h:1"),
        ("ollama_chat", "http://h:1/api/chat", "http://h:1/api/tags", "http://h:1/api/chat"),
        ("lm_studio", "http://h:1", "http://h:1/api/v0/models", "http://h:1/v1"),
        ("litellm_proxy", "http://h:1/v1", "http://h:1/v1/model/info", "http://h:1/v1"),
        ("anthropic", "https://h/v1", "https://h/v1/models?limit=1000", "https://h"),
        ("gemini", "https://h/v1beta", "https://h/v1beta/models?pageSize=1000", "https://h/v1beta"),
        ("groq", "https://h/openai/v1?x=1#y", "https://h/openai/v1/models", "https://h/openai/v1"),
    ],
)
def test_each_kind_of_server_is_asked_where_it_has_its_list(
    provider: str, base_url: str, first: str, base: str
) -> None:
    question = questions(provider, LLM(base_url=base_url), "")[0]
    assert (question.url, question.base_url) == (first, base)


def test_what_only_some_servers_have_is_asked_aside_and_the_usual_list_after_it() -> None:
    for provider in ("litellm_proxy", "lm_studio"):
        info, usual, *_ = questions(provider, LLM(base_url="http://h:1/v1"), "")
        assert info.aside
        assert usual == Question("http://h:1/v1/models", "openai", "http://h:1/v1")


@pytest.mark.parametrize("provider", ["azure", "bedrock", "vertex_ai", "sagemaker"])
def test_a_provider_without_a_list_says_so(provider: str) -> None:
    with pytest.raises(NoAddressError):
        urls("https://h", provider)


@pytest.mark.parametrize("base_url", ["h:1/v1", "ftp://h", "http://u:p@h", "http://h:99999/v1", "http://h h"])
def test_an_address_that_nothing_can_be_sent_to_says_so(base_url: str) -> None:
    with pytest.raises(BadAddressError):
        urls(base_url)


def test_a_home_elsewhere_than_where_the_key_belongs_is_not_asked() -> None:
    with pytest.raises(NoAddressError):
        urls(None, "groq", "https://api.groq.com.evil.example/v1")
    assert urls(None, "groq", "https://api.groq.com/openai/v1")[0] == "https://api.groq.com/openai/v1/models"


@pytest.mark.contract
@THEIR_WARNINGS
def test_every_provider_is_asked_at_its_home_or_not_at_all() -> None:
    """With the address that the installed LiteLLM has for each."""
    asked = set()
    for name, provider in providers().items():
        if provider.sign_in:  # for these, asking LiteLLM starts a sign-in
            continue
        try:
            found = questions(name, LLM(base_url=None), default_base(name))
        except NoAddressError:
            continue
        assert {canonical_origin(question.url) for question in found} == {provider.home}
        asked.add(name)
    assert len(asked) > 80
    assert asked >= {"openai", "anthropic", "gemini", "groq", "openrouter", "ollama", "deepseek", "mistral", "xai"}


def test_a_server_keeps_its_own_pages_beside_the_version() -> None:
    assert root_of("http://h:1/v1") == "http://h:1"
    assert root_of("https://h/api/v1") == "https://h/api"
    assert root_of("http://h:1") == "http://h:1"
