"""Narrowing the list while a person types, and the nearest right name to a wrong one."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.providers.catalogue import Model, catalogue
from tui.providers.marks import load_marks
from tui.providers.registry import split_model
from tui.providers.search import Finder, nearest


def model(name: str) -> Model:
    provider, own = split_model(name)
    return Model(id=name, provider=provider, name=own)


def ids(found: list[Model]) -> list[str]:
    return [item.id for item in found]


SOME = [
    model(name) for name in ("openai/gpt-4o", "openai/gpt-4o-mini", "azure/gpt-4o", "groq/llama-x", "mistral/large")
]


@pytest.fixture(scope="module")
def whole() -> Finder:
    return Finder(catalogue().models, load_marks(catalogue()).models, ["groq/openai/gpt-oss-120b", "openai/my-own"])


def test_without_a_query_verified_come_first_then_recent_then_the_rest(whole: Finder) -> None:
    found = ids(whole.find())
    assert found[:4] == [item.id for item in load_marks(catalogue()).models]
    assert found[4:6] == ["groq/openai/gpt-oss-120b", "openai/my-own"]
    assert len(found) == len(set(found)) >= len(catalogue().models)


@pytest.mark.parametrize("query", ["gpt", "GPT", "o", "gpt oss", "my"])
def test_a_query_keeps_the_order_of_verified_recent_rest(whole: Finder, query: str) -> None:
    stars = {item.id for item in load_marks(catalogue()).models}
    recent = {"groq/openai/gpt-oss-120b", "openai/my-own"}
    close = [item.id for item in whole.find(query) if all(word in item.id for word in query.lower().split())]
    exact = [name for name in close if query.lower() in (name, name.partition("/")[2])]
    tiers = [0 if name in stars else 1 if name in recent else 2 for name in close if name not in exact]
    assert tiers[:20] == sorted(tiers[:20])


def test_a_model_named_exactly_comes_before_everything() -> None:
    finder = Finder(SOME, [model("openai/gpt-4o-mini-verified")], ["openai/gpt-4o-mini"])
    assert ids(finder.find("gpt-4o"))[:2] == ["openai/gpt-4o", "azure/gpt-4o"]


def test_words_may_come_in_any_order_and_may_name_the_provider_in_words(whole: Finder) -> None:
    assert set(ids(whole.find("sonnet claude"))) == set(ids(whole.find("claude sonnet")))
    assert "gemini/gemini-2.5-flash" in ids(whole.find("google studio 2.5 flash"))


def test_letters_with_gaps_match_after_words_as_typed() -> None:
    found = ids(Finder([model("openai/g-p-t"), *SOME]).find("gpt"))
    assert found == ["openai/gpt-4o", "azure/gpt-4o", "openai/gpt-4o-mini", "openai/g-p-t"]


def test_letters_that_lie_too_far_apart_do_not_match() -> None:
    assert Finder([model("openai/gxxxxxxxxpxxxxxxxxt")]).find("gpt") == []


def test_only_the_chosen_providers_models_are_shown(whole: Finder) -> None:
    found = whole.find("", provider="azure")
    assert found
    assert {item.provider for item in found} == {"azure"}


def test_a_limit_cuts_the_list_after_ranking(whole: Finder) -> None:
    assert whole.find("gpt", limit=5) == whole.find("gpt")[:5]


def test_a_model_that_the_endpoint_names_replaces_the_catalogues() -> None:
    live = Model(id="openai/gpt-4o", provider="openai", name="gpt-4o", context=5)
    assert [item.context for item in Finder([live, *SOME]).find("gpt-4o", provider="openai", limit=1)] == [5]


@given(query=st.text(max_size=8))
def test_any_text_narrows_and_more_of_it_never_widens(query: str) -> None:
    finder = Finder(SOME)
    assert set(ids(finder.find(f"{query} gpt"))) <= set(ids(finder.find(query)))


@pytest.mark.slow
def test_three_thousand_models_narrow_within_16_ms_a_keystroke(whole: Finder) -> None:
    def slowest(query: str) -> float:
        times = []
        for _ in range(4):
            started = time.perf_counter()
            whole.find(query)
            times.append(time.perf_counter() - started)
        return min(times)

    typed = ["", *("claude sonnet 4"[:end] for end in range(1, 16)), "e", "a", "gpt4o", "aaaa", "xqzj", "llama 70b"]
    assert {query: round(took * 1000) for query in typed if (took := slowest(query)) > 0.016} == {}


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("gpt-4o-minni", "openai/gpt-4o-mini"),
        ("openai/gpt4o", "openai/gpt-4o"),
        ("anthropic/claude-sonnet-4.5", "anthropic/claude-sonnet-4-5"),
        ("claude-sonet-4-5", "anthropic/claude-sonnet-4-5"),
        ("gemini/gemini-2.5-flsh", "gemini/gemini-2.5-flash"),
        ("gorq/openai/gpt-oss-120b", "groq/openai/gpt-oss-120b"),
        ("deepseek/deepseek_chat", "deepseek/deepseek-chat"),
    ],
)
def test_a_wrong_id_gets_the_nearest_right_one(wrong: str, right: str) -> None:
    assert nearest(wrong, catalogue().ids)[0] == right


def test_the_retired_default_of_openhands_gets_a_newer_model_of_the_same_family() -> None:
    found = nearest("anthropic/claude-3-5-sonnet-20241022", catalogue().ids)
    assert found
    assert all(name.startswith("anthropic/claude-sonnet") for name in found)


def test_a_name_like_nothing_gets_no_suggestion() -> None:
    assert nearest("zzzzzzzz", catalogue().ids) == ()
    assert nearest("", catalogue().ids) == ()
