"""The catalogue as the form sees it."""

from __future__ import annotations

import os
from datetime import date
from importlib.metadata import version
from pathlib import Path

from tui.app import LLMBackendsApp
from tui.config.installation import upgrade_litellm
from tui.providers.catalogue import Model
from tui.providers.recent import Recent
from tui.screens.advanced import say_schedule, say_seconds
from tui.screens.catalogue_models import CatalogueModels
from tui.screens.live_models import Live
from tui.widgets.suggestion import MOST_SHOWN


async def test_before_it_is_read_names_are_split_at_the_slash_and_only_providers_with_a_guide_are_listed() -> None:
    models = CatalogueModels()
    assert models.split("openai/gpt-4o") == ("openai", "gpt-4o")
    assert models.providers("anthr")[0].value == "anthropic"
    assert not models.models("openai", "").lines
    assert "reading" in models.facts("openai/gpt-4o", "")


async def test_providers_and_models_narrow_as_one_types() -> None:
    models = CatalogueModels(lambda: date(2026, 1, 1))
    await models.load()
    assert models.providers("anthr")[0].value == "anthropic"
    found = models.models("openai", "gpt-4o").lines
    assert found[0].value == "openai/gpt-4o"
    assert "verified" in models.facts("openai/gpt-4o", "")
    assert "unknown" in models.facts("openai/my-own", "")
    assert models.join("openai", "groq/llama") == "groq/llama"


async def test_what_is_used_comes_before_the_rest_and_says_so(tmp_path: Path) -> None:
    models = CatalogueModels(recent=Recent(tmp_path))
    await models.load()
    await models.used("openai/gpt-4o-mini-2024-07-18")
    found = models.models("openai", "mini").lines
    at = [item.value for item in found].index("openai/gpt-4o-mini-2024-07-18")
    assert found[at].detail.endswith("recent")
    assert at < 5
    assert all(item.mark == "★" for item in found[:at])
    again = CatalogueModels(recent=Recent(tmp_path))
    await again.load()
    assert next(item for item in again.models("openai", "").lines if item.mark != "★").detail.endswith("recent")


async def test_the_built_in_model_says_what_it_is_but_only_on_this_machine() -> None:
    models = CatalogueModels()
    facts = models.facts("openai/smollm2-135m-instruct", "http://127.0.0.1:1/v1")
    assert facts == "built-in model · 8k in · runs on this machine"
    await models.load()
    assert "not in the catalogue" in models.facts("openai/smollm2-135m-instruct", "")
    assert not models.nearest("openai/smollm2-135m-instruct")


async def test_another_address_than_the_provider_s_own_is_named() -> None:
    models = CatalogueModels()
    await models.load()
    assert "sent to h.example:81" in models.facts("openai/gpt-4o", "https://h.example:81/v1")
    assert "sent to" not in models.facts("openai/gpt-4o", "https://api.openai.com/v1")
    assert "sent to" not in models.facts("openai/gpt-4o", "no url")


async def test_models_that_a_server_serves_come_first_and_tell_their_facts() -> None:
    models = CatalogueModels()
    await models.load()
    own = Model(id="openai/gpt-4o", provider="openai", name="gpt-4o", context=4096)
    url = "http://127.0.0.1:1/v1"
    models.serve(Live(provider="openai", base_url=url, host="127.0.0.1:1", models=(own,)))
    found = models.models("openai", "4o").lines
    assert found[0].group == "served by 127.0.0.1:1"
    assert [item.value for item in found].count("openai/gpt-4o") == 1
    assert models.facts("openai/gpt-4o", url).startswith("4k in · price unknown")
    assert "128k" in models.facts("openai/gpt-4o", "")
    models.serve(None)
    assert not models.models("openai", "4o").lines[0].group


async def test_the_nearest_are_told_for_a_wrong_name_only() -> None:
    models = CatalogueModels()
    assert not models.nearest("openai/gpt-4oo")
    await models.load()
    assert "openai/gpt-4o" in models.nearest("openai/gpt-4oo")
    assert not models.nearest("openai/gpt-4o")


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


async def test_of_a_long_list_only_what_is_shown_is_made_into_lines_and_all_of_it_is_counted() -> None:
    models = CatalogueModels()
    rows = tuple(Model(id=f"openai/m-{number}", provider="openai", name=f"m-{number}") for number in range(3_000))
    models.serve(Live(provider="openai", base_url="http://127.0.0.1:1/v1", host="127.0.0.1:1", models=rows))
    found = models.models("openai", "")
    assert (len(found.lines), found.count) == (MOST_SHOWN, 3_000)
    assert models.models("openai", "m-2999").exact == models.models("openai", "openai/m-2999 ").exact == "openai/m-2999"
    assert not models.models("openai", "M-2999").exact


async def test_local_finds_the_local_servers_and_the_built_in_model() -> None:
    models = CatalogueModels(built_in=True)
    for _ in range(2):  # before the catalogue is read, and after it
        found = {item.title for item in models.providers("local")}
        assert found >= {"Ollama", "LM Studio", "vLLM", "llama.cpp, llamafile", "Built-in model"}
        await models.load()
    assert "Built-in model" not in {item.title for item in CatalogueModels().providers("local")}
    assert next(item.title for item in models.providers("llama cpp")) == "llama.cpp, llamafile"


async def test_the_prices_in_the_list_say_how_old_they_are_and_how_to_renew_them() -> None:
    models = CatalogueModels()
    assert not models.prices()
    await models.load()
    assert models.prices().startswith(f"Prices: LiteLLM {version('litellm')}, 20")
    assert models.prices().endswith((f"{upgrade_litellm(os.environ)}.", "`llm-backends models` prints the command."))
