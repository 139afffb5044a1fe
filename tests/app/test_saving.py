"""Saving: the preview, the write, a file that changed meanwhile, undo after a save, a file that can't be read."""

from __future__ import annotations

from pathlib import Path

from textual.widgets import Button

from tests.app.fakes import CONFIG, lines_changed, running
from tui.config.resolve import Set
from tui.screens.dialog import Dialog


async def test_saving_shows_the_change_and_writes_only_that_line(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml") as bench:
        await bench.replace("num_retries", "7")
        await bench.press("ctrl+s")
        await bench.sees("-num_retries = 4  # patience", "+num_retries = 7  # patience")
        assert bench.path.read_text() == CONFIG
        await bench.press("enter")
        await bench.sees("Saved config.toml")
        assert lines_changed(CONFIG, bench.path.read_text()) == (
            ["num_retries = 4  # patience"],
            ["num_retries = 7  # patience"],
        )
        assert not bench.main.unsaved


async def test_esc_leaves_the_file_and_the_draft_as_they_were(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml") as bench:
        await bench.replace("num_retries", "7")
        await bench.press("ctrl+s")
        await bench.sees("+num_retries = 7")
        await bench.press("escape")
        await bench.until(lambda: not isinstance(bench.app.screen, Dialog))
        assert bench.path.read_text() == CONFIG
        assert bench.main.workspace.edits == {"num_retries": Set(7)}


async def test_undo_after_a_save_brings_the_file_back_byte_for_byte(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml") as bench:
        await bench.replace("num_retries", "7")
        await bench.press("ctrl+s")
        await bench.sees("+num_retries = 7")
        await bench.press("enter")
        await bench.sees("Saved config.toml")
        await bench.press("ctrl+z")
        await bench.sees("Undo the last save of config.toml?", "+num_retries = 4")
        await bench.press("enter")
        await bench.until(lambda: bench.path.read_text() == CONFIG)


async def test_an_undo_of_a_save_that_was_called_off_can_be_asked_for_again(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml") as bench:
        await bench.replace("num_retries", "7")
        await bench.press("ctrl+s")
        await bench.sees("+num_retries = 7")
        await bench.press("enter")
        await bench.sees("Saved config.toml")
        for _ in range(2):
            await bench.press("ctrl+z")
            await bench.sees("Undo the last save of config.toml?")
            await bench.press("escape")
            await bench.until(lambda: not isinstance(bench.app.screen, Dialog))


async def test_a_file_that_changed_on_disk_is_merged_not_overwritten(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml") as bench:
        await bench.replace("num_retries", "7")
        theirs = CONFIG.replace("top_p = 0.5", "top_p = 0.9")
        bench.path.write_text(theirs)
        await bench.press("ctrl+s")
        await bench.sees("+num_retries = 7")
        await bench.press("enter")
        await bench.sees("The file changed on disk", "Merge")
        assert bench.path.read_text() == theirs
        await bench.press("enter")
        await bench.sees("+num_retries = 7", "top_p = 0.9")
        await bench.press("enter")
        await bench.until(lambda: bench.path.read_text() == theirs.replace("retries = 4", "retries = 7"))


async def test_a_file_that_can_not_be_read_is_shown_with_its_line_and_never_written(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml", config="[llm]\nmodel = None\n", size=(80, 24)) as bench:
        await bench.sees("config.toml is not valid TOML", "line 2", "Open in $EDITOR", "can't be read")
        await bench.press("ctrl+s")
        await bench.sees("so it is not written over")
        assert bench.path.read_text() == "[llm]\nmodel = None\n"
        bench.path.write_text(CONFIG)
        bench.main.query_one("#banner-reload", Button).press()
        await bench.sees("claude-x")
        assert bench.main.settings.display


async def test_a_file_that_is_not_there_yet_is_made_with_core_and_llm(tmp_path: Path) -> None:
    async with running(tmp_path / "new.toml", config=None) as bench:
        await bench.sees("new file")
        await bench.replace("timeout", "60")
        await bench.press("ctrl+s")
        await bench.sees("+[core]", "+timeout = 60")
        await bench.press("enter")
        await bench.until(bench.path.exists)
        assert bench.path.read_text() == "[core]\n\n[llm]\ntimeout = 60\n"
