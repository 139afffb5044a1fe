"""Text from outside is text: it neither crashes the app nor reaches the terminal raw."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult

from tests.chat.fakes import Step
from tests.widgets.chat_host import ChatHost, ended, say, screen, until
from tui.llm.events import Delta, Failed, Finished, Usage
from tui.text import visible
from tui.widgets.line_input import LineInput

pytestmark = pytest.mark.contract

HOSTILE = [
    "\x1b]52;c;aGVsbG8=\x07",
    "\x9b31mred\x9d",
    "[/]",
    "[",
    "[@click=app.quit]x[/]",
    "[bold",
    "# [/] heading [@click=app.quit]\n",
    "```[/]\n[/red]\n```\n",
    "```\x1b[31m\ncode\n```\n",
    "| [/] | \x1b |\n|---|---|\n| [@click=app.bell]a[/] | b |\n\n",
    "> " * 60 + "deep\n",
    "1. " * 30 + "deep\n",
    "- [ ] task\n- [/] x\n",
    "[x](javascript:alert(1)) ![y](http://z.example/'\")\n",
    "[a]: b\n[a]\n",
    "<script>alert(1)</script>",
    "\u202eevil\u2066\U000e0041\ud800\x00",
    "a\u0301" * 50,
    "\r\n\r\r\n\x0b\x0c\x1c\u2028",
    "# 🎉\n## \n###### -\n",
    "999999999999. x\n",
]


@pytest.mark.parametrize("text", HOSTILE)
async def test_no_answer_or_error_crashes_the_app_or_reaches_the_terminal_raw(text: str) -> None:
    def whole(turn: str) -> list[Step]:
        texts = [Delta(id=turn, text=text), Delta(id=turn, text=text, thinking=True)]
        return [*texts, Finished(id=turn, usage=Usage())]

    def piecemeal(turn: str) -> list[Step]:
        return [*(Delta(id=turn, text=char) for char in text), Finished(id=turn, usage=Usage())]

    def failing(turn: str) -> list[Step]:
        return [Failed(id=turn, cause="server", message=text, detail=text * 9)]

    app = ChatHost()
    app.parts.worker.plays(whole, piecemeal, failing)
    async with app.run_test(size=(60, 60)) as pilot:
        for turn in range(3):
            await say(pilot, "hi")
            await ended(pilot, turn + 1)
        await pilot.pause()
        shown = screen(app)
        assert app.is_running
        assert visible(shown) == shown
        assert [turn.reply for turn in app.pane.conversation.turns[:2]] == [visible(text.replace("\r", ""))] * 2


async def test_a_hostile_prompt_is_shown_harmless_and_sent_as_it_is() -> None:
    app = ChatHost()
    app.parts.worker.plays(lambda turn: [Finished(id=turn, usage=Usage())])
    async with app.run_test() as pilot:
        app.pane.prompt.text = "[/]\x1b[31m"
        await pilot.press("enter")
        await ended(pilot)
        assert "> [/]␛[31m" in screen(app)
        assert app.parts.worker.asks[0].messages[0].content == "[/]\x1b[31m"


async def test_a_link_in_an_answer_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    app = ChatHost()
    opened: list[str] = []
    monkeypatch.setattr(app, "open_url", opened.append)
    app.parts.worker.plays(
        lambda turn: [Delta(id=turn, text="[x](http://a.example)"), Finished(id=turn, usage=Usage())]
    )
    async with app.run_test() as pilot:
        await say(pilot, "hi")
        await until(pilot, lambda: bool(app.query("Prose")))
        await pilot.click("Prose", offset=(0, 0))
        await until(pilot, lambda: "Links are not opened from here: http://a.example" in screen(app))
        assert opened == []


class _Form(App[None]):
    def get_theme_variable_defaults(self) -> dict[str, str]:
        return {"faint": "#888888"}

    def compose(self) -> ComposeResult:
        yield LineInput()


async def test_a_value_in_a_field_shows_what_nobody_would_see() -> None:
    app = _Form()
    async with app.run_test() as pilot:
        field = app.query_one(LineInput)
        field.put("a\x1b[31m\u202eb\tc", "")
        await pilot.pause()
        assert screen(app).startswith("a␛[31m�b c")
        await pilot.press("end", "x")
        assert field.value == "a\x1b[31m\u202eb\tcx"
        assert field.cursor_screen_offset.x == len(field.value) + 1
