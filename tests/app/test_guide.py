"""The Guide page, and the guide in the help."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import OptionList

from tests.app.fakes import running


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 20)])
async def test_it_opens_at_the_chosen_provider_and_the_arrows_go_to_others(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with running(tmp_path / "config.toml", size=size) as bench:
        await bench.press("f7")
        await bench.sees("Anthropic", "Choose a Claude model")
        await bench.press("up")
        await bench.until(lambda: bench.main.query_one("#guides", OptionList).highlighted == 0)
        await bench.until(lambda: "Choose a Claude model" not in bench.text)
        await bench.press("f2")
        await bench.sees("LLM Provider")


async def test_the_page_can_be_entered_scrolled_and_left(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml", size=(80, 24)) as bench:
        await bench.press("f7")
        await bench.sees("Choose a Claude model")
        await bench.press("right")
        text = bench.main.query_one("#guide-text")
        await bench.until(lambda: text.has_focus)
        await bench.press("pagedown")
        await bench.until(lambda: text.scroll_y > 0)
        await bench.press("escape")
        await bench.until(lambda: bench.main.query_one("#guides").has_focus)
        await bench.press("pageup")
        await bench.until(lambda: text.scroll_y == 0)


async def test_a_provider_without_a_page_is_said_to_have_none(tmp_path: Path) -> None:
    config = '[llm]\nmodel = "mistral/large"\n'
    async with running(tmp_path / "config.toml", config=config) as bench:
        await bench.press("f7")
        await bench.sees("There is no page for Mistral")


async def test_help_on_the_provider_the_model_and_the_key_begins_with_the_guide(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml", size=(120, 50)) as bench:
        for row in ("model", "api_key"):
            await bench.go_to(row)
            await bench.press("f1")
            await bench.sees("any Claude model", "F7 shows the whole guide")
            await bench.press("escape")
            await bench.until(lambda: bench.app.screen is bench.main)
        await bench.go_to("timeout")
        await bench.press("f1")
        await bench.sees("LLM_TIMEOUT")
        assert "any Claude model" not in bench.text
