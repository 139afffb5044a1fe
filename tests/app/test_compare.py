"""The Compare page in the app, with a worker that plays a script for each model."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.app.fakes import Bench, running
from tests.chat.comparing import FAST, SLOW, ManyWorker, fails, says
from tests.chat.fakes import CANARY, FakeKeys, FakeModels
from tui.config.secret import Secret
from tui.llm.events import Attempting, Retrying
from tui.request.backend import Backend
from tui.screens.compare import ComparePage
from tui.vault.vault import FoundKey
from tui.widgets.approval import Approval

CONFIG = """\
[llm]
model = "openai/quick"
base_url = "http://127.0.0.1:9/v1"

[llm.cheap]
model = "openai/cheap"

[llm.judge]
model = "openai/judge"

[llm.b4]
[llm.b5]
"""


class Compared:
    """The page, its worker, and the app around it."""

    def __init__(self, app: Bench, worker: ManyWorker, keys: FakeKeys, copied: list[str]) -> None:
        self.app, self.worker, self.keys, self.copied = app, worker, keys, copied

    @property
    def page(self) -> ComparePage:
        return self.app.main.query_one(ComparePage)

    async def ask(self, prompt: str) -> None:
        await self.app.type(prompt)
        await self.app.press("enter")

    async def sees(self, *words: str) -> None:
        await self.app.sees(*words)


@asynccontextmanager
async def compared(
    path: Path,
    *,
    config: str = CONFIG,
    size: tuple[int, int] = (120, 40),
    profile: str | None = None,
    env: Mapping[str, str] | None = None,
) -> AsyncGenerator[Compared, None]:
    """The page as ctrl+t opens it from the chat."""
    worker, keys = ManyWorker(), FakeKeys(FoundKey(secret=Secret(CANARY), source="keyring"))
    backend = Backend(keys, FakeModels(), worker, {})
    pages = {"compare": lambda screen: ComparePage(backend, screen.workspace)}
    async with running(path, config=config, size=size, profile=profile, pages=pages, env=env) as app:
        copied: list[str] = []
        app.app.copy_to_clipboard = copied.append  # type: ignore[assignment, method-assign]  # no terminal to send it to
        await app.until(lambda: app.main.query("ChatPane Prompt"), "the chat's prompt")
        await app.press("f4", "ctrl+t")
        await app.until(lambda: app.main.tab == "compare")
        yield Compared(app, worker, keys, copied)


@pytest.mark.parametrize("size", [(160, 45), (80, 24), (60, 20)])
async def test_two_profiles_answer_and_the_better_is_named_at_every_size(tmp_path: Path, size: tuple[int, int]) -> None:
    async with compared(tmp_path / "config.toml", size=size) as it:
        it.worker.plays("quick", says("Here I am", FAST))
        it.worker.plays("cheap", says("There I am", SLOW))
        await it.ask("who?")
        await it.sees("> who?", "Here I am", "default", "cheap", "0.50 s", "$0.0020", "fastest", "cheapest")
        assert ("There I am" in it.app.text) is (size[0] >= 80)
        await it.app.press("shift+tab")
        await it.sees("There I am")


async def test_the_profile_that_the_form_shows_takes_part_with_its_draft(tmp_path: Path) -> None:
    async with compared(tmp_path / "config.toml", profile="judge") as it:
        await it.sees("default  openai/quick", "judge  openai/judge")
        it.app.main.workspace.edit("model", "openai/drafted")
        for name in ("quick", "drafted"):
            it.worker.plays(name, says("yes"))
        await it.ask("who?")
        await it.sees("openai/drafted · draft", "done")
        assert len(it.worker.asked("drafted")) == 1


async def test_the_choice_is_kept_and_at_most_four_take_part(tmp_path: Path) -> None:
    async with compared(tmp_path / "config.toml", size=(80, 24)) as it:
        await it.app.press("ctrl+t")
        await it.sees("2 of at most 4 take part", "[x] cheap", "[ ] judge")
        await it.app.press("escape")
        await it.app.until(lambda: it.app.main.focused is it.page.prompt)
        await it.app.press("ctrl+t")
        await it.app.press("space")
        await it.app.press("enter")
        await it.sees("At least 2 have to take part")
        await it.app.press("down", "down", "space", "down", "space", "down", "space")
        await it.sees("4 of at most 4 take part", "[ ] default", "[x] b5")
        await it.app.press("up", "up", "up", "up", "space")
        await it.sees("No more than 4")
        await it.app.press("enter")
        await it.sees("▾ cheap", "▸ judge", "▸ b4", "▸ b5")
        await it.app.press("f2", "f4", "ctrl+t")
        await it.sees("▾ cheap", "▸ judge", "▸ b4", "▸ b5")
        assert it.app.main.focused is it.page.prompt


async def test_other_sides_begin_without_a_history(tmp_path: Path) -> None:
    async with compared(tmp_path / "config.toml") as it:
        for name in ("quick", "cheap"):
            it.worker.plays(name, says("first"), says("second"))
        it.worker.plays("judge", says("mine"))
        await it.ask("who?")
        await it.sees("first")
        await it.app.until(lambda: not it.page.busy)
        await it.app.press("ctrl+t", "down", "down", "space", "enter")
        await it.app.until(lambda: it.page.sides.names == ("default", "cheap", "judge"))
        await it.ask("again?")
        await it.sees("mine", "second")
        assert [len(ask.messages) for ask in it.worker.asks] == [1] * 5


async def test_one_side_is_stopped_from_its_own_column_and_all_from_the_prompt(tmp_path: Path) -> None:
    async with compared(tmp_path / "config.toml") as it:
        for name in ("quick", "cheap"):
            it.worker.plays(name, says("never", FAST, asyncio.Event()))
        await it.ask("who?")
        await it.app.until(lambda: len(it.worker.asks) == 2)
        await it.app.press("shift+tab")
        assert it.page.sides.focused == "cheap"
        await it.app.press("escape")
        await it.app.until(lambda: it.worker.closed == ["openai/cheap"])
        assert it.page.busy
        await it.app.press("tab", "escape")
        await it.app.until(lambda: not it.page.busy)
        assert it.worker.closed == ["openai/cheap", "openai/quick"]


async def test_retry_ends_the_wait_and_later_sends_again_what_failed(tmp_path: Path) -> None:
    async with compared(tmp_path / "config.toml") as it:
        it.worker.plays(
            "quick",
            lambda turn: [
                Attempting(id=turn, attempt=1, of=5),
                Retrying(id=turn, attempt=2, of=5, wait_s=20, status=429, reason="rate limited (429)"),
                None,
                *says("at last")(turn),
            ],
        )
        it.worker.plays("cheap", fails("Nobody is there."), says("now"))
        await it.ask("who?")
        await it.sees("retrying: rate limited (429)", "attempt 2 of 5", "Nobody is there.")
        await it.app.press("ctrl+r")
        await it.sees("at last", "failed")
        await it.app.press("ctrl+r")
        await it.sees("now")
        await it.app.until(lambda: not it.page.busy)
        assert len(it.worker.asked("quick")) == 1


async def test_a_question_is_asked_on_its_side_and_a_no_leaves_the_other_alone(tmp_path: Path) -> None:
    config = CONFIG.replace("127.0.0.1:9", "elsewhere.example")
    async with compared(tmp_path / "config.toml", config=config, size=(60, 20)) as it:
        it.keys.found = FoundKey(secret=Secret(CANARY), source="keyring", question="Send it there?")
        for name in ("quick", "cheap"):
            it.worker.plays(name, says("here"))
        await it.ask("who?")
        await it.sees("Send it there?")
        await it.app.pilot.pause(0.5)  # an answer given sooner was meant for the prompt
        await it.app.press("enter")
        await it.app.until(lambda: it.page.query(Approval) and it.page.sides.focused, "the second question")
        await it.app.pilot.pause(0.5)
        await it.app.press("right", "enter")
        await it.app.until(lambda: not it.page.busy)
        assert len(it.worker.asks) == len(it.keys.approved) == 1
        await it.sees("failed")


async def test_the_figures_are_copied_or_the_answer_of_the_side_with_the_focus(tmp_path: Path) -> None:
    async with compared(tmp_path / "config.toml") as it:
        it.worker.plays("quick", says("Here I am", FAST))
        it.worker.plays("cheap", says("There I am", SLOW))
        await it.ask("who?")
        await it.sees("fastest")
        await it.app.press("ctrl+o")
        await it.sees("not confirmed")
        assert it.copied[0].startswith("> who?\n\n| profile | model |")
        assert "| cheap | openai/cheap | 0.40 s | 2.50 s |" in it.copied[0]
        await it.app.press("shift+tab", "ctrl+o")
        assert it.copied[1] == "There I am"


async def test_what_is_copied_goes_to_the_desktop_too(tmp_path: Path) -> None:
    """The page finds the desktop in the app's environment by itself."""
    (command := tmp_path / "xclip").write_text(f"#!/bin/sh\n/bin/cat > {tmp_path}/taken\n")
    command.chmod(0o755)
    env = {"DISPLAY": ":0", "PATH": str(tmp_path)}
    async with compared(tmp_path / "config.toml", env=env) as it:
        it.worker.plays("quick", says("Here I am"))
        it.worker.plays("cheap", says("There I am", SLOW))
        await it.ask("who?")
        await it.sees("fastest")
        await it.app.press("ctrl+o")
        await it.sees("Copied with xclip, and sent to the terminal's clipboard.")
        assert [(tmp_path / "taken").read_text()] == it.copied


