"""Keys that come faster than they have their effect, as over a slow link."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input

from tests.app.fakes import running
from tui.widgets.line_input import LineInput

pytestmark = pytest.mark.contract


async def test_a_letter_after_backspace_is_not_the_one_that_goes(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml") as bench:
        await bench.go_to("base_url")
        for key in ("a", "b", "backspace", "c", "left", "d"):
            bench.send(key)
        await bench.settle()
        assert bench.row("base_url").query_one(Input).value == "adc"


async def test_a_letter_after_an_arrow_goes_into_the_next_field(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml") as bench:
        await bench.go_to("num_retries")
        for key in ("7", "down", "8", "down", "9", "0"):
            bench.send(key)
        await bench.settle()
        shown = [bench.row(name).query_one(Input).value for name in ("num_retries", "retry_min_wait", "retry_max_wait")]
        assert shown == ["7", "8", "90"]
        assert [bench.main.workspace.resolved()[name].value for name in ("num_retries", "retry_min_wait")] == [7, 8]


async def test_a_field_that_goes_away_with_a_key_in_it_does_not_keep_the_next_ones(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml") as bench:
        field = LineInput()
        await bench.main.mount(field)
        field.focus()
        await bench.settle()
        bench.send("home")
        await field.remove()
        await bench.go_to("base_url")
        bench.send("x")
        await bench.until(lambda: bench.row("base_url").query_one(Input).value == "x")
