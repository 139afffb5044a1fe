"""Which providers there are, and whose model a name is."""

from __future__ import annotations

import subprocess
import sys
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.config.schema import FIELDS, LLM
from tui.providers.builtin_providers import GUIDED
from tui.providers.catalogue import catalogue
from tui.providers.guides import all_guides
from tui.providers.registry import as_litellm, find, join_model, provider_of, providers, split_model, typed_model

names = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="/"), min_size=1, max_size=12)


def test_providers_with_a_guide_come_first_then_the_rest_by_title() -> None:
    listed = list(providers().values())
    assert listed[: len(GUIDED)] == list(GUIDED)
    titles = [provider.title.casefold() for provider in listed[len(GUIDED) :]]
    assert titles == sorted(titles)


def test_a_provider_is_listed_first_exactly_if_it_has_a_guide() -> None:
    guided = {name for guide in all_guides() for name in guide.providers}
    assert {provider.name for provider in GUIDED} == guided & {provider.name for provider in GUIDED}
    assert guided - {provider.name for provider in GUIDED} <= providers().keys()


def test_every_home_is_an_origin_and_every_needed_field_is_in_the_schema() -> None:
    for provider in providers().values():
        assert set(provider.needs) <= FIELDS.keys()
        if provider.home is not None:
            url = urlsplit(provider.home)
            assert url.geturl() == f"{url.scheme}://{url.netloc}"
            assert url.scheme == "https" or provider.local


def test_a_provider_that_litellm_describes_as_data_is_read_from_there() -> None:
    aihubmix = providers()["aihubmix"]
    assert (aihubmix.home, aihubmix.key_env) == ("https://aihubmix.com", ("AIHUBMIX_API_KEY",))


@pytest.mark.parametrize("bogus", ["us", "eu", "1024-x-1024", "meta-llama", "aws_polly", "", "sample_spec"])
def test_no_bogus_provider_is_listed(bogus: str) -> None:
    assert bogus not in providers()
    assert find(bogus) is None


@pytest.mark.parametrize(
    ("model", "parts"),
    [
        ("openai/gpt-4o", ("openai", "gpt-4o")),
        ("openrouter/openrouter/auto", ("openrouter", "openrouter/auto")),
        ("openrouter/anthropic/claude-sonnet-4.5", ("openrouter", "anthropic/claude-sonnet-4.5")),
        ("groq/openai/gpt-oss-120b", ("groq", "openai/gpt-oss-120b")),
        ("gpt-4o", ("openai", "gpt-4o")),
        ("claude-sonnet-4-5", ("anthropic", "claude-sonnet-4-5")),
        ("claude-3-5-sonnet-20241022", ("", "claude-3-5-sonnet-20241022")),
        ("deepseek-chat", ("", "deepseek-chat")),
        ("gemini-2.5-flash", ("vertex_ai", "gemini-2.5-flash")),
        ("meta-llama/Llama-3-8B", ("", "meta-llama/Llama-3-8B")),
        ("openai/", ("", "openai/")),
        ("", ("", "")),
    ],
)
def test_a_model_is_split_as_litellm_reads_it(model: str, parts: tuple[str, str]) -> None:
    assert split_model(model) == parts


def test_joining_is_the_inverse_of_splitting_for_the_whole_catalogue() -> None:
    for model in catalogue().models:
        assert split_model(model.id) == (model.provider, model.name)
        assert join_model(model.provider, model.name) == model.id


@given(provider=st.sampled_from(sorted(providers())), parts=st.lists(names, min_size=1, max_size=4))
def test_joining_is_the_inverse_of_splitting_for_any_name(provider: str, parts: list[str]) -> None:
    name = "/".join(parts)
    assert split_model(join_model(provider, name)) == (provider, name)


@given(parts=st.lists(names, min_size=1, max_size=3))
def test_what_has_no_provider_is_never_changed(parts: list[str]) -> None:
    model = "/".join(parts)
    provider, name = split_model(model)
    assert join_model(provider, name) in (model, f"{provider}/{model}")
    if not provider:
        assert name == model


