"""What surrounds the form: sizes, tabs, help, palette, leaving, crashes, what reaches the terminal."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.segment import Segment
from textual import work
from textual.color import Color
from textual.screen import ModalScreen, Screen
from textual.theme import BUILTIN_THEMES, Theme
from textual.widgets import Input
from textual.worker import WorkerFailed, WorkerState

from tests.app.fakes import FakeKeys, running
from tui.app import LLMBackendsApp
from tui.config.errors import StorageError
from tui.screens.help import HelpScreen
from tui.theme import DARK, LIGHT, own_variables
from tui.widgets.chat_pane import ChatPane
from tui.widgets.clean import ControlFilter, clean

LOCAL = '[llm]\nmodel = "ollama_chat/llama3"\n'
SIZES = [(120, 40), (80, 24), (60, 20)]


@pytest.mark.parametrize("size", SIZES)
async def test_all_of_settings_is_visible_without_scrolling(tmp_path: Path, size: tuple[int, int]) -> None:
    async with running(tmp_path / "config.toml", size=size) as bench:
        await bench.sees("LLM Provider", "LLM Model", "API Key", "Profile", "facts of", "^s", "^q", "F3")
        assert bench.main.settings.max_scroll_y == 0


async def test_the_chat_is_beside_the_form_when_wide_and_a_tab_when_narrow_and_always_the_same(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml") as bench:
        pane = bench.main.query_one(ChatPane)
        await bench.sees("Ask the model")
        await bench.pilot.resize_terminal(80, 24)
        await bench.until(lambda: "Ask the model" not in bench.text)
        await bench.press("f4")
        await bench.sees("Ask the model")
        assert "LLM Provider" not in bench.text
        await bench.type("hi/there")
        await bench.pilot.resize_terminal(130, 30)
        await bench.sees("LLM Provider", "hi/there")
        await bench.pilot.resize_terminal(80, 24)
        await bench.sees("hi/there")
        await bench.press("f2")
        await bench.sees("LLM Provider")
        assert bench.main.query_one(ChatPane) is pane


async def test_advanced_is_made_when_it_is_first_asked_for(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml") as bench:
        assert not bench.main.query("AdvancedPage")
        await bench.press("f3")
        await bench.sees("Base URL")


async def test_a_slash_goes_to_the_filter_unless_it_is_typed_into_a_field(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml") as bench:
        bench.main.settings.go_to(bench.main.settings.profile_row)
        await bench.press("slash")
        await bench.until(lambda: getattr(bench.app.focused, "id", "") == "filter")


async def test_help_shows_the_field_and_every_key(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml") as bench:
        await bench.go_to("timeout")
        await bench.press("f1")
        await bench.sees("LLM_TIMEOUT", "Show the change of the file and save it")
        await bench.press("f1")
        await bench.until(lambda: not isinstance(bench.app.screen, HelpScreen))


async def test_the_palette_finds_fields_by_name(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml") as bench:
        await bench.press("ctrl+p")
        await bench.type("shortest")
        await bench.sees("Field: Shortest wait")
        await bench.press("enter")
        await bench.sees("LLM_RETRY_MIN_WAIT")


async def test_leaving_with_unsaved_edits_asks_once(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml") as bench:
        await bench.replace("timeout", "60")
        await bench.press("ctrl+q")
        await bench.sees("1 unsaved edit", "Save and quit")
        await bench.press("escape")
        await bench.until(lambda: len(bench.app.screen_stack) == 1)
        assert bench.app.is_running
        await bench.press("ctrl+q")
        await bench.sees("Save and quit")
        await bench.press("enter")
        await bench.sees("+timeout = 60")
        await bench.press("enter")
        await bench.until(lambda: not bench.app.is_running or "timeout = 60" in bench.path.read_text())


async def test_leaving_twice_leaves_at_once_whatever_is_open_and_hangs(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml", keys=FakeKeys(hangs=True)) as bench:
        await bench.replace("timeout", "60")
        await bench.press("ctrl+s")
        await bench.sees("+timeout = 60")
        await bench.pilot.press("ctrl+q", "ctrl+q")
        await bench.until(lambda: bench.app._exit)
    assert "timeout = 60" not in bench.path.read_text()


@given(st.text(alphabet=st.characters()))
def test_no_line_leaves_the_app_with_a_control_character(text: str) -> None:
    out = "".join(segment.text for segment in ControlFilter().apply([Segment(text)], Color(0, 0, 0)))
    assert out == clean(text).replace("\t", "").replace("\n", "")
    assert not any((ord(letter) < 32 and letter not in "\t\n") or 0x7F <= ord(letter) < 0xA0 for letter in out)
    assert not set(out) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    assert not any(0xE0000 <= ord(letter) < 0xE0080 for letter in out)


async def test_every_widget_passes_the_filter(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml") as bench:
        assert any(isinstance(item, ControlFilter) for item in bench.app.get_line_filters())
        bench.main.query_one("#facts").update("a\x1b]52;c;eA==\x07b")  # type: ignore[attr-defined]  # it is a Static
        await bench.sees("a]52;c;eA==b")


async def test_a_crash_shows_no_local_variable(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    apps: list[LLMBackendsApp] = []

    async def crash() -> None:
        async with running(tmp_path / "config.toml") as bench:
            apps.append(bench.app)
            _crash(bench.app, "canary-in-a-local")
            await bench.pilot.pause()

    with pytest.raises(ZeroDivisionError):
        await crash()
    assert apps[0].return_code == 1
    printed = "".join(capsys.readouterr())
    assert "ZeroDivisionError" in printed
    assert "canary-in-a-local" not in printed


class _Fails(ModalScreen[None]):
    """Its work is done when `when` says so, and finds no place to show it."""

    def __init__(self, when: Callable[[Screen[None]], bool]) -> None:
        super().__init__()
        self._when = when

    @work
    async def on_mount(self) -> None:
        while not self._when(self):  # noqa: ASYNC110  # what it waits for tells nobody
            await asyncio.sleep(0)
        self.query_one("#not-there")


async def test_what_comes_too_late_for_a_screen_that_closes_is_no_crash(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml") as bench:
        screen = _Fails(lambda screen: screen._pruning)
        await bench.app.push_screen(screen)
        (worker,) = (one for one in bench.app.workers if one.node is screen)
        await screen.dismiss()
        assert worker.state is WorkerState.ERROR
        await bench.press("f2")
        await bench.sees("Settings")


async def test_what_fails_on_a_screen_that_stays_is_a_crash(tmp_path: Path) -> None:
    async def crash() -> None:
        async with running(tmp_path / "config.toml") as bench:
            await bench.app.push_screen(_Fails(lambda screen: screen.is_running))
            await bench.until(lambda: bench.app.return_code is not None)

    with pytest.raises(WorkerFailed):
        await crash()


def _crash(app: LLMBackendsApp, key: str) -> None:
    try:
        len(key) / 0
    except ZeroDivisionError as error:
        app._handle_exception(error)


async def test_the_palette_begins_with_what_is_used_most(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml") as bench:
        await bench.press("ctrl+p")
        await bench.sees("Save", "Go to Advanced")
        assert bench.text.index("Save") < bench.text.index("Go to Advanced")
        assert "Discard" not in bench.text


async def test_what_is_typed_before_the_first_field_is_there_arrives_in_it(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml", early="open") as bench:
        provider = bench.main.settings.provider_row.query_one(Input)
        await bench.until(lambda: provider.value == "open")
        await bench.type("ai")
        await bench.press("enter")
        await bench.sees("choose a model of Openai")


async def test_esc_and_retry_reach_the_chat_from_the_form(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml", config=LOCAL) as bench:
        pane = bench.main.query_one(ChatPane)
        assert "esc Stop" not in bench.text
        await bench.press("f4")
        await bench.until(lambda: pane.prompt.has_focus)
        await bench.type("hi")
        await bench.press("enter")
        await bench.until(lambda: pane.busy)
        await bench.press("f2")
        await bench.sees("esc Stop")
        await bench.press("enter")  # opens the list of providers: esc closes that first
        await bench.press("escape")
        assert pane.busy
        await bench.press("escape", "escape")  # the fake worker tells of no end: the second esc does not wait for it
        await bench.until(lambda: not pane.busy)
        await bench.sees("^r Retry")
        await bench.press("ctrl+r")
        await bench.until(lambda: pane.busy)


@pytest.mark.parametrize(
    ("key", "word", "says"),
    [
        ("ctrl+r", "^r Retry", "nothing to retry"),
        ("ctrl+l", "^l Clear", "nothing to clear"),
        ("ctrl+o", "^o Copy", "no reply to copy"),
    ],
)
async def test_a_key_of_an_empty_chat_is_not_offered_and_still_says_why(
    tmp_path: Path, key: str, word: str, says: str
) -> None:
    async with running(tmp_path / "config.toml", config=LOCAL) as bench:
        await bench.press("f4")
        await bench.sees("Send", "^t Compare")
        assert word not in bench.text
        await bench.press(key)
        await bench.sees(says)


async def test_ctrl_c_says_what_leaves_the_app(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml") as bench:
        bench.main.settings.go_to(bench.main.settings.profile_row)
        await bench.press("ctrl+c")
        await bench.sees("Ctrl+Q leaves the app.")


async def test_the_schedule_is_whole_and_in_sight_while_its_fields_are_edited(tmp_path: Path) -> None:
    for size in SIZES:
        async with running(tmp_path / "config.toml", size=size) as bench:
            await bench.go_to("retry_multiplier")
            await bench.sees("1 try + 4 retries: wait 5, 5, 8, 16 s;", "34 s of", "waiting")


async def test_what_is_typed_right_after_a_key_that_goes_elsewhere_arrives_there(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml") as bench:
        for key in ("f4", *"hello", "ctrl+f", *"num_retries"):
            bench.send(key)
        await bench.sees("1 of ")
        assert bench.main.query_one(ChatPane).prompt.text == "hello"
        assert bench.main.query_one("#filter", Input).value == "num_retries"
        assert not bench.main.unsaved


@pytest.mark.parametrize("name", ["textual-light", "ansi-dark"])
async def test_other_themes_can_be_worn(tmp_path: Path, name: str) -> None:
    async with running(tmp_path / "config.toml") as bench:
        bench.app.theme = name
        await bench.press("f3")
        await bench.sees("Base URL", "default")


@pytest.mark.parametrize("theme", BUILTIN_THEMES.values(), ids=lambda theme: theme.name)
def test_our_colours_can_be_told_from_the_background_in_every_theme(theme: Theme) -> None:
    for text in own_variables(theme).values():
        colour, behind = Color.parse(text), Color.parse(theme.background or ("#121212" if theme.dark else "#efefef"))
        assert colour.ansi is not None or abs(colour.brightness - behind.brightness) > 0.2


async def test_a_theme_that_the_user_chooses_is_kept_under_the_name_that_the_preferences_use(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml") as bench:
        kept: list[str] = []
        bench.app._keep_theme = kept.append
        bench.app.theme = LIGHT.name
        await bench.until(lambda: kept == ["light"])
        bench.app.theme = "nord"
        await bench.until(lambda: kept == ["light", "nord"])


async def test_a_theme_that_can_not_be_kept_says_why(tmp_path: Path) -> None:
    def fails(_theme: str) -> None:
        raise StorageError("the disk is full.")

    async with running(tmp_path / "config.toml") as bench:
        bench.app._keep_theme = fails
        bench.app.theme = LIGHT.name
        await bench.sees("The theme holds until the app ends. the disk is full.")


@pytest.mark.parametrize(("theme", "worn"), [("light", LIGHT.name), ("nord", "nord"), ("no such", DARK.name)])
async def test_the_app_opens_in_the_theme_of_the_preferences(tmp_path: Path, theme: str, worn: str) -> None:
    async with running(tmp_path / "config.toml", theme=theme) as bench:
        assert bench.app.theme == worn
        if worn == DARK.name:
            await bench.sees("There is no theme no such.")
