"""Point five, what a user does with the app: each action at random, and what then stands on the screen."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeAlias

import msgspec
from textual.widgets import Button

from tests.app.fakes import Bench
from tests.reliability.canaries import TYPED, leaked, leaked_picture
from tests.reliability.leaks_shared import Shared, any_reply
from tui.widgets.chat_pane import ChatPane

_PAGES: Final = (*(f"f{number}" for number in range(1, 10)), "ctrl+p")

Action: TypeAlias = Callable[["Run"], Awaitable[None]]


class Run(msgspec.Struct, kw_only=True):
    """One run of the app, and what was found in it so far."""

    bench: Bench
    chance: random.Random
    shared: Shared
    found: list[str]

    def look(self) -> None:
        """Search the screen, the clipboard and, every other time because it takes long, a picture of the screen."""
        self.found += [f"{key[:15]} on the screen" for key in leaked(self.bench.text)]
        if self.chance.random() < 0.5:  # a share
            self.found += [f"{key[:15]} in a picture" for key in leaked_picture(self.bench.app.export_screenshot())]
            self.shared.done["pictures"] += 1
        self.found += [f"{key[:15]} on the clipboard" for key in leaked(self.bench.app.clipboard)]


async def chat(run: Run) -> None:
    """Send a prompt, answer the question about the key, and look while the answer comes."""
    bench, chance = run.bench, run.chance
    says_yes = chance.random() < 0.7
    run.shared.server.script(*[any_reply(chance)] * 2)
    await bench.press("f4")
    await bench.type("hello")
    await bench.press("enter")
    for _ in range(60):
        if run.chance.random() < 0.2:
            run.look()
        await asyncio.sleep(0.02)
        if bench.app._exception or not bench.main.query_one(ChatPane).busy:
            return
        for button in bench.main.query("Approval #yes" if says_yes else "Approval #no").results(Button):
            button.press()
    await bench.main.query_one(ChatPane).action_stop()


async def _type_key(run: Run) -> None:
    settings = run.bench.main.settings
    await run.bench.press("f2")
    settings.go_to(settings.key_row)
    await run.bench.type(TYPED[: run.chance.choice((12, len(TYPED), len(TYPED)))])
    run.look()
    await run.bench.press(run.chance.choice(("enter", "tab", "ctrl+c", "up")))


async def _handle_key(run: Run) -> None:
    settings = run.bench.main.settings
    await run.bench.press("f2")
    settings.go_to(settings.key_row)
    await run.bench.press(run.chance.choice(("ctrl+k", "ctrl+l", "ctrl+o", "ctrl+c", "f1")))


async def _save(run: Run) -> None:
    await run.bench.press("ctrl+s")
    run.look()
    await run.bench.press(run.chance.choice(("enter", "enter", "escape")))


async def _edit(run: Run) -> None:
    await run.bench.replace(run.chance.choice(("timeout", "num_retries")), str(run.chance.randint(1, 90)))


async def _look_around(run: Run) -> None:
    for key in run.chance.sample(_PAGES, 4):
        await run.bench.press(key)
        run.look()
        if key in ("f1", "ctrl+p"):
            await run.bench.press("escape")


async def _copy(run: Run) -> None:
    await run.bench.press(run.chance.choice(("f4", "f5")), "ctrl+o")


async def _list(run: Run) -> None:
    await run.bench.go_to("model")
    await run.bench.press("enter")
    await asyncio.sleep(0.05)
    run.look()


async def _check_up(run: Run) -> None:
    run.shared.server.script(*[any_reply(run.chance)] * 3)
    await run.bench.press("f5", "enter")
    await asyncio.sleep(0.2)
    run.look()
    await run.bench.press("escape")


async def _undo(run: Run) -> None:
    await run.bench.press("ctrl+z")


ALL: Final[Sequence[Action]] = (
    chat, chat, chat, _type_key, _type_key, _handle_key, _save, _save, _edit, _look_around, _copy, _list,
    _check_up, _undo,
)  # fmt: skip
