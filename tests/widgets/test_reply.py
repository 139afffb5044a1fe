"""What it costs to show a streamed answer."""

from __future__ import annotations

import asyncio
import time

import pytest
from textual.app import App, ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from tests.widgets.chat_host import screen, until
from tui.widgets.markdown.prose import Prose
from tui.widgets.reply import Reply

PROSE = "The quick brown fox jumps over the lazy dog, and **then** it rests. " * 6 + "\n\n"
CODE = "```python\n" + "def f(x):\n    return x + 1\n" * 200 + "```\n"
ITEMS = "".join(f"- item {number} with some words\n" for number in range(40)) + "\n"
DELTAS = 2_000


class ReplyHost(App[None]):
    def compose(self) -> ComposeResult:
        with VerticalScroll():
            yield Reply()

    @property
    def reply(self) -> Reply:
        return self.query_one(Reply)


async def cpu_s(text: str, deltas: int) -> float:
    """CPU seconds for so many deltas of four characters, some 800 of them each second."""
    whole = (text * (deltas * 4 // len(text) + 1))[: deltas * 4]
    app = ReplyHost()
    async with app.run_test(size=(60, 24)) as pilot:
        await pilot.pause()
        began_s = time.process_time()
        for at in range(0, len(whole), 4):
            app.reply.take(whole[at : at + 4])
            if at % 32 == 0:
                await asyncio.sleep(0.01)
        await app.reply.finish()
        spent_s = time.process_time() - began_s
        assert app.reply.text == whole
    return spent_s


async def whole_s(text: str, deltas: int) -> float:
    """CPU seconds for the same text shown at once, the least that it can cost."""
    app = ReplyHost()
    async with app.run_test(size=(60, 24)) as pilot:
        await pilot.pause()
        began_s = time.process_time()
        app.reply.take((text * (deltas * 4 // len(text) + 1))[: deltas * 4])
        await app.reply.finish()
        await pilot.pause()
        return time.process_time() - began_s


@pytest.mark.parametrize("text", [PROSE, CODE, ITEMS], ids=["prose", "code", "list"])
async def test_two_thousand_deltas_cost_little_more_than_their_text(text: str) -> None:
    at_once_s = await whole_s(text, DELTAS)  # also loads what highlighting needs
    assert await cpu_s(text, DELTAS) < 10 * at_once_s + 3


async def test_an_open_fence_is_plain_text_until_it_closes() -> None:
    app = ReplyHost()
    async with app.run_test() as pilot:
        app.reply.take("Look:\n\n```python\nx = 1\n")
        await until(pilot, lambda: "```python" in screen(app))
        assert not app.query("Fence")
        app.reply.take("```\n")
        await until(pilot, lambda: "```" not in screen(app) and "x = 1" in screen(app))
        assert app.query("Fence")


async def test_a_long_answer_is_one_widget_and_a_flat_one_too() -> None:
    app = ReplyHost()
    async with app.run_test() as pilot:
        app.reply.take(PROSE * 20)
        await app.reply.finish()
        assert len(app.query(Prose)) == 1
        await app.reply.flatten()
        await pilot.pause()
        assert not app.query(Prose)
        assert len(app.reply.query(Static)) == 1


async def test_finishing_shows_what_is_still_held() -> None:
    app = ReplyHost()
    async with app.run_test() as pilot:
        app.reply.take("```\nnever closed")
        await app.reply.finish()
        await pilot.pause()
        assert app.query("Fence")


async def test_html_is_shown_instead_of_swallowed() -> None:
    app = ReplyHost()
    async with app.run_test() as pilot:
        app.reply.take("Use <div> and\n\n<table>\n")
        await app.reply.finish()
        await until(pilot, lambda: "Use <div> and" in screen(app) and "<table>" in screen(app))
