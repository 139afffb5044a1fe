"""The catalogue as the form sees it."""

from __future__ import annotations

from datetime import date

from tui.app import LLMBackendsApp
from tui.screens.advanced import say_schedule, say_seconds
from tui.screens.catalogue_models import CatalogueModels


async def test_before_it_is_read_names_are_split_at_the_slash_and_lists_are_empty() -> None:
    models = CatalogueModels()
    assert models.split("openai/gpt-4o") == ("openai", "gpt-4o")
    assert not models.providers("")
    assert "reading" in models.facts("openai/gpt-4o")


async def test_providers_and_models_narrow_as_one_types() -> None:
    models = CatalogueModels(lambda: date(2026, 1, 1))
    await models.load()
    assert models.providers("anthr")[0].value == "anthropic"
    found = models.models("openai", "gpt-4o")
    assert found[0].value == "openai/gpt-4o"
    assert "verified" in models.facts("openai/gpt-4o")
    assert "unknown" in models.facts("openai/my-own")
    assert models.join("openai", "groq/llama") == "groq/llama"


def test_the_schedule_is_said_in_words_and_long_waits_in_minutes() -> None:
    assert (
        say_schedule((5, 5, 8, 16)) == "1 try + 4 retries: wait 5, 5, 8, 16 s; gives up after at most 34 s of waiting"
    )
    assert say_schedule((30,) * 12).endswith("30, 30, … s; gives up after at most 6 min of waiting")
    assert say_schedule(()) == "1 try, no retries: the first failure ends the turn"
    assert [say_seconds(value) for value in (0.5, 125, 12_000)] == ["0.5 s", "2 min 5 s", "3 h 20 min"]


def test_the_key_table_names_every_key_once_for_each_place() -> None:
    rows = LLMBackendsApp.key_table().splitlines()[2:]
    assert len(rows) == len(set(rows))
    assert any("`Ctrl+S`" in row for row in rows)
