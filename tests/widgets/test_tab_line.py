"""The tab line where there is little room."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult

from tui.screens.pages import TABS
from tui.theme import DARK
from tui.widgets.lines import TabLine


class Host(App[None]):
    """Nothing but the line, with every tab there can be."""

    def __init__(self) -> None:
        super().__init__()
        self.register_theme(DARK)
        self.theme = DARK.name

    def compose(self) -> ComposeResult:
        yield TabLine(TABS)


@pytest.mark.parametrize("width", [60, 80, 120])
async def test_every_tab_and_the_count_are_in_sight_whichever_is_active(width: int) -> None:
    async with Host().run_test(size=(width, 3)) as pilot:
        line = pilot.app.query_one(TabLine)
        line.count("problems", 12)
        for tab in TABS:
            line.active = tab.name
            text = line.render().plain
            assert len(text) <= width - 2
            assert all(f"{other.key} " in text for other in TABS)
            assert text.endswith(" 12")


async def test_a_count_of_a_hundred_or_more_is_cut_and_none_is_not_shown() -> None:
    async with Host().run_test(size=(120, 3)) as pilot:
        line = pilot.app.query_one(TabLine)
        line.count("problems", 4000, serious=True)
        assert line.render().plain.endswith("Problems 99+")
        line.count("problems", 0)
        assert line.render().plain.endswith("Problems")
