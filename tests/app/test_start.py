"""What the first paint costs: styles read once, a layout that fits at once, and nothing made that nobody sees yet."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest
from textual.css.stylesheet import Stylesheet
from textual.geometry import Size
from textual.screen import Screen
from textual.widgets import Button, OptionList

from tests.app.fakes import FakeKeys, running
from tui.config.resolve import Resolved
from tui.config.secret import Secret
from tui.screens.keys import LateKeys
from tui.screens.main import MainScreen
from tui.widgets.key_row import KeyState


async def test_the_styles_are_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    again = 0
    reparse = Stylesheet.reparse

    def counted(sheet: Stylesheet) -> None:
        nonlocal again
        again += 1
        reparse(sheet)

    monkeypatch.setattr(Stylesheet, "reparse", counted)
    async with running(tmp_path / "c.toml", theme="light") as bench:
        assert again == 0
        assert bench.app.screen.styles.background.hex.lower() == "#f8f7f4"


@pytest.mark.parametrize(
    ("size", "classes"),
    [((80, 24), {"-narrow", "-high"}), ((120, 40), {"-wide", "-tall"}), ((60, 20), {"-narrow", "-low"})],
)
async def test_the_first_layout_knows_the_terminals_size(
    size: tuple[int, int], classes: set[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known: list[set[str]] = []
    lay_out = Screen._refresh_layout

    def noted(screen: Screen[object], size: Size | None = None, scroll: bool = False) -> None:  # noqa: FBT001, FBT002  # Textual's
        if isinstance(screen, MainScreen) and screen.query("#settings"):
            known.append(set(screen.classes))
        lay_out(screen, size, scroll)

    monkeypatch.setattr(Screen, "_refresh_layout", noted)
    async with running(tmp_path / "c.toml", size=size) as bench:
        assert known[0] >= classes
        assert bench.main.classes >= classes


async def test_a_list_that_nobody_opened_and_a_banner_that_nobody_needs_are_not_made(tmp_path: Path) -> None:
    async with running(tmp_path / "c.toml") as bench:
        assert not bench.main.query("#settings OptionList, #banner Button")
        await bench.go_to("model")
        await bench.press("enter")
        await bench.until(lambda: bench.main.query("#settings OptionList"))
        assert bench.main.query("#settings OptionList").first(OptionList).display
        assert not bench.main.query("#banner").first().query(Button)


async def test_keys_are_made_when_the_first_one_is_held_or_looked_for() -> None:
    made: list[FakeKeys] = []

    def make() -> FakeKeys:
        made.append(FakeKeys())
        return made[-1]

    keys, resolved = LateKeys(make), dict[str, Resolved]()
    assert not keys.waiting(resolved)
    assert not made
    keys.hold(resolved, Secret("sk-typed"))
    assert keys.waiting(resolved) == "host.example"
    assert len(made) == 1


async def test_a_key_is_looked_for_after_what_is_imported_for_it(tmp_path: Path) -> None:
    order: list[str] = []

    class Noting(FakeKeys):
        async def look(self, resolved: Mapping[str, Resolved]) -> KeyState:
            order.append("looked")
            return await super().look(resolved)

    async def import_late() -> None:
        await asyncio.sleep(0)
        order.append("imported")

    async with running(tmp_path / "c.toml", keys=Noting(), import_late=import_late) as bench:
        await bench.until(lambda: "looked" in order)
    assert order[:2] == ["imported", "looked"]
