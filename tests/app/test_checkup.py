"""The check-up page in the app, with a worker that plays a script."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from tests.app.fakes import running
from tests.chat.fakes import CANARY, Parts, settings
from tests.checkup.checking import GOOD, LOCAL, fails, says
from tui.checkup.outcome import TITLES
from tui.config.resolve import Resolved
from tui.config.secret import Secret
from tui.llm.events import Attempting, Retrying
from tui.screens.checkup import CheckupPage
from tui.vault.vault import FoundKey
from tui.widgets.approval import Approval
from tui.widgets.stage_row import StageRow

GOOD_ROWS = dict.fromkeys(TITLES, "pass") | {"tls": "skipped", "cache": "skipped"}


class Host(App[None]):
    """Nothing but the page."""

    def __init__(self, page: CheckupPage) -> None:
        super().__init__()
        self.page = page

    def compose(self) -> ComposeResult:
        yield self.page


class Bench:
    """The page, its worker, and what is on the screen."""

    def __init__(self, parts: Parts, pilot: Pilot[None], page: CheckupPage) -> None:
        self.parts, self.pilot, self.page = parts, pilot, page
        self.resolved = settings(LOCAL)

    @property
    def states(self) -> dict[str, str]:
        return {row.stage: row.state for row in self.page.query(StageRow)}

    @property
    def text(self) -> str:
        strips = self.page.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip) for strip in strips)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for a condition, five seconds at most."""
        for _ in range(500):
            if condition():
                return
            await self.pilot.pause(0.01)
        raise AssertionError(f"it did not come; the screen shows:\n{self.text}")

    async def sees(self, *words: str) -> None:
        await self.until(lambda: all(word in " ".join(self.text.split()) for word in words))


@asynccontextmanager
async def shown(parts: Parts | None = None, size: tuple[int, int] = (100, 60)) -> AsyncGenerator[Bench, None]:
    parts = parts or Parts()
    held: dict[str, Resolved] = settings(LOCAL)
    page = CheckupPage(parts.backend, lambda: held, {})
    async with Host(page).run_test(size=size) as pilot:
        bench = Bench(parts, pilot, page)
        bench.resolved = held
        await page.enter()
        await bench.sees("Enter runs it")
        yield bench


async def test_it_says_what_it_will_cost_before_it_starts() -> None:
    async with shown() as bench:
        await bench.sees(
            "up to 5 short requests to openai/gpt-4o at 127.0.0.1:9", "tokens at most, for less than $0.01"
        )
        assert set(bench.states.values()) == {"waiting"}
        assert bench.parts.worker.asks == []


async def test_enter_runs_it_and_every_stage_says_its_outcome_in_words() -> None:
    async with shown() as bench:
        bench.parts.worker.plays(*GOOD.values())
        await bench.pilot.press("enter")
        await bench.sees("Done: nothing failed")
        assert bench.states == GOOD_ROWS
        await bench.sees("It wrote 'OK'", "at least 1,024 tokens")


async def test_a_failure_shows_its_reason_and_the_next_step() -> None:
    async with shown() as bench:
        bench.parts.worker.plays(fails("key", "OpenAI does not accept the API key. Do this.", detail="no such key"))
        await bench.pilot.press("enter")
        await bench.sees("Done: 1 stage failed", "OpenAI does not accept the API key.", "Do this.")
        await bench.sees("The provider says: no such key")
        assert bench.states["key"] == "fail"
        assert bench.states["json"] == "skipped"


async def test_esc_stops_the_stage_under_way_and_keeps_what_was_found() -> None:
    async with shown() as bench:
        bench.parts.worker.plays(lambda turn_id: [Attempting(id=turn_id, attempt=1, of=5), asyncio.Event()])
        await bench.pilot.press("enter")
        await bench.sees("waiting for the answer")
        assert bench.states["key"] == "running"
        await bench.pilot.press("escape")
        await bench.sees("Stopped: nothing failed")
        assert (bench.states["key"], bench.states["host"], bench.states["json"]) == ("stopped", "pass", "waiting")
        await bench.until(lambda: bench.parts.worker.closed == [bench.parts.worker.asks[0].id])


