"""The guides: each has all its parts, and what it says to enter can be entered."""

from __future__ import annotations

import pytest

from tui.config.schema import FIELDS, LLM, checked, parsed
from tui.providers.catalogue import catalogue
from tui.providers.guides import Guide, all_guides, guide_for
from tui.providers.registry import provider_of, providers, split_model
from tui.providers.requirements import missing

every = pytest.mark.parametrize("guide", all_guides(), ids=lambda guide: guide.slug)


def entered(guide: Guide) -> LLM:
    values = {entry.field: parsed(FIELDS[entry.field], entry.value) for entry in guide.enter}
    return LLM(**values)  # type: ignore[arg-type]  # each value was made for its field


def test_there_is_a_guide_for_each_provider_of_the_document_and_for_local_servers() -> None:
    assert {guide.slug for guide in all_guides()} == {
        "azure", "gemini", "vertex_ai", "groq", "litellm_proxy", "openai", "openrouter", "anthropic", "bedrock",
        "ollama", "lm_studio", "vllm", "llama_cpp",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["azure", "ollama", "ollama_chat", "lm_studio", "hosted_vllm", "llamafile"])
def test_a_guide_is_found_by_its_providers_name(name: str) -> None:
    guide = guide_for(name)
    assert guide is not None
    assert name in guide.providers


def test_a_provider_without_guide_has_none() -> None:
    assert guide_for("xai") is None


@every
def test_a_guide_has_all_its_parts(guide: Guide) -> None:
    assert guide.title
    assert set(guide.providers) <= providers().keys()
    assert guide.model
    assert guide.key
    assert guide.traps
    assert guide.body
    assert guide.enter[0].field == "model"
    assert all(entry.note for entry in guide.enter)


@every
def test_what_a_guide_says_to_enter_fits_the_fields(guide: Guide) -> None:
    for entry in guide.enter:
        field = FIELDS[entry.field]
        checked(field, parsed(field, entry.value))


@every
def test_the_example_follows_the_rule_for_the_models_name(guide: Guide) -> None:
    provider, name = split_model(guide.enter[0].value)
    assert guide.model.partition("/")[0] == provider
    assert name


@pytest.mark.parametrize("name", ["openai", "anthropic", "gemini", "vertex_ai", "bedrock", "groq"])
def test_the_example_is_a_model_of_the_catalogue_that_nobody_is_about_to_retire(name: str) -> None:
    guide = guide_for(name)
    assert guide is not None
    assert catalogue().ids[guide.enter[0].value].deprecated is None


@every
def test_with_what_a_guide_says_nothing_is_missing(guide: Guide) -> None:
    settings = entered(guide)
    env = {variable.name: variable.value for variable in guide.variables}
    provider = provider_of(settings)
    found = missing(settings, provider, has_key=settings.api_key is not None, env=env, installed=lambda _module: True)
    assert found == ()


@every
def test_a_guide_enters_no_more_than_is_needed(guide: Guide) -> None:
    provider = provider_of(entered(guide))
    assert provider is not None
    optional = {"model", "api_key", "base_url", *(name for name in FIELDS if name.startswith("aws_"))}
    assert {entry.field for entry in guide.enter} - set(provider.needs) <= optional


@every
def test_the_variables_of_a_guide_are_those_that_the_provider_gets(guide: Guide) -> None:
    assert {variable.name for variable in guide.variables} <= set(providers()[guide.providers[0]].env_auth)


@every
def test_every_guide_says_how_openhands_counts_retries(guide: Guide) -> None:
    assert "counts the first try among `num_retries`" in " ".join(guide.markdown.split())


@every
def test_a_guide_is_readable_in_60_columns(guide: Guide) -> None:
    """Prose wraps; only what can't be broken, such as an example or an address, must fit by itself."""
    for line in guide.markdown.splitlines():
        assert all(len(word) <= 56 for word in line.split())
        assert not line.startswith(("|", "    "))


@every
def test_a_placeholder_in_angle_brackets_is_code_or_markdown_would_swallow_it(guide: Guide) -> None:
    outside_code = guide.markdown.split("`")[::2]
    assert not [part for part in outside_code if "<" in part]


def test_values_that_look_like_real_keys_are_in_no_guide() -> None:
    for guide in all_guides():
        for entry in guide.enter:
            if FIELDS[entry.field].secret:
                assert entry.value == "local" or entry.value.startswith("YOUR-")
