"""The Usage page: figures, chart, limits that can be changed, and what it says when there is nothing or no disk."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from textual.widgets import Input

from tests.app.fakes import Bench, running
from tests.usage.test_ledger import entry
from tui.config.preferences import Limits, PreferencesFile
from tui.screens.usage import UsagePage
from tui.usage.ledger import Ledger
from tui.widgets.limit_row import LimitRow

SIZES = [(120, 40), (80, 24), (60, 20)]


@pytest.fixture
def _used() -> None:
    """Some requests: two today, one of them of unknown price, one last week, one local."""
    ledger, now = Ledger(), datetime.now(UTC)
    ledger.add(entry(cost_usd=0.4, input_tokens=1_200, output_tokens=300))
    ledger.add(entry(cost_usd=None, model="openai/own-model"))
    ledger.add(entry(at=now - timedelta(days=5), cost_usd=1.1))
    ledger.add(entry(at=now - timedelta(days=20), cost_usd=None, local=True, model="openai/smollm2"))


used = pytest.mark.usefixtures("_used")


async def opened(bench: Bench) -> UsagePage:
    await bench.press("f6")
    page = bench.main.query_one(UsagePage)
    await bench.until(lambda: page._statement is not None or page._books.trouble)
    await bench.settle()
    return page


def limits() -> Limits:
    return PreferencesFile().read().preferences.limits


def row(bench: Bench, name: str) -> LimitRow:
    return bench.main.query_one(f"#{name}", LimitRow)


@used
@pytest.mark.parametrize("size", SIZES)
async def test_each_period_has_its_sums_and_what_has_no_price_is_counted_apart(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with running(tmp_path / "config.toml", size=size) as bench:
        await opened(bench)
        unknown = "1 of unknown price" if size[0] >= 80 else "1 unknown"
        await bench.sees("Today", f"$0.40 + {unknown}", "7 days", f"$1.50 + {unknown}", "▸ 30 days")
        assert all(len(line) <= size[0] for line in bench.text.splitlines())


@used
async def test_the_arrows_choose_the_period_of_the_models(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml") as bench:
        await opened(bench)
        await bench.sees("By model, 30 days", "openai/smollm2", "local", "Cost by day, the last 30 days")
        await bench.press("left", "left")
        await bench.sees("By model, today", "▸ Today", "openai/own-model")
        assert "smollm2" not in bench.text
        await bench.press("left", "right")
        await bench.sees("By model, 7 days")


@used
async def test_a_terminal_without_block_characters_gets_bars_of_ascii(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(UsagePage, "_plain", True)
    async with running(tmp_path / "config.toml") as bench:
        await opened(bench)
        await bench.sees("##")
        assert not set("▁▂▃▄▅▆▇█") & set(bench.text)


@used
async def test_what_came_meanwhile_is_there_after_reading_again(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml") as bench:
        await opened(bench)
        Ledger().add(entry(model="openai/new-one"))
        await bench.press("ctrl+r")
        await bench.sees("openai/new-one")


@pytest.mark.parametrize("size", SIZES)
async def test_with_nothing_recorded_it_says_what_to_do_and_shows_the_limits(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with running(tmp_path / "config.toml", size=size) as bench:
        await opened(bench)
        await bench.sees("Nothing is recorded yet", "Chat (F4)", "Spending limits", "$0 spent")


@used
async def test_a_limit_shows_how_much_of_it_is_used_and_can_be_changed(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml") as bench:
        await opened(bench)
        await bench.sees("8% · $0.40 spent")
        await bench.press("tab", "tab")
        await bench.until(lambda: row(bench, "day_usd").has_focus_within)
        await bench.sees("Enter sets it.")
        row(bench, "day_usd").query_one(Input).value = ""
        await bench.type("0.50")
        await bench.press("enter")
        await bench.until(lambda: limits() == Limits(2.0, 0.5))
        await bench.sees("80% · $0.40 spent")


@pytest.mark.parametrize(("typed", "shown"), [("none", "no limit"), ("0", "asks before each request")])
async def test_no_limit_and_a_limit_of_nothing_say_what_they_mean(tmp_path: Path, typed: str, shown: str) -> None:
    async with running(tmp_path / "config.toml") as bench:
        await opened(bench)
        await bench.press("tab")
        row(bench, "session_usd").query_one(Input).value = ""
        await bench.type(typed)
        await bench.press("tab")
        await bench.sees(shown)


async def test_what_is_no_amount_is_told_and_not_written_and_esc_forgets_it(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml", size=(60, 20)) as bench:
        await opened(bench)
        await bench.press("tab")
        await bench.type("much")
        await bench.press("enter")
        await bench.sees('Enter an amount or "none".')
        assert not PreferencesFile().path.exists()
        await bench.press("escape")
        await bench.sees("2.00", "$0 spent")
        assert bench.app.focused is bench.main.query_one(UsagePage)


async def test_a_limit_that_can_not_be_saved_says_why(tmp_path: Path) -> None:
    path = PreferencesFile().path
    path.parent.mkdir(parents=True)
    path.write_text("[spending", encoding="utf-8")
    async with running(tmp_path / "config.toml") as bench:
        await opened(bench)
        await bench.sees("preferences.toml can't be read: line 1", "The default preferences hold.")
        await bench.press("tab")
        await bench.type("3")
        await bench.press("enter")
        await bench.sees("not saved")
    assert path.read_text(encoding="utf-8") == "[spending"


def text_file(path: Path) -> None:
    path.write_bytes(b"no database at all" * 100)


def directory(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize(
    ("spoil", "words"), [(text_file, "was damaged. It is kept as"), (directory, "Check its rights and its disk")]
)
async def test_a_ledger_that_can_not_be_read_is_told_and_the_page_works(
    tmp_path: Path, spoil: Callable[[Path], None], words: str
) -> None:
    path = Ledger().path
    path.parent.mkdir(parents=True)
    spoil(path)
    async with running(tmp_path / "config.toml") as bench:
        await opened(bench)
        await bench.sees(words, "Spending limits")
        await bench.press("f2")
        await bench.sees("LLM Provider")


async def test_a_model_name_from_the_ledger_is_text(tmp_path: Path) -> None:
    Ledger().add(entry(model="openai/[bold]x[/]\x1b[2J"))
    async with running(tmp_path / "config.toml") as bench:
        await opened(bench)
        await bench.sees("openai/[bold]x[/]␛[2J")
