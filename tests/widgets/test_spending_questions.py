"""The spending limits in the chat and in the check-up page: the same question, the same buttons."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from textual.app import App, ComposeResult

from tests.chat.fakes import settings
from tests.checkup.checking import GOOD
from tests.usage.test_accounting import Bench, played, text
from tests.widgets.chat_host import ChatHost, ended, said, say, screen, until
from tui.screens.checkup import CheckupPage
from tui.widgets.approval import Approval


def host(bench: Bench) -> ChatHost:
    bench.parts.backend = bench.backend
    return ChatHost(bench.parts)


@pytest.mark.parametrize(("keys", "sent"), [(("right", "enter"), True), (("enter",), False)])
async def test_a_prompt_that_may_pass_the_limit_asks_and_a_yes_sends_it(
    tmp_path: Path, keys: tuple[str, ...], *, sent: bool
) -> None:
    bench = Bench(tmp_path)
    bench.limit("session_usd = 0.5")
    bench.parts.worker.plays(*[GOOD["model"]] * sent)
    app = host(bench)
    async with app.run_test(size=(80, 24)) as pilot:
        await say(pilot, "hi")
        await said(pilot, "This may cost up to $1.00")
        await said(pilot, "A yes allows up to $1.00 for this session.")
        app.clock.now_s += 1
        await pilot.press(*keys)
        await ended(pilot)
        assert len(bench.parts.worker.asks) == sent
        assert ("Raise the limit in Usage (F6), or send again and say yes." in " ".join(screen(app).split())) != sent
        assert app.pane.prompt.has_focus


async def test_an_answer_that_passes_the_limit_keeps_its_text_and_says_why_it_ended(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    gate = asyncio.Event()
    bench.parts.worker.plays(played(text("more than two "), lambda _: gate, text("never")))
    app = host(bench)
    async with app.run_test(size=(80, 24)) as pilot:
        await say(pilot, "hi")
        await ended(pilot)
        words = " ".join(screen(app).replace("▌", " ").split())
        assert "more than two" in words
        assert "has reached your limit of $2.00" in words
        assert "incomplete" in words
        assert "~$4.00" in words


class PageHost(App[None]):
    """Nothing but the check-up page."""

    def __init__(self, page: CheckupPage) -> None:
        super().__init__()
        self.page = page

    def compose(self) -> ComposeResult:
        yield self.page


async def test_the_check_up_asks_once_before_it_starts(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.parts.worker.plays(*GOOD.values())
    far = settings({"model": "openai/gpt-4o", "base_url": "http://127.0.0.1:9/v1"})
    now_s = [0.0]
    page = CheckupPage(bench.backend, lambda: far, {}, clock=lambda: now_s[0])
    async with PageHost(page).run_test(size=(100, 60)) as pilot:
        await page.enter()
        await pilot.press("enter")
        await until(pilot, lambda: bool(page.query(Approval)))
        assert "This may cost up to" in screen(pilot.app)
        now_s[0] += 1
        await pilot.press("right", "enter")
        await until(pilot, lambda: not page.busy)
        assert len(bench.parts.worker.asks) == len(GOOD)
        assert not page.query(Approval)
