"""What the chosen provider needs: marked on its fields, named before anything is sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.app.fakes import running
from tui.config.resolve import Set
from tui.widgets.chat_pane import ChatPane

AZURE = '[llm]\nmodel = "azure/my-deployment"\n'


async def test_fields_that_the_provider_needs_are_marked_on_both_pages(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml", config=AZURE) as bench:
        await bench.sees("needed: no key", "! Azure OpenAI needs a base URL, an API version and an API key")
        await bench.press("f3")
        await bench.sees("needed by Azure OpenAI")
        assert bench.row("api_version").needed_by == "Azure OpenAI"
        assert not bench.row("timeout").needed_by


async def test_the_mark_goes_when_the_field_is_filled_in_and_comes_back_when_it_is_emptied(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml", config=AZURE) as bench:
        await bench.replace("base_url", "https://me.example")
        await bench.sees("needs an API version and an API key")
        assert bench.main.workspace.edits == {"base_url": Set("https://me.example")}
        await bench.press("ctrl+o")
        await bench.sees("needs a base URL, an API version and an API key")


async def test_another_provider_has_other_needs(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml", config=AZURE) as bench:
        await bench.sees("! Azure OpenAI needs")
        bench.main.draft.put("model", "ollama_chat/llama3")
        bench.main.refresh_form()
        await bench.until(lambda: "needs" not in bench.text)


async def test_the_chat_refuses_with_the_same_words(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml", config=AZURE, size=(180, 40)) as bench:
        await bench.press("f4")
        await bench.type("hi")
        await bench.press("enter")
        pane = bench.main.query_one(ChatPane)
        await bench.until(lambda: pane.conversation.turns)
        failure = pane.conversation.turns[0].failure
        assert failure is not None
        assert failure.message == "Azure OpenAI needs a base URL and an API version: Advanced (F3)."


@pytest.mark.parametrize("size", [(80, 24), (60, 20)])
async def test_all_of_settings_is_visible_with_everything_missing(tmp_path: Path, size: tuple[int, int]) -> None:
    async with running(tmp_path / "config.toml", config=AZURE, size=size) as bench:
        await bench.sees("LLM Provider", "LLM Model", "API Key", "Profile", "! Azure OpenAI needs", "^q")
        assert bench.main.settings.max_scroll_y == 0
