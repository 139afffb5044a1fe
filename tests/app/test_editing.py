"""Editing fields: every kind, clearing, undo, what is said about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.app.fakes import running
from tui.config.resolve import Set, Unset
from tui.widgets.field_row import FieldRow


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [("base_url", "http://h/v1", "http://h/v1"), ("timeout", "60", 60), ("temperature", "0.7", 0.7)],
)
async def test_typing_a_value_puts_it_into_the_draft(tmp_path: Path, name: str, typed: str, value: object) -> None:
    async with running(tmp_path / "config.toml") as bench:
        await bench.replace(name, typed)
        assert bench.main.workspace.edits == {name: Set(value)}  # type: ignore[arg-type]  # a plain value
        await bench.sees("edited", "1 unsaved", "Was not set" if name != "temperature" else "Was 0 (default)")


async def test_a_switch_and_a_choice_change_with_the_arrows(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml") as bench:
        await bench.go_to("drop_params")
        await bench.press("right")
        await bench.go_to("reasoning_effort")
        await bench.press("left")
        assert bench.main.workspace.edits == {"drop_params": Set(value=False), "reasoning_effort": Set("medium")}


async def test_an_optional_switch_goes_through_not_set(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml") as bench:
        await bench.go_to("disable_vision")
        await bench.press("space")
        assert bench.main.workspace.edits == {"disable_vision": Set(value=True)}
        await bench.press("left")
        assert bench.main.workspace.edits == {}


async def test_a_text_that_does_not_fit_never_reaches_the_draft_and_blocks_the_save(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml", size=(160, 40)) as bench:
        await bench.replace("num_retries", "7")
        await bench.type("x")
        assert bench.main.workspace.edits == {}
        await bench.sees("not valid", "'7x' is not a whole number")
        await bench.go_to("timeout")
        await bench.type("3")
        assert bench.row("num_retries").problem
        await bench.press("ctrl+s")
        await bench.sees("Not saved.")
        assert "num_retries = 4" in bench.path.read_text()
        await bench.press("ctrl+o")
        assert not bench.row("num_retries").problem


async def test_emptying_a_field_takes_its_key_out(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml") as bench:
        await bench.replace("num_retries", "")
        assert bench.main.workspace.edits == {"num_retries": Unset()}
        await bench.sees("removed")
        await bench.press("ctrl+o")
        assert bench.main.workspace.edits == {}
        await bench.press("ctrl+l")
        assert bench.main.workspace.edits == {"num_retries": Unset()}


async def test_one_stay_in_a_field_is_one_step_of_undo(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml") as bench:
        await bench.replace("timeout", "123")
        await bench.replace("num_retries", "9")
        await bench.press("ctrl+z")
        await bench.until(lambda: bench.main.workspace.edits == {"timeout": Set(123)})
        await bench.press("ctrl+z")
        await bench.until(lambda: not bench.main.workspace.edits)
        await bench.sees("saved")


async def test_a_variable_that_wins_is_said_on_the_field_and_in_the_strip(tmp_path: Path) -> None:
    env = {"LLM_NUM_RETRIES": "9"}
    async with running(tmp_path / "config.toml", env=env) as bench:
        await bench.go_to("num_retries")
        await bench.sees("env LLM_NUM_RETRIES", "LLM_NUM_RETRIES is set and wins over the file")
        await bench.replace("num_retries", "3")
        await bench.sees("edited, env wins")


async def test_the_schedule_follows_the_fields_as_they_are_typed(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml", size=(200, 40)) as bench:
        await bench.go_to("num_retries")
        await bench.sees("1 try + 4 retries: wait 5, 5, 8, 16 s; gives up after at most 34 s of waiting")
        await bench.replace("num_retries", "1")
        await bench.sees("1 try + 1 retry: wait 5 s; gives up after at most 5 s of waiting")
        await bench.press("backspace", "0")
        await bench.sees("no retries")


async def test_the_filter_keeps_what_matches_by_name_help_variable_or_group(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml") as bench:
        await bench.press("ctrl+f")
        await bench.type("llm_retry_max")
        await bench.sees("1 of ")
        shown = [row.field.name for row in bench.main.query("#advanced FieldRow").results(FieldRow) if row.display]
        assert shown == ["retry_max_wait"]
        await bench.press("escape")
        await bench.type("zzz")
        await bench.sees("No field matches")


async def test_up_and_down_go_through_the_fields_and_enter_goes_on(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml") as bench:
        await bench.go_to("base_url")
        await bench.press("down", "enter", "up")
        row = bench.main._focused_row()
        assert isinstance(row, FieldRow)
        assert row.field.name == "api_version"


async def test_choosing_a_provider_asks_for_one_of_its_models_before_anything_is_edited(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml") as bench:
        await bench.press("enter", "down", "enter")
        await bench.sees("choose a model of Openai")
        assert bench.main.workspace.edits == {}
        await bench.press("ctrl+s")
        await bench.sees("Not saved.")
        await bench.type("mini")
        await bench.press("enter")
        await bench.until(lambda: bench.main.workspace.edits == {"model": Set("openai/gpt-mini")})
        await bench.press("up")
        await bench.sees("facts of openai/gpt-mini", '"anthropic/claude-x" (config.toml line 7)')


async def test_a_model_that_is_not_listed_is_taken_as_typed(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml") as bench:
        await bench.go_to("model")
        await bench.type("mine")
        await bench.sees("use “mine” as it is")
        await bench.press("tab")
        await bench.until(lambda: bench.main.workspace.edits == {"model": Set("anthropic/mine")})


async def test_another_profile_shows_and_edits_its_own_table(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml") as bench:
        bench.main.settings.go_to(bench.main.settings.profile_row)
        await bench.press("right")
        await bench.sees("[llm.cheap]", "gpt-mini", "profile:12")
        await bench.replace("timeout", "5")
        preview = bench.main.workspace.preview()
        assert b'[llm.cheap]\nmodel = "openai/gpt-mini"\ntimeout = 5\n' in preview.after


async def test_text_from_the_file_is_neither_markup_nor_control(tmp_path: Path) -> None:
    bad = '[llm]\nmodel = "openai/[/]\\u001b]52;c;eA==\\u0007"\nbase_url = "[@click=app.quit]x[/"\n["llm"."[/]"]\n'
    async with running(tmp_path / "config.toml", config=bad) as bench:
        await bench.go_to("base_url")
        await bench.press("ctrl+p")
        await bench.press("escape")
        assert "\x1b" not in bench.text
        assert "\x07" not in bench.text
        assert bench.app.return_code in (None, 0)


@pytest.mark.parametrize("leave", [["tab"], ["enter"], ["ctrl+s"]], ids=str)
async def test_a_secret_of_advanced_is_taken_however_the_field_is_left(tmp_path: Path, leave: list[str]) -> None:
    async with running(tmp_path / "config.toml") as bench:
        await bench.go_to("aws_secret_access_key")
        await bench.type("canary-91c4")
        await bench.press(*leave)
        await bench.until(lambda: "aws_secret_access_key" in bench.main.workspace.edits)
        assert "canary" not in bench.text
