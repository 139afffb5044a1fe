"""F4 in the first moments, while the chat is still being made."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.app.fakes import Bench, running
from tests.app.fakes import chat as quick_chat
from tui.config.resolve import Resolved
from tui.widgets.chat_pane import ChatPane
from tui.widgets.prompt import Prompt

SIZES = [(60, 20), (120, 40)]


class Gate:
    """Makes chats that are not mounted before the gate opens."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.opened = asyncio.Event()

    def chat(self, settings: Callable[[], Mapping[str, Resolved]]) -> ChatPane:
        gate = self

        class SlowChat(ChatPane):
            async def _compose(self) -> None:
                gate.reached.set()
                await gate.opened.wait()
                await super()._compose()

        return SlowChat(quick_chat(settings)._backend, settings)


def prompted(bench: Bench) -> str:
    """What stands in the prompt, once there is one."""
    return next((prompt.text for prompt in bench.main.query(Prompt)), "")


@pytest.mark.parametrize("size", SIZES)
async def test_f4_before_anything_is_there_ends_in_the_prompt(tmp_path: Path, size: tuple[int, int]) -> None:
    async with running(tmp_path / "config.toml", size=size, early=["f4", "h", "i"]) as bench:
        await bench.until(lambda: prompted(bench) == "hi")
        assert bench.main.query_one(ChatPane).prompt.has_focus
        assert bench.main.tab == "chat"


@pytest.mark.parametrize("size", SIZES)
async def test_f4_while_the_chat_is_being_made_waits_for_its_prompt(tmp_path: Path, size: tuple[int, int]) -> None:
    gate = Gate()
    async with running(tmp_path / "config.toml", size=size, pane=gate.chat) as bench:
        await gate.reached.wait()
        for key in ("f4", "h", "i"):
            bench.send(key)
        for _ in range(100):  # F4 gets its turn; a pilot would wait for the chat
            await asyncio.sleep(0)
        gate.opened.set()
        await bench.until(lambda: prompted(bench) == "hi")
        assert bench.main.query_one(ChatPane).prompt.has_focus
        assert len(bench.main.query(ChatPane)) == 1


async def test_who_goes_back_to_the_form_meanwhile_stays_there(tmp_path: Path) -> None:
    gate = Gate()
    async with running(tmp_path / "config.toml", size=(60, 20), pane=gate.chat) as bench:
        await gate.reached.wait()
        for key in ("f4", "f2"):
            bench.send(key)
        gate.opened.set()
        await bench.until(lambda: bench.main.query(Prompt))
        await bench.settle()
        assert bench.main.tab == "settings"
        assert bench.main._focused_row() is bench.main.settings.provider_row
