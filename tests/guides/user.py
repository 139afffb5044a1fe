"""Somebody who follows a guide: the whole app over one worker, with its keys in this session only."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from tests.app.fakes import Bench, FakeKeys
from tui.app import LLMBackendsApp
from tui.cli.deferred_imports import LateParts
from tui.cli.parts import Parts, make_vault
from tui.cli.run import _services
from tui.config import storage
from tui.config.preferences import PreferencesFile
from tui.config.schema import FIELDS
from tui.config.workspace import Workspace
from tui.engine.client import Engine
from tui.local.runner import LocalModels
from tui.providers.guides import Guide
from tui.request.backend import Backend
from tui.usage.accounting import Books
from tui.usage.ledger import Ledger
from tui.widgets.chat_pane import ChatPane

WAIT_S = 20.0


class User:
    """What a person does with the keyboard and the clipboard."""

    def __init__(self, bench: Bench, pilot: Pilot[None]) -> None:
        self.bench = bench
        self._pilot = pilot

    async def follow(self, guide: Guide) -> None:
        """Enter what the guide says, from top to bottom, and nothing else."""
        for entry in guide.enter:
            await self.bench.go_to(entry.field)
            field = self.bench.app.focused
            assert field is not None
            if isinstance(field, Input) and field.value:
                await self.bench.press("ctrl+u")
            self.bench.app.post_message(events.Paste(entry.value))
            await self._pilot.pause()
            await self.bench.press("enter" if FIELDS[entry.field].secret else "tab")

    async def say_hello(self) -> str:
        """Ask the model, and wait for its whole answer."""
        await self.bench.press("f4")
        await self.bench.type("hello")
        await self.bench.press("enter")
        pane = self.bench.app.main.query_one(ChatPane)
        for _ in range(int(WAIT_S / 0.02)):
            if pane.conversation.turns and not pane.busy:
                return pane.conversation.turns[-1].reply
            await self._pilot.pause(0.02)
        raise AssertionError(f"no end of the turn; the screen shows:\n{self.bench.text}")


@asynccontextmanager
async def user(folder: Path, engine: Engine, env: Mapping[str, str]) -> AsyncIterator[User]:
    """The app on an empty file, with `engine` for its worker and no keyring."""
    path = folder / "config.toml"
    path.write_text("[core]\n[llm]\n", encoding="utf-8")  # a few bytes, before the app runs
    vault, local = make_vault(env), LocalModels()
    preferences = PreferencesFile()
    for limit in ("session_usd", "day_usd"):  # else a model whose price nobody knows is asked about
        preferences.set_limit(limit, None)
    books = Books(Ledger(), preferences)
    parts = Parts(vault, engine, local, Backend(vault, local, engine, env, books), books)
    app = LLMBackendsApp(Workspace(storage.read(path), env), _services(LateParts(lambda: parts), env, None))
    async with app.run_test(size=(140, 40), notifications=True) as pilot:
        bench = Bench(path, app, FakeKeys(), pilot)
        await bench.until(lambda: app.main.query(ChatPane) and app.main.models.loaded and app.focused, "the app")
        yield User(bench, pilot)
    await local.close()
