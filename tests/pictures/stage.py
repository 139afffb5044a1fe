"""The app as it is put up for a picture: on a fixed file, with a fixed clock and a scripted worker."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Final

import msgspec
from textual.app import App
from textual.pilot import Pilot

from tests.app.fakes import FakeKeys
from tests.chat.fakes import FakeKeys as FakeVault
from tests.chat.fakes import FakeModels as NoModels
from tests.chat.fakes import ScriptedWorker
from tests.checkup.checking import GOOD, says
from tests.pictures.spent import month
from tui.app import LLMBackendsApp, Services
from tui.checkup.outcome import StageName
from tui.config import storage
from tui.config.resolve import Resolved
from tui.config.secret import Secret
from tui.config.workspace import Workspace
from tui.llm.events import (
    Ask,
    Attempting,
    Delta,
    Finished,
    Retrying,
    TurnEvent,
    Usage,
)
from tui.llm.refusals import no_key
from tui.llm.request_context import Situation
from tui.llm.retry import schedule
from tui.request.backend import Backend
from tui.screens.catalogue_models import CatalogueModels
from tui.screens.checkup import CheckupPage
from tui.screens.compare import ComparePage
from tui.screens.usage import UsagePage
from tui.theme import LIGHT
from tui.vault.vault import FoundKey
from tui.widgets.chat_pane import ChatPane
from tui.widgets.key_row import KeyState

TODAY: Final = date(2026, 11, 1)
WIDE: Final = (120, 34)
TALL: Final = (120, 42)
SMALL: Final = (80, 24)

CONFIG: Final = """\
# The agent of this project. Ask before you change it.
[core]
workspace_base = "./workspace"

[llm]
# what does the work
model = "openai/gpt-4o"
temperature = 0.2      # a little freedom helps with names
num_retries = 4
retry_max_wait = 60

[llm.cheap]
# what summarises
model = "deepseek/deepseek-chat"
"""
ANSWER: Final = """\
A **monad** is a type with two operations: one puts a plain value in,
the other chains a function that gives such a type.

```python
def chain(value, step):
    return None if value is None else step(value)
```
"""

Script = Callable[[Ask], Sequence[TurnEvent]]
USAGE: Final = Usage(input_tokens=19, output_tokens=88, cost_usd=0.00093, first_token_s=0.41, total_s=1.86, attempts=1)


def answers(ask: Ask) -> Sequence[TurnEvent]:
    """The model answers."""
    return (
        Attempting(id=ask.id, attempt=1, of=5),
        Delta(id=ask.id, text=ANSWER),
        Finished(id=ask.id, usage=USAGE),
    )


def differs(ask: Ask) -> Sequence[TurnEvent]:
    """Two models answer, one faster and dearer than the other."""
    dear = "gpt" in ask.settings.model
    told = (0.41, 1.86, 0.00093) if dear else (0.92, 4.31, 0.00004)
    usage = msgspec.structs.replace(USAGE, first_token_s=told[0], total_s=told[1], cost_usd=told[2])
    text = ANSWER if dear else ANSWER.partition("\n\n")[0]
    return (Attempting(id=ask.id, attempt=1, of=5), Delta(id=ask.id, text=text), Finished(id=ask.id, usage=usage))


def limits(ask: Ask) -> Sequence[TurnEvent]:
    """The provider limits the rate."""
    reason = "rate limited (429)"
    return (
        Attempting(id=ask.id, attempt=1, of=5),
        Retrying(id=ask.id, attempt=2, of=5, wait_s=12.0, status=429, reason=reason, asked_s=12.0),
    )


def refuses(ask: Ask) -> Sequence[TurnEvent]:
    """The provider does not know the key."""
    situation = Situation(settings=ask.settings, provider="openai", has_key=True, secrets=())
    trouble = msgspec.structs.replace(
        no_key("api.openai.com", situation), status=401, detail="Incorrect API key provided."
    )
    return (
        Attempting(id=ask.id, attempt=1, of=5),
        trouble.failed(ask.id, Usage(attempts=1, total_s=0.31), partial=False),
    )


def passes_most(ask: Ask) -> Sequence[TurnEvent]:
    """A small model: it answers, but does not call tools."""
    stage: StageName = (
        "vision"
        if ask.messages[-1].images
        else "tools"
        if ask.tools
        else "json"
        if ask.response_format
        else "stream"
        if ask.stream
        else "model"
    )
    play = says("It is 21 degrees in Paris.") if stage == "tools" else GOOD[stage]
    return [event for event in play(ask.id) if isinstance(event, Delta | Finished)]


class StoredKey(FakeKeys):
    """A key in the keyring."""

    async def look(self, resolved: Mapping[str, Resolved]) -> KeyState:  # noqa: ARG002
        return KeyState(kind="found", origin="keyring", host="api.openai.com")


class Scene(msgspec.Struct, frozen=True):
    """One picture."""

    act: Callable[[Pilot[None]], Awaitable[None]]
    """The keys that lead there."""
    script: Script = answers
    size: tuple[int, int] = SMALL
    light: bool = False
    config: str | None = CONFIG
    """What the file holds; None: there is none."""


@asynccontextmanager
async def shown(home: Path, scene: Scene) -> AsyncGenerator[Pilot[None], None]:
    """The app on the sample file, with the form filled and the catalogue read."""
    path = home / "agent" / "config.toml"
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    if scene.config is not None:
        path.write_text(scene.config, encoding="utf-8")  # a few bytes, before the app runs
    vault = FakeVault(FoundKey(secret=Secret("none"), source="keyring"))
    backend = Backend(vault, NoModels(), ScriptedWorker(scene.script), {})
    services = Services(
        keys=StoredKey(),
        models=CatalogueModels(lambda: TODAY),
        schedule=schedule,
        chat=lambda settings: ChatPane(backend, settings, clock=lambda: 0.0),
        pages={
            "checkup": lambda screen: CheckupPage(backend, screen.workspace.resolved, {}, clock=lambda: 0.0),
            "compare": lambda screen: ComparePage(backend, screen.workspace, clock=lambda: 0.0),
            "usage": lambda _screen: UsagePage(month(home, TODAY)),
        },
        built_in=dict,
    )
    app = LLMBackendsApp(Workspace(storage.opened(path), {}), services)
    async with app.run_test(size=scene.size) as pilot:
        if scene.light:
            app.theme = LIGHT.name
        await until(pilot, lambda: app.main.query(ChatPane) and (scene.config is None or "128k" in text_of(app)))
        await until(pilot, lambda: app.main.problems.found is not None)
        yield pilot


def text_of(app: App[None]) -> str:
    """What is on the screen."""
    return "\n".join("".join(part.text for part in strip) for strip in app.screen._compositor.render_strips())


async def until(pilot: Pilot[None], condition: Callable[[], object]) -> None:
    """Wait for a condition, ten seconds at most."""
    for _ in range(1000):
        if condition():
            return
        await pilot.pause(0.01)
    raise AssertionError(f"it did not come; the screen shows:\n{text_of(pilot.app)}")
