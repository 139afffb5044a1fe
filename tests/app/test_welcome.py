"""The first start: no file yet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.widgets import Button

from tests.app.fakes import running
from tests.config.test_recovery import leave
from tui.config.draft_file import KeptEdit
from tui.config.recovery import DraftKeeper
from tui.widgets.chat_pane import ChatPane
from tui.widgets.model_rows import ProviderRow
from tui.widgets.picker import Picker

BUILT_IN = {"model": "openai/smollm2-135m-instruct", "base_url": "http://127.0.0.1:4321/v1"}
OFFER = "Try the built-in model"


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 20)])
async def test_who_has_no_file_is_asked_where_to_begin(tmp_path: Path, size: tuple[int, int]) -> None:
    async with running(tmp_path / "config.toml", config=None, built_in=BUILT_IN, size=size) as bench:
        await bench.sees(OFFER, "Set up a provider", "Look around", "There is no config.toml yet", "^q quit")


async def test_two_keys_ask_the_built_in_model_and_write_nothing(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml", config=None, built_in=BUILT_IN, size=(80, 24)) as bench:
        await bench.press("enter")
        await bench.sees("What is the capital of France?", "2 unsaved")
        await bench.press("enter")
        await bench.until(lambda: bench.main.query_one(ChatPane).busy)
        assert {
            name: item.value for name, item in bench.main.workspace.resolved().items() if name in BUILT_IN
        } == BUILT_IN
        assert not bench.path.exists()


async def test_what_is_typed_takes_the_place_of_the_question(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml", question="What is the capital of France?") as bench:
        await bench.sees("What is the capital of France?")
        await bench.type("hi")
        await bench.until(lambda: bench.main.query_one(ChatPane).prompt.text == "hi")


async def test_setting_up_begins_with_the_list_of_providers(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml", config=None, built_in=BUILT_IN) as bench:
        await bench.press("down", "enter")
        await bench.until(lambda: bench.main.settings.provider_row.query_one(Picker).is_open)


async def test_esc_looks_around(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml", config=None, built_in=BUILT_IN) as bench:
        await bench.press("escape")
        await bench.sees("LLM Provider")
        assert OFFER not in bench.text


@pytest.mark.parametrize(("config", "env"), [("[llm]\n", {}), (None, {"LLM_MODEL": "openai/gpt-4o"})])
async def test_who_has_a_file_or_variables_is_not_greeted(
    tmp_path: Path, config: str | None, env: dict[str, str]
) -> None:
    async with running(tmp_path / "config.toml", config=config, env=env, built_in=BUILT_IN) as bench:
        await bench.sees("LLM Provider")
        assert OFFER not in bench.text


async def test_who_goes_elsewhere_first_is_not_fetched_back_to_the_question(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml", question="What is the capital of France?", early=["f5"]) as bench:
        await bench.sees("Enter runs it")
        assert bench.main.tab == "checkup"
        await bench.press("f4")
        await bench.until(lambda: bench.main.query_one(ChatPane).prompt.has_focus)
        assert bench.main.query_one(ChatPane).prompt.text == ""


class TestLeftEdits:
    """A first start whose session before was cut off: one dialog after the other."""

    @pytest.fixture
    def keeper(self, tmp_path: Path) -> Iterator[DraftKeeper]:
        leave(tmp_path, edits=(KeptEdit(("llm",), "num_retries", 7),))
        one = DraftKeeper(tmp_path / "config.toml", tmp_path / "drafts")
        yield one
        one.close()

    async def test_who_takes_them_is_no_newcomer(self, tmp_path: Path, keeper: DraftKeeper) -> None:
        async with running(tmp_path / "config.toml", config=None, built_in=BUILT_IN, drafts=keeper) as bench:
            await bench.sees("was not saved", "Take it")
            await bench.until(lambda: isinstance(bench.app.focused, Button), "the focus in the dialog")
            assert OFFER not in bench.text
            await bench.press("enter")
            await bench.sees("1 unsaved", "LLM Provider")
            assert OFFER not in bench.text
            assert bench.app.screen is bench.main

    @pytest.mark.parametrize("keys", [("escape",), ("right", "enter")])
    async def test_who_does_not_is_welcomed_then(
        self, tmp_path: Path, keeper: DraftKeeper, keys: tuple[str, ...]
    ) -> None:
        async with running(tmp_path / "config.toml", config=None, built_in=BUILT_IN, drafts=keeper) as bench:
            await bench.sees("was not saved", "Take it")
            await bench.until(lambda: isinstance(bench.app.focused, Button), "the focus in the dialog")
            await bench.press(*keys)
            await bench.sees(OFFER)
            await bench.press("down", "enter")
            await bench.until(lambda: bench.main.settings.provider_row.query_one(Picker).is_open)
            assert bench.app.screen is bench.main


async def test_the_built_in_model_can_be_chosen_among_the_providers(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml", built_in=BUILT_IN) as bench:
        page = bench.main.settings
        page.provider_row.post_message(ProviderRow.Chosen(BUILT_IN["model"]))
        await bench.until(lambda: bench.main.workspace.resolved()["base_url"].value == BUILT_IN["base_url"])
        assert bench.main.workspace.resolved()["model"].value == BUILT_IN["model"]
        assert not page.model_row.pending


async def test_choosing_a_provider_proposes_one_of_its_models(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml") as bench:
        page = bench.main.settings
        page.provider_row.post_message(ProviderRow.Chosen("openai"))
        await bench.until(lambda: page.model_row.pending == "openai")
        assert "such as gpt-mini" in page.model_row.help.problem