async def test_it_can_be_run_again() -> None:
    async with shown() as bench:
        bench.parts.worker.plays(fails("key"), *GOOD.values())
        await bench.pilot.press("enter")
        await bench.sees("Done: 1 stage failed")
        await bench.pilot.press("enter")
        await bench.sees("Done: nothing failed")
        assert bench.states == GOOD_ROWS


async def test_a_wait_before_a_retry_counts_and_is_cut_short_by_a_key() -> None:
    async with shown() as bench:
        retry = Retrying(id="", attempt=2, of=5, wait_s=30, status=429, reason="rate limited (429)")
        bench.parts.worker.plays(lambda _: [retry, None])
        await bench.pilot.press("enter")
        await bench.sees("rate limited (429): attempt 2 of 5 in 30 s (^r now)")
        await bench.pilot.press("ctrl+r")
        assert bench.parts.worker.hurried.is_set()
        await bench.pilot.press("escape")


@pytest.mark.parametrize(("keys", "outcome"), [(("enter",), "fail"), (("right", "enter"), "pass")])
async def test_a_doubtful_key_is_asked_about_first(keys: tuple[str, ...], outcome: str) -> None:
    parts = Parts()
    parts.keys.found = FoundKey(secret=Secret(CANARY), source="keyring", question="Send your key to other.example?")
    parts.worker.plays(*GOOD.values())
    async with shown(parts) as bench:
        await bench.pilot.press("enter")
        await bench.sees("Send your key to other.example?")
        await bench.until(lambda: bench.page.query_one(Approval).no.has_focus)
        await bench.pilot.pause(0.5)  # keys that come at once are meant for something else
        await bench.pilot.press(*keys)
        await bench.until(lambda: not bench.page.busy)
        assert bench.states["settings"] == outcome
        assert bool(parts.keys.approved) == (outcome == "pass")


async def test_the_summary_is_copied_without_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    copied: list[str] = []
    monkeypatch.setattr(Host, "copy_to_clipboard", lambda _, text: copied.append(text))
    async with shown() as bench:
        bench.parts.worker.plays(*(GOOD | {"json": says(f"Bearer {CANARY}")}).values())
        await bench.pilot.press("enter")
        await bench.sees("Done: 1 stage failed")
        assert CANARY not in bench.text
        await bench.pilot.press("ctrl+o")
        assert copied[0].startswith("Check-up of openai/gpt-4o at 127.0.0.1:9")
        assert CANARY not in copied[0]


async def test_what_a_model_writes_is_text_and_no_markup() -> None:
    async with shown() as bench:
        bench.parts.worker.plays(*(GOOD | {"json": says("[red]x[/] \x1b[2J [/]")}).values())
        await bench.pilot.press("enter")
        await bench.sees("Done: 1 stage failed", "[red]x[/] ␛[2J [/]")


async def test_settings_that_changed_since_the_run_are_pointed_out() -> None:
    async with shown() as bench:
        bench.parts.worker.plays(*GOOD.values())
        await bench.pilot.press("enter")
        await bench.sees("Done: nothing failed")
        bench.resolved |= settings(LOCAL | {"temperature": 0.5})
        await bench.page.enter()
        await bench.sees("The settings have changed since the last run.")


async def test_it_fits_a_small_terminal() -> None:
    async with shown(size=(60, 20)) as bench:
        bench.parts.worker.plays(*GOOD.values())
        await bench.pilot.press("enter")
        await bench.sees("Done: nothing failed")
        assert bench.page.max_scroll_x == 0
        assert "Prompt caching" in bench.text


async def test_f5_shows_the_page_and_its_keys_and_f2_the_form_again(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml") as bench:
        await bench.press("f5")
        await bench.sees("Settings complete", "waiting", "Run", "claude-x")
        assert bench.main.tab == "checkup"
        await bench.press("f4")
        await bench.sees("Settings complete")
        await bench.press("f2")
        await bench.sees("LLM Model")
        assert "Prompt caching" not in bench.text


async def test_on_a_narrow_terminal_the_page_has_the_place_of_the_form(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml", size=(60, 20)) as bench:
        await bench.press("f4", "f5")
        await bench.sees("Settings complete")
        assert "LLM Model" not in bench.text
