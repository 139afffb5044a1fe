"""Narrowing the list while a person types, and the nearest right name to a wrong one."""

from __future__ import annotations

import time
from datetime import date

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.providers.catalogue import Model, catalogue
from tui.providers.marks import load_marks
from tui.providers.registry import providers, split_model
from tui.providers.search import Finder, nearest

TODAY = date(2026, 11, 30)


def model(name: str) -> Model:
    provider, own = split_model(name)
    return Model(id=name, provider=provider, name=own)


def stars() -> tuple[Model, ...]:
    return load_marks(catalogue()).standing(TODAY)


def ids(found: list[Model]) -> list[str]:
    return [item.id for item in found]


SOME = [
    model(name) for name in ("openai/gpt-4o", "openai/gpt-4o-mini", "azure/gpt-4o", "groq/llama-x", "mistral/large")
]


@pytest.fixture(scope="module")
def whole() -> Finder:
    return Finder(catalogue().models, stars(), ["groq/openai/gpt-oss-120b", "openai/my-own"], TODAY)


def test_without_a_query_verified_come_first_then_recent_then_the_rest(whole: Finder) -> None:
    found = ids(whole.find())
    count = len(stars())
    assert found[:count] == [item.id for item in stars()]
    assert found[count : count + 2] == ["groq/openai/gpt-oss-120b", "openai/my-own"]
    assert len(found) == len(set(found)) >= len(catalogue().models)


@pytest.mark.parametrize("query", ["gpt", "GPT", "o", "gpt oss", "my"])
def test_a_query_keeps_the_order_of_verified_recent_rest(whole: Finder, query: str) -> None:
    starred = {item.id for item in stars()}
    recent = {"groq/openai/gpt-oss-120b", "openai/my-own"}
    close = [item.id for item in whole.find(query) if all(word in item.id for word in query.lower().split())]
    exact = [name for name in close if query.lower() in (name, name.partition("/")[2])]
    tiers = [0 if name in starred else 1 if name in recent else 2 for name in close if name not in exact]
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


@given(
    query=st.lists(st.sampled_from(["gpt", "4", "5", "o", "claude", "3.5"]), min_size=1, max_size=4),
    gaps=st.lists(st.sampled_from([" ", ".", "-", " - ", ".."]), min_size=4, max_size=4),
)
def test_blanks_dots_and_dashes_are_alike(query: list[str], gaps: list[str]) -> None:
    names = ("openai/gpt-4.5", "openai/gpt-4-5", "x/gpt 4 5", "openai/gpt-5-4o", "anthropic/claude-3-5-sonnet")
    finder = Finder([model(name) for name in names])
    mixed = "".join(part + gap for part, gap in zip(query, gaps, strict=False))
    assert ids(finder.find(mixed)) == ids(finder.find(" ".join(query)))


def test_words_side_by_side_come_before_words_apart() -> None:
    finder = Finder([model("a/sonnet-5-of-4"), model("a/sonnet-4.5")])
    assert ids(finder.find("sonnet 4 5"))[0] == ids(finder.find("sonnet-4.5"))[0] == "a/sonnet-4.5"


@pytest.mark.parametrize("query", [".", "-", " ", "", " . - "])
def test_separators_alone_narrow_nothing(query: str) -> None:
    assert ids(Finder(SOME).find(query)) == ids(Finder(SOME).find())


def test_local_finds_the_models_of_local_servers(whole: Finder) -> None:
    assert {item.provider for item in whole.find("local", limit=20)} == {"ollama"}


def test_what_is_retired_comes_last() -> None:
    old = msgspec.structs.replace(model("openai/gpt-4o"), deprecated="2026-11-30")
    assert ids(Finder([old, *SOME[1:]], today=TODAY).find("gpt-4"))[-1] == "openai/gpt-4o"


@pytest.mark.parametrize("provider", sorted({item.provider for item in catalogue().models}))
def test_the_first_model_of_a_providers_list_is_not_retired_if_it_has_another(whole: Finder, provider: str) -> None:
    first, *_ = whole.find("", provider=provider)
    assert not first.retired(TODAY) or all(item.retired(TODAY) for item in catalogue().of(provider))
    assert providers()[provider]


@given(query=st.text(max_size=8))
def test_any_text_narrows_and_more_of_it_never_widens(query: str) -> None:
    finder = Finder(SOME)
    assert set(ids(finder.find(f"{query} gpt"))) <= set(ids(finder.find(query)))


def test_three_thousand_models_narrow_within_16_ms_of_cpu_a_keystroke(whole: Finder) -> None:
    def slowest(query: str) -> float:
        times = []
        for _ in range(4):
            started = time.process_time()
            whole.find(query)
            times.append(time.process_time() - started)
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
