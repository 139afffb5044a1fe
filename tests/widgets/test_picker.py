"""The list under a field: what it shows of a long search, and what it takes of what was typed."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from textual import on
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widgets import OptionList

from tui.theme import DARK
from tui.widgets.picker import Picker
from tui.widgets.suggestion import MOST_SHOWN, Found, Suggestion

MANY = [Suggestion(f"p/m{number:03}", f"m{number:03}", group="served" if number < 2 else "") for number in range(120)]


class Host(App[None]):
    """A picker over many lines, and what it told."""

    def __init__(self) -> None:
        super().__init__()
        self.register_theme(DARK)
        self.theme = DARK.name
        self.opened = 0
        self.picked: list[str] = []

    def compose(self) -> ComposeResult:
        yield Picker(_search, free_text=True)

    @on(Picker.Opened)
    def _opened(self) -> None:
        self.opened += 1

    @on(Picker.Picked)
    def _picked(self, event: Picker.Picked) -> None:
        self.picked.append(event.value)


def _search(text: str) -> Found:
    return Found.among([line for line in MANY if text in line.title], text)


@asynccontextmanager
async def host() -> AsyncGenerator[tuple[Host, Picker, Pilot[None]], None]:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        app.query_one(Picker).input.focus()
        await pilot.pause()
        yield app, app.query_one(Picker), pilot


def prompts(picker: Picker) -> Sequence[str]:
    return [str(option.prompt).strip() for option in picker.query_one(OptionList).options]


async def test_the_first_lines_are_shown_under_their_groups_and_the_rest_is_counted() -> None:
    async with host() as (_, picker, pilot):
        await pilot.press("m")
        shown = prompts(picker)
        assert (shown[0], shown[3]) == ("served", "all others")
        assert shown[-1] == f"{120 - MOST_SHOWN} more: type to narrow"
        assert len(shown) == MOST_SHOWN + len(("served", "all others", "use “m” as it is", "… more"))


async def test_what_is_named_exactly_is_taken_as_listed_even_where_it_is_not_shown() -> None:
    """Free text that happens to be a listed title is that model."""
    found = Found.among(MANY, "m119")
    assert found.exact == "p/m119"
    assert all(line.value != "p/m119" for line in found.lines)
    async with host() as (app, picker, pilot):
        await pilot.press(*"m119")
        assert not any("as it is" in prompt for prompt in prompts(picker))
        picker.commit()
        await pilot.pause()
        assert app.picked == ["p/m119"]


async def test_a_name_that_is_not_listed_is_offered_as_it_is() -> None:
    async with host() as (_, picker, pilot):
        await pilot.press(*"m11")
        assert prompts(picker)[-1] == "use “m11” as it is"


async def test_opening_is_told_once_and_not_for_each_letter() -> None:
    """Whoever hears of it asks a server and searches again."""
    async with host() as (app, _, pilot):
        await pilot.press(*"m11")
        assert app.opened == 1
        await pilot.press("escape")
        await pilot.press("enter")
        assert app.opened == 2