@pytest.mark.parametrize(
    ("provider", "text", "meant"),
    [
        ("openai", "gpt-4o", ("openai", "gpt-4o")),
        ("openai", " gpt-4o ", ("openai", "gpt-4o")),
        ("openai", "openai/gpt-4o", ("openai", "gpt-4o")),
        ("openai", "anthropic/claude-sonnet-4-5", ("anthropic", "claude-sonnet-4-5")),
        ("openai", "Qwen/Qwen3-8B", ("openai", "Qwen/Qwen3-8B")),
        ("openrouter", "anthropic/claude-sonnet-4.5", ("openrouter", "anthropic/claude-sonnet-4.5")),
        ("openrouter", "openrouter/anthropic/claude-sonnet-4.5", ("openrouter", "anthropic/claude-sonnet-4.5")),
        ("openrouter", "openrouter/auto", ("openrouter", "openrouter/auto")),
        ("openrouter", "openrouter/openrouter/auto", ("openrouter", "openrouter/auto")),
        ("litellm_proxy", "openai/gpt-4o", ("litellm_proxy", "openai/gpt-4o")),
        ("groq", "openai/gpt-oss-120b", ("groq", "openai/gpt-oss-120b")),
        ("", "groq/openai/gpt-oss-120b", ("groq", "openai/gpt-oss-120b")),
        ("", "my-model", ("", "my-model")),
    ],
)
def test_a_model_typed_in_full_switches_the_provider_unless_names_are_nested(
    provider: str, text: str, meant: tuple[str, str]
) -> None:
    assert typed_model(provider, text) == meant


def test_every_id_of_the_catalogue_typed_in_full_gives_itself_when_no_provider_is_chosen() -> None:
    for model in catalogue().models:
        assert join_model(*typed_model("", model.id)) == model.id


def test_a_custom_provider_wins_over_the_prefix() -> None:
    provider = provider_of(LLM(model="anthropic/claude-sonnet-4-5", custom_llm_provider="openai"))
    assert provider is not None
    assert provider.name == "openai"


@pytest.mark.parametrize("model", ["claude-3-5-sonnet-20241022", "meta-llama/Llama-3-8B", "", "deepgram/nova"])
def test_a_provider_that_cannot_be_told_is_none(model: str) -> None:
    assert provider_of(LLM(model=model)) is None


def test_an_unknown_custom_provider_is_none() -> None:
    assert provider_of(LLM(model="openai/gpt-4o", custom_llm_provider="opanai")) is None


def test_a_model_with_a_prefix_costs_no_reading_of_litellms_files_and_no_heavy_import() -> None:
    code = (
        "import sys\n"
        "from tui.config.schema import LLM\n"
        "from tui.providers.registry import provider_of\n"
        "from tui.providers import installed, pricemap\n"
        "assert provider_of(LLM(model='azure/mine')).title == 'Azure OpenAI'\n"
        "assert installed.package.cache_info().misses == 0\n"
        "assert pricemap.bare_names.cache_info().misses == 0\n"
        "heavy = {'litellm', 'httpx', 'textual', 'rich', 'asyncio', 'tomllib', 'json', 'difflib'}\n"
        "print(sorted(heavy & sys.modules.keys()))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_reading_the_catalogue_does_not_import_litellm() -> None:
    code = "import sys; from tui.providers.catalogue import catalogue; catalogue(); print('litellm' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_openhands_own_provider_is_litellms_proxy_at_an_address_of_its_own() -> None:
    sent = as_litellm(LLM(model="openhands/claude-opus-5-5"))
    assert (sent.model, sent.base_url) == ("litellm_proxy/claude-opus-5-5", "https://llm-proxy.app.all-hands.dev/")
    assert as_litellm(LLM(model="openhands/x", base_url="http://h")).base_url == "http://h"
    home = provider_of(LLM(model="openhands/x"))
    assert home is not None
    assert f"{home.home}/" == sent.base_url


@pytest.mark.parametrize("model", ["openai/gpt-4o", "gpt-4o", "litellm_proxy/openhands/x", "openhands", ""])
def test_what_litellm_knows_is_sent_as_it_is(model: str) -> None:
    assert as_litellm(LLM(model=model)) == LLM(model=model)
