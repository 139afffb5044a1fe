"""Moving about: vi keys where no text is typed, help on every screen, few keys for common jobs."""

from __future__ import annotations

from pathlib import Path

from textual.widgets import OptionList

from tests.app.fakes import running
from tui.config.secret import Secret
from tui.screens.help import HelpScreen


async def test_vi_keys_move_in_lists_and_pages_and_are_text_in_fields(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml", size=(80, 24)) as bench:
        await bench.press("f7")
        guides = bench.main.query_one("#guides", OptionList)
        await bench.until(lambda: guides.highlighted == 1)
        await bench.press("G", "k", "j")
        await bench.until(lambda: guides.highlighted == guides.option_count - 1)
        await bench.press("g", "l")
        text = bench.main.query_one("#guide-text")
        await bench.until(lambda: text.has_focus)
        await bench.press("j", "j")
        await bench.until(lambda: text.scroll_y == 2)
        await bench.press("f4")
        await bench.type("jhGk")
        await bench.sees("jhGk")


async def test_a_secret_takes_the_letters_of_the_vi_keys(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml") as bench:
        await bench.go_to("api_key")
        await bench.type("jkGhl")
        await bench.press("enter")
        await bench.until(lambda: bench.keys.held == Secret("jkGhl"))


async def test_f1_tells_the_keys_of_a_question_too(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml") as bench:
        await bench.replace("timeout", "60")
        await bench.press("ctrl+q")
        await bench.sees("Save and quit")
        await bench.press("f1")
        await bench.sees("Go back and change nothing", "h j k l g G")
        await bench.press("f1")
        await bench.until(lambda: not isinstance(bench.app.screen, HelpScreen))
        await bench.sees("Save and quit")


async def test_the_temperature_is_changed_and_saved_with_five_keys_besides_its_digits(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml", size=(80, 24)) as bench:
        await bench.press("f3", "pagedown", "down", *"0.7", "ctrl+s")
        await bench.sees("+temperature = 0.7")
        await bench.press("enter")
        await bench.until(lambda: "temperature = 0.7" in bench.path.read_text())
