"""Marks: who verified a model and when, and which models are on their way out."""

from __future__ import annotations

from datetime import date

import pytest

from tui.providers.catalogue import Catalogue, Model, catalogue
from tui.providers.marks import Marks, Source, Verified, load_marks

TODAY = date(2026, 11, 22)


@pytest.fixture
def marks() -> Marks:
    return load_marks(catalogue())


def texts(marks: Marks, model: str) -> list[str]:
    return [mark.text for mark in marks.of(model, TODAY)]


def test_the_verified_models_are_the_documents_four_and_those_of_the_sdk(marks: Marks) -> None:
    assert {
        "anthropic/claude-3-5-sonnet-20241022",
        "anthropic/claude-3-5-haiku-20241022",
        "deepseek/deepseek-chat",
        "openai/gpt-4o",
        "anthropic/claude-opus-5-5",
        "zai/glm-5.3",
        "minimax/MiniMax-M3",
        "openrouter/anthropic/claude-sonnet-5.5",
        "openhands/claude-opus-5-5",
    } < marks.verified.keys()


def test_the_star_of_the_sdk_says_which_and_of_when(marks: Marks) -> None:
    (star,) = marks.of("anthropic/claude-opus-5-5", TODAY)
    assert "SDK" in star.help
    assert "1.58.2, November 2026" in star.help


def test_what_the_sdk_lists_and_the_price_list_does_not_have_is_not_listed(marks: Marks) -> None:
    assert "mistral/devstral-2512" not in marks.verified


def test_no_model_that_its_provider_retired_carries_a_star(marks: Marks) -> None:
    for model in marks.standing(TODAY):
        row = catalogue().get(model.id)
        assert row is None or row.deprecated is None or row.deprecated > TODAY.isoformat()
        assert marks.of(model.id, TODAY)[0].kind == "verified"
    assert "openai/gpt-5.2-codex" in marks.verified
    assert texts(marks, "openai/gpt-5.2-codex") == ["deprecated since 2026-07-23"]


def test_a_star_says_where_it_comes_from_and_when(marks: Marks) -> None:
    star = marks.of("openai/gpt-4o", TODAY)[0]
    assert star.text == "★ verified"
    assert "OpenHands documentation" in star.help
    assert "0.26" in star.help
    assert "2025" in star.help


def test_a_verified_model_that_is_withdrawn_says_so_instead_of_carrying_a_star(marks: Marks) -> None:
    (mark,) = marks.of("anthropic/claude-3-5-sonnet-20241022", TODAY)
    assert (mark.kind, mark.text) == ("withdrawn", "withdrawn: no longer in LiteLLM's price list")
    assert "Verified by OpenHands documentation" in mark.help


def test_a_verified_model_that_was_retired_says_since_when_instead_of_carrying_a_star(marks: Marks) -> None:
    assert texts(marks, "deepseek/deepseek-chat") == ["deprecated since 2026-07-24"]


def test_a_verified_model_is_known_without_its_prefix_where_litellm_knows_it(marks: Marks) -> None:
    assert texts(marks, "gpt-4o") == texts(marks, "openai/gpt-4o")


def test_a_model_that_nothing_is_known_of_has_no_mark(marks: Marks) -> None:
    assert texts(marks, "openai/my-own") == []


def test_a_withdrawn_model_is_listed_without_facts(marks: Marks) -> None:
    assert {model.facts for model in marks.withdrawn} == {"price unknown"}


@pytest.mark.parametrize(
    ("day", "text"), [("2026-11-22", "deprecated since 2026-11-22"), ("2026-11-23", "deprecated from 2026-11-23")]
)
def test_a_day_that_lies_ahead_is_told_from_one_that_has_come(day: str, text: str) -> None:
    models = Catalogue([Model(id="openai/x", provider="openai", name="x", deprecated=day)])
    assert texts(Marks((), (), models), "openai/x") == [text]


def test_of_a_provider_that_the_price_list_leaves_out_a_missing_row_says_nothing() -> None:
    source = Source(id="s", title="T", version="1", date="2026-01", note="n")
    verified = [Verified(model="openrouter/x/y", source="s"), Verified(model="openai/x", source="s")]
    other = Model(id="openai/other", provider="openai", name="other")
    found = Marks(verified, [source], Catalogue([other]))
    assert texts(found, "openrouter/x/y") == ["★ verified"]
    assert texts(found, "openai/x") == ["withdrawn: no longer in LiteLLM's price list"]


def test_every_verified_model_carries_a_mark() -> None:
    marks = load_marks(catalogue())
    assert [model for model in marks.verified if not marks.of(model, TODAY)] == []
