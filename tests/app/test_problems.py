"""The Problems page: what it finds in the draft, where its keys lead, what they write."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import OptionList

from tests.app.fakes import Bench, running
from tui.screens.problems import ProblemList
from tui.widgets.lines import TabLine

CANARY = "canary-5d11-never-shown"
BAD = """\
[core]

[llm]
model = "openai/gpt-mini"
num_retries = "4"
tiemout = 5
"""


async def opened(bench: Bench) -> None:
    """Go to the page."""
    await bench.press("f8")
    await bench.until(lambda: isinstance(bench.app.focused, ProblemList))
    await bench.until(lambda: "Checking" not in bench.text)


def highlight(bench: Bench, words: str) -> None:
    listing = bench.main.query_one(ProblemList)
    page = next(iter(bench.main.stack._pages.values()))
    found = getattr(page, "_found")  # noqa: B009  # the page is known by its base class here
    listing.highlighted = next(at for at, item in enumerate(found.problems) if words in item.title)


@pytest.mark.parametrize("size", [(120, 40), (60, 20)])
async def test_each_problem_shows_line_severity_effect_and_fix(tmp_path: Path, size: tuple[int, int]) -> None:
    async with running(tmp_path / "config.toml", config=BAD, size=size) as bench:
        await opened(bench)
        await bench.sees(
            "1 error, 1 warning", "line 5", "warning", "OpenHands reads it as 4.", "Write num_retries = 4."
        )
        await bench.press("down")
        await bench.sees("line 6", "error", "ignores all of", "It probably means timeout")


async def test_no_problems_are_said_to_be_none(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml", config="[core]\n[llm]\n") as bench:
        await opened(bench)
        await bench.sees("No problems: every version of OpenHands does what config.toml says")


async def test_the_tab_counts_the_problems_of_the_draft_as_it_is_edited(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml", config="[core]\n[llm]\n") as bench:
        await bench.replace("retry_min_wait", "90")
        await bench.sees("F8 Problems 1")
        await bench.replace("retry_min_wait", "9")
        await bench.until(lambda: not bench.main.query_one(TabLine).counts, "no count")
        await bench.replace("base_url", "https://host.example/v1/chat/completions")
        await opened(bench)
        await bench.sees("base_url ends in /chat/completions")


async def test_a_value_that_will_not_work_is_marked_where_it_stands(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml", config='[core]\n[llm]\nbase_url = "host"\n', size=(80, 24)) as bench:
        await bench.sees("Also set", "✗ file:3")
        await bench.go_to("base_url")
        await bench.sees("base_url does not start with http://", "Write the whole address")
        await bench.replace("base_url", "http://host.example/v1")
        await bench.until(lambda: "✗" not in bench.text, "no mark")
        await bench.replace("base_url", "host/v1")
        await bench.sees("✗ edited", "Write the whole address")


async def test_a_table_s_marks_are_its_own_and_a_variable_that_wins_takes_the_files_away(tmp_path: Path) -> None:
    text = '[core]\n[llm]\nbase_url = "host"\n[llm.far]\nnum_retries = 1\n[llm.near]\nretry_min_wait = 90\n'
    env = {"LLM_BASE_URL": "http://host.example/v1"}
    async with running(tmp_path / "config.toml", config=text, env=env) as bench:
        await bench.sees("F8 Problems")
        await bench.go_to("base_url")
        assert "✗" not in bench.text
        bench.main.choose_profile("far")
        await bench.settle()
        assert "✗" not in bench.text
        bench.main.choose_profile("near")
        await bench.sees("✗ profile:7")
    async with running(tmp_path / "config.toml", config="[core]\n[llm]\n", env={"LLM_BASE_URL": "host"}) as bench:
        await bench.sees("✗ env LLM_BASE_URL")


@pytest.mark.parametrize(
    ("value", "env", "mark"), [("5", {"LLM_TIMEOUT": "x"}, "file:3"), ('"x"', {}, "✗ default")], ids=["kept", "lost"]
)
async def test_settings_marks_a_lost_value_and_not_the_one_that_stands_in_for_it(
    tmp_path: Path, value: str, env: dict[str, str], mark: str
) -> None:
    text = f"[core]\n[llm]\ntimeout = {value}\n"
    async with running(tmp_path / "config.toml", config=text, env=env, size=(80, 24)) as bench:
        await bench.sees("F8 Problems 1")
        (line,) = [line for line in bench.text.splitlines() if "Timeout" in line]
        assert line.rstrip().endswith(" " + mark)
        assert ("✗" in line) == ("✗" in mark)


async def test_the_environment_counts_too(tmp_path: Path) -> None:
    env = {"LLM_DROP_PARAMS": "yes"}
    async with running(tmp_path / "config.toml", config="[core]\n[llm]\n", env=env) as bench:
        await opened(bench)
        await bench.sees("env", "LLM_DROP_PARAMS", "reads it as false")
        await bench.press("enter")
        await bench.sees("LLM_DROP_PARAMS is set and wins")
        assert bench.main.query_one("#field-drop_params").has_focus_within


async def test_f_shows_the_change_and_writes_it_and_undo_takes_it_back(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml", config=BAD) as bench:
        await opened(bench)
        await bench.press("f")
        await bench.sees("Repair line 5 of config.toml?", "+num_retries = 4")
        assert bench.path.read_text() == BAD
        await bench.press("enter")
        await bench.until(lambda: bench.path.read_text() == BAD.replace('"4"', "4"))
        await bench.until(lambda: "OpenHands reads it as 4." not in bench.text)
        await bench.press("ctrl+z")
        await bench.sees("Undo the last save")
        await bench.press("enter")
        await bench.until(lambda: bench.path.read_text() == BAD)


async def test_esc_leaves_the_file_and_the_draft_as_they_are(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml", config=BAD) as bench:
        await bench.replace("timeout", "60")
        await opened(bench)
        await bench.press("f")
        await bench.sees("your 1 unsaved edit is saved", "+timeout = 60")
        await bench.press("escape")
        await bench.until(lambda: len(bench.app.screen_stack) == 1)
        assert (bench.path.read_text(), bench.main.unsaved) == (BAD, 1)


async def test_what_another_program_wrote_meanwhile_stays(tmp_path: Path) -> None:
    config = BAD.replace("[core]\n\n", "")
    async with running(tmp_path / "config.toml", config=config) as bench:
        await opened(bench)
        await bench.sees("the file has no [core]")
        bench.path.write_text(config + "timeout = 7\n")
        highlight(bench, "no [core]")
        await bench.press("f")
        await bench.sees("+[core]")
        await bench.press("enter")
        await bench.sees("The file changed on disk")
        await bench.press("enter")
        await bench.sees("+[core]", "timeout = 7")
        await bench.press("enter")
        await bench.until(lambda: bench.path.read_text() == config + "timeout = 7\n\n[core]\n")


async def test_a_repairs_all_that_is_safe_at_once(tmp_path: Path) -> None:
    config = "[llm]\nmodel = 'openai/gpt-mini'\nnum_retries = '4'\nTop_P = 0.5\n"
    async with running(tmp_path / "config.toml", config=config) as bench:
        await opened(bench)
        await bench.press("a")
        await bench.sees("Repair config.toml?", "+num_retries = 4", "+[core]")
        await bench.press("enter")
        await bench.sees("No problems")


async def test_a_file_that_does_not_parse_is_repaired_where_that_is_safe_and_the_form_comes_back(
    tmp_path: Path,
) -> None:
    config = "[core]\n[llm]\nnative_tool_calling = None\n"
    async with running(tmp_path / "config.toml", config=config, size=(80, 24)) as bench:
        await opened(bench)
        await bench.sees("line 3", "comment the line out")
        await bench.press("f")
        await bench.sees("+#native_tool_calling = None")
        await bench.press("enter")
        await bench.sees("No problems")
        assert bench.path.read_text() == "[core]\n[llm]\n#native_tool_calling = None\n"
        await bench.press("f2")
        await bench.sees("LLM Model")


async def test_a_plain_key_moves_to_the_keyring_from_the_profile_that_holds_it(tmp_path: Path) -> None:
    config = f'[core]\n[llm]\n[llm.cheap]\nmodel = "openai/x"\napi_key = "{CANARY}"\n[agent]\nllm_config = "cheap"\n'
    async with running(tmp_path / "config.toml", config=config) as bench:
        await opened(bench)
        await bench.sees("line 5", "f moves it")
        assert CANARY not in bench.text
        await bench.press("f")
        await bench.until(lambda: bench.keys.stored is not None)
        stored = bench.keys.stored
        assert stored is not None
        assert stored.reveal() == CANARY
        await bench.sees("No problems", "1 unsaved")
        await bench.press("ctrl+s")
        await bench.press("enter")
        await bench.until(lambda: CANARY not in bench.path.read_text())


async def test_enter_goes_to_the_field_of_the_profile(tmp_path: Path) -> None:
    config = '[core]\n[llm]\n[llm.cheap]\ntop_p = 7\n[agent]\nllm_config = "cheap"\n'
    async with running(tmp_path / "config.toml", config=config) as bench:
        await opened(bench)
        await bench.press("enter")
        await bench.until(lambda: bench.row("top_p").has_focus_within)
        assert bench.main.workspace.profile == "cheap"


async def test_what_has_no_safe_repair_says_so(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml", config=BAD) as bench:
        await opened(bench)
        await bench.press("down", "f")
        await bench.sees("No repair of this is surely right")


async def test_the_version_of_openhands_can_be_chosen(tmp_path: Path) -> None:
    config = '[llm]\nembedding_model = "local"\n'
    async with running(tmp_path / "config.toml", config=config) as bench:
        await opened(bench)
        await bench.sees("[any]", "2 warnings")
        await bench.press("t")
        await bench.sees("[0.26]", "1 error in", "has no [core]")
        await bench.press("right")
        await bench.sees("[0.29]", "embedding_model is gone")
        await bench.press("left", "left", "left")
        await bench.sees("[latest]", "embedding_model is gone")
        assert bench.main.query_one(ProblemList).option_count == 1


async def test_hostile_names_stay_text(tmp_path: Path) -> None:
    config = '[core]\n[llm]\n"[red]\\u001b]0;x\\u0007[/]" = 1\n'
    async with running(tmp_path / "config.toml", config=config) as bench:
        await opened(bench)
        await bench.sees("[red]")
        assert "\x1b" not in bench.text


async def test_a_thousand_problems_are_listed_and_the_highlight_stays_in_sight(tmp_path: Path) -> None:
    config = "[core]\n[llm]\n" + "".join(f"nonsense{at} = 1\n" for at in range(1000))
    async with running(tmp_path / "config.toml", config=config) as bench:
        await opened(bench)
        await bench.sees("F8 Problems 99+", "1000 errors", "the first 500 are shown")
        await bench.press("end")
        assert bench.main.query_one(OptionList).highlighted == 499
