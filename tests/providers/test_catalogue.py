"""The catalogue: one row for each model, and what is unknown stays unknown."""

from __future__ import annotations

import time
from collections.abc import Mapping

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.providers.catalogue import Catalogue, Model, catalogue, dollars, from_map, newest_first, tokens
from tui.providers.pricemap import PriceMap
from tui.providers.registry import providers

pytestmark = pytest.mark.contract


def made(rows: Mapping[str, object]) -> Catalogue:
    return from_map(PriceMap(msgspec.json.encode(rows)), providers())


def row(provider: str, **facts: object) -> dict[str, object]:
    return {"litellm_provider": provider, "mode": "chat", **facts}


def test_the_installed_map_gives_thousands_of_models_each_once() -> None:
    ids = [model.id for model in catalogue().models]
    assert len(ids) > 2000
    assert len(ids) == len(set(ids))


def test_every_model_belongs_to_a_listed_provider_and_has_it_as_prefix() -> None:
    for model in catalogue().models:
        assert model.provider in providers()
        assert model.id == f"{model.provider}/{model.name}"


def test_no_region_tier_or_price_class_is_a_model() -> None:
    for model in catalogue().models:
        assert "commitment" not in model.id
        assert not model.name.startswith(("ft:", "together-ai-"))
        if model.provider in ("azure", "bedrock", "bedrock_mantle"):
            assert "/" not in model.name


def test_a_row_has_what_the_map_says_in_our_units() -> None:
    model = catalogue().ids["openai/gpt-4o"]
    assert (model.context, model.max_output, model.input_price, model.output_price) == (128_000, 16_384, 2.5, 10.0)
    assert (model.vision, model.tools, model.json_schema, model.prompt_caching) == (True, True, True, True)
    assert model.facts == "128k in · 16k out · $2.50 / $10 per 1M tokens"


def test_a_deprecated_model_has_its_day() -> None:
    assert catalogue().ids["deepseek/deepseek-chat"].deprecated == "2026-07-24"


def test_what_the_map_does_not_say_is_none() -> None:
    model = made({"openai/new": row("openai")}).ids["openai/new"]
    assert model == Model(id="openai/new", provider="openai", name="new")
    assert model.facts == "price unknown"


def test_the_catalogue_never_holds_zero_for_a_limit_and_zero_prices_only_on_this_machine() -> None:
    for model in catalogue().models:
        assert model.context != 0
        assert model.max_output != 0
        if 0 in (model.input_price, model.output_price):
            assert providers()[model.provider].local


def test_a_hosted_model_with_price_zero_has_an_unknown_price() -> None:
    rows = {"gigachat/x": row("gigachat", input_cost_per_token=0.0, output_cost_per_token=0.0)}
    assert made(rows).ids["gigachat/x"].price == "price unknown"


def test_a_model_on_this_machine_is_free_but_not_its_cloud_twin() -> None:
    free = {"input_cost_per_token": 0.0, "output_cost_per_token": 0.0}
    listed = made({"ollama/a": row("ollama", **free), "ollama/b:1t-cloud": row("ollama", **free)})
    assert [model.price for model in listed.models] == ["free", "price unknown"]


@pytest.mark.parametrize(
    ("key", "provider", "wanted"),
    [
        ("gpt-x", "openai", ["openai/gpt-x"]),
        ("us.anthropic.claude-x", "bedrock_converse", ["bedrock/us.anthropic.claude-x"]),
        ("vertex_ai/meta/llama", "vertex_ai-llama_models", ["vertex_ai/meta/llama"]),
        ("amazon-nova/nova-x", "amazon_nova", ["amazon_nova/nova-x"]),
        ("jamba-x", "ai21", ["ai21_chat/jamba-x"]),
        ("azure/eu/gpt-x", "azure", []),
        ("bedrock/us-east-1/vendor.x", "bedrock", []),
        ("bedrock/*/1-month-commitment/cohere.x", "bedrock", []),
        ("claude-x-v1:0", "bedrock", []),
        ("ft:gpt-x", "openai", []),
        ("together-ai-4.1b-8b", "together_ai", []),
        ("openai/container", "openai", []),
        ("nobody/x", "nobody", []),
        ("us/x", "us", []),
    ],
)
def test_a_key_of_the_map_becomes_the_id_that_litellm_accepts(key: str, provider: str, wanted: list[str]) -> None:
    assert [model.id for model in made({key: row(provider)}).models] == wanted


