"""Profiles: the page that lists them, switching, adding, renaming, copying, deleting; inherited values told apart."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from textual.widgets import Input

from tests.app.fakes import CONFIG, Bench, lines_changed
from tests.app.fakes import running as running_at
from tui.config.resolve import Set, Unset
from tui.screens.dialog import Dialog
from tui.screens.profiles import ProfileList
from tui.widgets.options import Options

running = partial(running_at, size=(80, 24))
AGENTS = CONFIG + '\n[agent]\nllm_config = "cheap"\n\n[agent.X]\nllm_config = "cheap"\n'
BARE = '[core]\n\n[llm]\nmodel = "openai/gpt-mini"\n'


async def at_profile(bench: Bench, name: str) -> None:
    """Go to the page, and down to a profile."""
    await bench.press("f9")
    await bench.until(lambda: isinstance(bench.app.focused, ProfileList))
    names = [None, *bench.main.workspace.profiles]
    await bench.press(*["home", *["down"] * names.index(name)])
    await bench.sees(f"[llm.{name}]")


async def dialog_gone(bench: Bench) -> None:
    await bench.until(lambda: not isinstance(bench.app.screen, Dialog))


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 20)])
async def test_the_page_says_of_each_profile_its_model_its_own_fields_and_its_users(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with running(tmp_path / "config.toml", config=AGENTS, size=size) as bench:
        await bench.press("f9")
        await bench.sees("default", "shown now", "anthropic/claude-x · 3 fields set", "n New", "⏎ Switch")
        await bench.sees("cheap", "openai/gpt-mini · 1 field of its own")
        await bench.press("down")
        await bench.sees("[llm.cheap]", "sets model", "used by [agent], [agent.X]", "r Rename")


async def test_enter_switches_and_goes_to_the_form_and_the_header_says_which(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml") as bench:
        await at_profile(bench, "cheap")
        await bench.press("enter")
        await bench.until(lambda: bench.main.workspace.profile == "cheap" and bench.main.tab == "settings")
        await bench.sees("[llm.cheap]", "profile:12")
        await bench.press("f9")
        await bench.press("escape")
        await bench.until(lambda: bench.main.tab == "settings")


async def test_enter_on_the_profile_row_opens_the_page_and_the_arrows_switch(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml") as bench:
        bench.main.settings.go_to(bench.main.settings.profile_row)
        await bench.sees("enter add, rename, copy, delete")
        await bench.press("right")
        assert bench.main.workspace.profile == "cheap"
        await bench.press("enter")
        await bench.until(lambda: bench.main.tab == "profiles")


async def test_without_profiles_the_page_says_what_they_are_for_and_how_to_make_one(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml", config=BARE, size=(60, 20)) as bench:
        await bench.press("f9")
        await bench.sees("No profiles yet", "cheaper model", "n makes the first")
        await bench.press("r", "d", "delete")
        assert not isinstance(bench.app.screen, Dialog)


async def test_a_new_profile_is_shown_as_a_diff_saved_and_then_the_one_in_the_form(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml") as bench:
        await bench.press("f9", "n")
        await bench.sees("New profile")
        await bench.type("judge")
        await bench.press("enter")
        await bench.sees("Add the profile judge?", "+[llm.judge]")
        assert bench.path.read_text() == CONFIG
        await bench.press("enter")
        await bench.until(lambda: bench.main.workspace.profile == "judge" and bench.main.tab == "settings")
        assert lines_changed(CONFIG, bench.path.read_text()) == ([], ["[llm.judge]", ""])
        await bench.sees("[llm.judge]", "inherited · file:7")


async def test_the_first_profile_of_a_file_that_is_not_there_makes_the_file(tmp_path: Path) -> None:
    async with running(tmp_path / "new.toml", config=None) as bench:
        await bench.press("f9", "n")
        await bench.type("cheap")
        await bench.press("enter", "enter")
        await bench.until(bench.path.exists)
        assert bench.path.read_text() == "[core]\n\n[llm]\n\n[llm.cheap]\n"


async def test_a_name_that_will_not_do_is_said_while_it_is_typed_and_not_taken(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml") as bench:
        await bench.press("f9", "n")
        await bench.type("model")
        await bench.sees("model is a field of [llm]")
        await bench.press("enter")
        await bench.sees("New profile", "model is a field of [llm]")
        await bench.type("s")
        await bench.until(lambda: "a field of" not in bench.text)
        await bench.press("escape")
        await dialog_gone(bench)
        assert bench.path.read_text() == CONFIG


async def test_renaming_offers_to_change_the_tables_that_name_the_profile(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml", config=AGENTS, size=(120, 40)) as bench:
        await at_profile(bench, "cheap")
        await bench.press("r")
        await bench.sees("Rename cheap")
        await bench.type("frugal")
        await bench.press("enter")
        await bench.sees("[agent] and [agent.X] name it", "Change them too", "Leave them")
        await bench.press("enter")
        await bench.sees("+[llm.frugal]", '+llm_config = "frugal"')
        await bench.press("enter")
        await bench.until(lambda: bench.path.read_text() == AGENTS.replace("cheap", "frugal"))


async def test_renaming_can_leave_them_and_the_profile_that_is_shown_stays_shown(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml", config=AGENTS, profile="cheap") as bench:
        await at_profile(bench, "cheap")
        await bench.press("r")
        await bench.type("a b")
        await bench.press("enter", "right", "enter")
        await bench.sees('+[llm."a b"]')
        await bench.press("enter")
        await bench.until(lambda: bench.main.workspace.profile == "a b")
        assert bench.path.read_text() == AGENTS.replace("llm.cheap", 'llm."a b"')


async def test_renaming_to_the_same_name_changes_nothing(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml") as bench:
        await at_profile(bench, "cheap")
        await bench.press("r", "enter")
        await dialog_gone(bench)
        assert bench.path.read_text() == CONFIG


async def test_a_copy_gets_a_free_name_and_says_that_it_holds_the_key_too(tmp_path: Path) -> None:
    config = CONFIG.replace('model = "openai/gpt-mini"\n', 'model = "openai/gpt-mini"\napi_key = "canary-5d1"\n')
    async with running(tmp_path / "config.toml", config=config) as bench:
        await at_profile(bench, "cheap")
        await bench.press("d", "enter")
        await bench.sees("Copy the profile cheap to cheap-2?", "The copy holds API Key too", "+[llm.cheap-2]")
        assert "canary" not in bench.text
        await bench.press("enter")
        await bench.until(lambda: bench.main.workspace.profile == "cheap-2")
        assert bench.path.read_text().count("canary-5d1") == 2


async def test_deleting_names_who_uses_the_profile_and_undo_brings_it_back(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml", config=AGENTS, profile="cheap") as bench:
        await at_profile(bench, "cheap")
        await bench.press("delete")
        await bench.sees("Delete the profile cheap?", "[agent] and [agent.X] name it", "-[llm.cheap]", " Delete ")
        await bench.press("enter")
        rest = AGENTS.replace('[llm.cheap]\nmodel = "openai/gpt-mini"\n\n', "")
        await bench.until(lambda: bench.path.read_text() == rest and bench.main.workspace.profile is None)
        await bench.press("ctrl+z")
        await bench.sees("Undo the last save")
        await bench.press("enter")
        await bench.until(lambda: bench.path.read_text() == AGENTS)
        await bench.sees("openai/gpt-mini · 1 field of its own")


async def test_unsaved_edits_are_saved_with_the_change_and_that_is_said(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml") as bench:
        bench.main.draft.put("num_retries", 7)
        await at_profile(bench, "cheap")
        await bench.press("delete")
        await bench.sees("With it, your 1 unsaved edit is saved.", "+num_retries = 7", "-[llm.cheap]")
        await bench.press("escape")
        await dialog_gone(bench)
        assert bench.path.read_text() == CONFIG
        assert bench.main.workspace.edits == {"num_retries": Set(7)}
        await bench.press("delete", "enter")
        await bench.until(lambda: "cheap" not in bench.path.read_text())
        assert "num_retries = 7" in bench.path.read_text()


async def test_a_change_is_made_anew_on_a_file_that_changed_on_disk(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml") as bench:
        await at_profile(bench, "cheap")
        await bench.press("delete")
        await bench.sees("Delete the profile cheap?")
        theirs = CONFIG.replace("top_p = 0.5", "top_p = 0.9")
        bench.path.write_text(theirs)
        await bench.press("enter")
        await bench.sees("The file changed on disk", "Merge")
        await bench.press("enter")
        await bench.sees("Delete the profile cheap?", "top_p = 0.9")
        await bench.press("enter")
        await bench.until(lambda: "cheap" not in bench.path.read_text())
        assert "top_p = 0.9" in bench.path.read_text()


async def test_a_file_whose_shape_allows_no_new_table_says_so_and_stays(tmp_path: Path) -> None:
    config = '[[llm]]\nmodel = "x"\n'
    async with running(tmp_path / "config.toml", config=config) as bench:
        await bench.press("f9", "n")
        await bench.type("cheap")
        await bench.press("enter")
        await bench.sees("The change can't be made", "llm is not a table", "Open in $EDITOR")
        assert bench.path.read_text() == config


async def test_own_and_inherited_fields_of_a_profile_are_told_apart_and_reset(tmp_path: Path) -> None:
    config = CONFIG.replace('"openai/gpt-mini"\n', '"openai/gpt-mini"\nnum_retries = 9\n')
    async with running(tmp_path / "config.toml", config=config, profile="cheap", size=(120, 40)) as bench:
        await bench.go_to("top_p")
        await bench.sees("inherited · file:9")
        assert "reset to inherited" not in bench.text
        await bench.go_to("num_retries")
        await bench.sees("profile:13", "^l reset to inherited")
        assert bench.row("num_retries").help.text.endswith("Overrides 4 ([llm], config.toml line 8).")
        await bench.press("ctrl+l")
        assert bench.main.workspace.edits == {"num_retries": Unset()}
        await bench.sees("reset to inherited")
        assert bench.row("num_retries").help.text.endswith("Inherits 4 ([llm], config.toml line 8).")
        assert isinstance(control := bench.row("num_retries").control, Input)
        assert (control.value, control.placeholder) == ("", "4")
        await bench.press("ctrl+s")
        await bench.sees("-num_retries = 9")
        await bench.press("enter")
        await bench.until(lambda: bench.path.read_text() == CONFIG)
        await bench.sees("inherited · file:8")


async def test_a_profile_that_is_called_default_can_be_told_from_the_default_table(tmp_path: Path) -> None:
    config = BARE + '\n[llm.default]\nmodel = "openai/other"\n'
    async with running(tmp_path / "config.toml", config=config) as bench:
        bench.main.settings.go_to(bench.main.settings.profile_row)
        assert bench.main.query_one("#profile Options", Options).chosen == "[llm]"
        await bench.press("right")
        assert bench.main.workspace.profile == "default"
        await bench.press("right")
        assert bench.main.workspace.profile is None


async def test_the_palette_switches_and_changes_profiles(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml") as bench:
        await bench.press("ctrl+p")
        await bench.type("switch to the profile cheap")
        await bench.sees("Switch to the profile cheap")
        await bench.press("enter")
        await bench.until(lambda: bench.main.workspace.profile == "cheap")
        await bench.press("ctrl+p")
        await bench.type("delete the profile")
        await bench.sees("Delete the profile cheap")
        await bench.press("enter")
        await bench.sees("Delete the profile cheap?")
