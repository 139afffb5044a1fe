"""A small app around the chat pane, over fakes, with a clock that only the test moves."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping

from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widgets import Static

from tests.chat.fakes import Parts, settings
from tui.config.resolve import Resolved
from tui.widgets.chat_pane import ChatPane
from tui.widgets.exchange import Exchange

WAIT_S = 30.0


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


class ChatHost(App[None]):
    """Nothing but the pane."""

    CSS = "ChatPane { height: 1fr; }"

    def __init__(self, parts: Parts | None = None, resolved: Mapping[str, Resolved] | None = None) -> None:
        super().__init__()
        self.parts = parts or Parts()
        self.clock = Clock()
        self.resolved = resolved or settings()
        self.copied: list[str] = []

    def compose(self) -> ComposeResult:
        yield ChatPane(self.parts.backend, lambda: self.resolved, clock=self.clock)

    def on_mount(self) -> None:
        self.pane.focus_prompt()

    @property
    def pane(self) -> ChatPane:
        return self.query_one(ChatPane)

    def copy_to_clipboard(self, text: str) -> None:
        self.copied.append(text)


async def until(pilot: Pilot[None], holds: Callable[[], bool]) -> None:
    """Let the app run until something holds."""
    end_s = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < end_s, f"not in {WAIT_S} s; the screen shows:\n{screen(pilot.app)}"
        await pilot.pause()
        await asyncio.sleep(0.01)


async def say(pilot: Pilot[None], prompt: str) -> None:
    """Type a prompt and send it."""
    for char in prompt:
        await pilot.press("space" if char == " " else char)
    await pilot.press("enter")


async def ended(pilot: Pilot[None], turns: int = 1) -> None:
    """Wait until so many turns have ended."""
    pane = pilot.app.query_one(ChatPane)
    await until(pilot, lambda: len(pane.conversation.turns) == turns and not pane.busy)


async def said(pilot: Pilot[None], words: str) -> None:
    """Wait until the screen shows the words."""
    await until(pilot, lambda: words in screen(pilot.app))


def screen(app: App[None]) -> str:
    """What the screen shows, as text."""
    strips = app.screen._compositor.render_strips()
    return "\n".join(strip.text.rstrip() for strip in strips)


def last(app: App[None]) -> Exchange:
    """The newest turn on the screen."""
    return app.query(Exchange).last()


def hint(app: App[None]) -> str:
    """The line above the prompt."""
    return str(app.query_one("#hint", Static).render())