async def test_clear_empties_every_side_and_stops_what_runs(tmp_path: Path) -> None:
    async with compared(tmp_path / "config.toml") as it:
        it.worker.plays("quick", says("first"))
        it.worker.plays("cheap", says("never", FAST, asyncio.Event()))
        await it.ask("who?")
        await it.sees("first")
        await it.app.press("ctrl+l")
        await it.app.until(lambda: "first" not in it.app.text and not it.page.busy)
        await it.app.until(lambda: "openai/cheap" in it.worker.closed)


async def test_with_one_profile_it_says_how_to_make_another(tmp_path: Path) -> None:
    async with compared(tmp_path / "config.toml", config='[llm]\nmodel = "openai/x"\n', size=(60, 20)) as it:
        await it.sees("nothing to compare yet", "[llm.cheap]", "^p", "then come back")
        await it.app.press("x", "enter", "ctrl+t", "f2")
        await it.sees("LLM Provider")


async def test_a_file_that_cant_be_read_is_named_as_the_reason(tmp_path: Path) -> None:
    async with compared(tmp_path / "config.toml", config="[llm\n") as it:
        await it.sees("can't be read, so its profiles are not known")


async def test_the_palette_leads_there_and_the_chat_stands_alone_afterwards(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml") as app:
        await app.press("ctrl+p")
        await app.type("compare")
        await app.sees("Compare profiles")
        await app.press("enter")
        await app.until(lambda: app.main.tab == "compare")
        await app.sees("Ask all of them")
        await app.press("f4")
        await app.sees("LLM Provider", "Ask the model")
        assert "Ask all of them" not in app.text


async def test_a_profile_that_left_the_file_takes_part_no_more(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    async with compared(path) as it:
        path.write_text(CONFIG.replace("[llm.cheap]", "[llm.new]"))  # a few bytes
        await it.app.press("f2")
        await it.app.main.run_action("reload")
        await it.app.until(lambda: "new" in it.app.main.workspace.profiles)
        await it.app.press("f4", "ctrl+t")
        await it.sees("default  openai/quick", "new  openai/cheap")


async def test_with_one_profile_it_names_the_page_that_makes_another_if_there_is_one(tmp_path: Path) -> None:
    backend = Backend(FakeKeys(), FakeModels(), ManyWorker(), {})
    pages = {"compare": lambda screen: ComparePage(backend, screen.workspace, profiles_page=True)}
    async with running(tmp_path / "config.toml", config='[llm]\nmodel = "openai/x"\n', pages=pages) as app:
        await app.main.run_action("tab('compare')")
        await app.sees("nothing to compare yet", "F9 Profiles makes one.")
