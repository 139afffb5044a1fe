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


def test_the_verified_models_are_the_documents_four_with_the_recommended_one_first(marks: Marks) -> None:
    assert [model.id for model in marks.models] == [
        "anthropic/claude-3-5-sonnet-20241022",
        "anthropic/claude-3-5-haiku-20241022",
        "deepseek/deepseek-chat",
        "openai/gpt-4o",
    ]


def test_a_star_says_where_it_comes_from_and_when(marks: Marks) -> None:
    (star,) = marks.of("openai/gpt-4o", TODAY)
    assert star.text == "★ verified"
    assert "OpenHands documentation" in star.help
    assert "0.26" in star.help
    assert "2025" in star.help


def test_a_verified_model_that_is_withdrawn_shows_both_marks(marks: Marks) -> None:
    assert texts(marks, "anthropic/claude-3-5-sonnet-20241022") == [
        "★ verified, recommended",
        "withdrawn: no longer in LiteLLM's price list",
    ]


def test_a_verified_model_that_is_deprecated_shows_since_when(marks: Marks) -> None:
    assert texts(marks, "deepseek/deepseek-chat") == ["★ verified", "deprecated since 2026-07-24"]


def test_a_verified_model_is_known_without_its_prefix_where_litellm_knows_it(marks: Marks) -> None:
    assert texts(marks, "gpt-4o") == texts(marks, "openai/gpt-4o")


def test_a_model_that_nothing_is_known_of_has_no_mark(marks: Marks) -> None:
    assert texts(marks, "openai/my-own") == []


def test_a_withdrawn_model_is_listed_without_facts(marks: Marks) -> None:
    assert marks.models[0].facts == "price unknown"


@pytest.mark.parametrize(
    ("day", "text"), [("2026-11-22", "deprecated since 2026-11-22"), ("2026-11-23", "deprecated from 2026-11-23")]
)
def test_a_day_that_lies_ahead_is_told_from_one_that_has_come(day: str, text: str) -> None:
    models = Catalogue([Model(id="openai/x", provider="openai", name="x", deprecated=day)])
    assert texts(Marks((), (), models), "openai/x") == [text]


def test_every_verified_model_names_a_source_that_the_file_has() -> None:
    source = Source(id="s", title="T", version="1", date="2026-01", note="n")
    found = Marks([Verified(model="openai/x", source="s")], [source], Catalogue([]))
    assert texts(found, "openai/x") == ["★ verified", "withdrawn: no longer in LiteLLM's price list"]
    for model in load_marks(catalogue()).verified:
        assert load_marks(catalogue()).of(model, TODAY)