def test_a_model_listed_with_and_without_prefix_is_one_row_with_the_facts_of_its_full_name() -> None:
    short, full = row("gemini", max_input_tokens=1), row("gemini", max_input_tokens=2)
    for rows in ({"x": short, "gemini/x": full}, {"gemini/x": full, "x": short}):
        assert [(model.id, model.context) for model in made(rows).models] == [("gemini/x", 2)]


def test_a_fireworks_model_listed_by_its_long_and_short_name_is_one_row() -> None:
    rows = {"fireworks_ai/accounts/fireworks/models/x": row("fireworks_ai"), "fireworks_ai/x": row("fireworks_ai")}
    assert [model.id for model in made(rows).models] == ["fireworks_ai/x"]


def test_other_modes_and_rows_that_are_no_rows_are_left_out() -> None:
    rows = {
        "sample_spec": row("openai", max_input_tokens="a number"),
        "openai/picture": {"litellm_provider": "openai", "mode": "image_generation"},
        "openai/odd": 5,
        "openai/answers": {"litellm_provider": "openai", "mode": "responses"},
    }
    assert [model.id for model in made(rows).models] == ["openai/answers"]


def test_a_model_is_found_with_and_without_its_provider() -> None:
    assert catalogue().get("gpt-4o") is catalogue().get("openai/gpt-4o") is not None
    assert catalogue().get("openai/no-such-model") is None
    assert catalogue().get("") is None


@pytest.mark.slow
def test_reading_the_map_takes_under_60_ms_of_cpu() -> None:
    providers()

    def once() -> float:
        catalogue.cache_clear()
        started = time.thread_time()
        catalogue()
        return time.thread_time() - started

    assert min(once() for _ in range(5)) < 0.06


@pytest.mark.parametrize(("count", "words"), [(512, "512"), (8192, "8k"), (131072, "131k"), (1_048_576, "1.05M")])
def test_token_counts_are_said_in_few_characters(count: int, words: str) -> None:
    assert tokens(count) == words


@given(count=st.integers(1, 10**8))
def test_a_token_count_never_takes_more_than_five_characters(count: int) -> None:
    assert len(tokens(count)) <= 5


@pytest.mark.parametrize(
    ("price", "words"), [(3.0, "$3"), (2.5, "$2.50"), (0.15, "$0.15"), (0.075, "$0.075"), (0.000_1, "$0.0001")]
)
def test_prices_are_said_exactly(price: float, words: str) -> None:
    assert dollars(price) == words


@given(price=st.integers(1, 10**9).map(lambda millionths: millionths / 1e6))
def test_a_price_read_back_is_the_price(price: float) -> None:
    assert float(dollars(price).removeprefix("$")) == pytest.approx(price, abs=1e-9)


@pytest.mark.parametrize(
    "names",
    [
        ["gpt-6.1-sol", "gpt-6-astra", "gpt-5.6", "gpt-4.1-2025-04-14", "gpt-4o-2024-08-06", "gpt-35-turbo"],
        ["claude-opus-5-5", "claude-opus-5", "claude-haiku-4-5-20251001", "claude-3-opus"],
        ["us.anthropic.claude-sonnet-5-5", "ai21.jamba-1-5-large-v1:0", "meta.llama-70b"],
        ["qwen/qwen3.8-27b", "openai/gpt-oss-120b"],
    ],
)
def test_the_models_of_a_provider_begin_with_the_newest(names: list[str]) -> None:
    assert sorted(names, key=newest_first) == names


def test_an_alias_is_a_model_with_the_facts_of_the_row_that_it_stands_for() -> None:
    rows = {
        "claude-new": row("anthropic", max_input_tokens=5),
        "claude-latest": {"alias_of": "claude-new"},
        "claude-nothing": {"alias_of": "claude-gone"},
        "claude-circle": {"alias_of": "claude-latest"},
    }
    found = {model.id: model.context for model in made(rows).models}
    assert found == {"anthropic/claude-latest": 5, "anthropic/claude-new": 5}
