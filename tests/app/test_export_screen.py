"""The export screen: what it shows is what the command prints, and what is copied."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.app.fakes import running
from tui.cli.main import command
from tui.screens.export import ExportScreen

CANARY = "canary-77ab-never-shown"
CONFIG = f"""\
[core]
[llm]
model = "openai/gpt-4o"
base_url = "http://localhost:8000/v1"
api_key = "{CANARY}"
openrouter_app_name = "[/] $HOME 'x'"
[llm.cheap]
model = "openai/o3"
"""


async def test_it_copies_what_the_command_prints(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml", config=CONFIG) as bench:
        await bench.press("f12", "down", "right", "up")
        screen = bench.app.screen
        assert isinstance(screen, ExportScreen)
        for form in ("shell", "dotenv", "docker", "compose", "toml"):
            args = ["--config", str(bench.path), "export", "--changed", "--format", form]
            printed = CliRunner().invoke(command, args).stdout
            await bench.until(lambda printed=printed: screen._text == printed, form)  # type: ignore[misc]  # bound now
            await bench.press("ctrl+o")
            assert bench.app.clipboard == printed
            assert CANARY not in printed + bench.text
            await bench.press("right")
        await bench.sees("Sent to the terminal's clipboard; not confirmed.")


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 20)])
async def test_it_shows_choices_notes_and_keys_at_any_size(tmp_path: Path, size: tuple[int, int]) -> None:
    async with running(tmp_path / "config.toml", config=CONFIG, size=size) as bench:
        await bench.press("f12")
        await bench.sees("Export [llm]", "LLM_MODEL=openai/gpt-4o", "by name only: LLM_API_KEY", "^o copy", "esc back")
        await bench.press("pagedown")
        await bench.press("escape")
        await bench.until(lambda: bench.app.screen is bench.main)


async def test_it_exports_the_draft_of_the_profile_that_is_shown(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml", config=CONFIG, profile="cheap") as bench:
        await bench.replace("timeout", "77")
        await bench.press("f12")
        await bench.sees("[llm.cheap]", "LLM_MODEL=openai/o3")
        await bench.press("down", "right")
        await bench.sees("LLM_TIMEOUT=77")


async def test_it_is_in_the_palette(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml") as bench:
        await bench.press("ctrl+p")
        await bench.type("export the")
        await bench.press("enter")
        await bench.until(lambda: isinstance(bench.app.screen, ExportScreen))
