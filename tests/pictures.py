"""The pictures of `screenshots/`: the real app, on a fixed file, with a fixed clock and a scripted worker."""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Final

from textual.pilot import Pilot

from tests.app.fakes import FakeKeys
from tui.app import LLMBackendsApp, Services
from tui.chat.backend import Backend
from tui.config import storage
from tui.config.resolve import Resolved
from tui.config.schema import LLM
from tui.config.secret import Secret
from tui.config.workspace import Workspace
from tui.llm.events import Ask, Attempting, Delta, Finished, Listed, ListFailed, ListModels, Retrying, TurnEvent, Usage
from tui.llm.retry import schedule
from tui.screens.catalogue_models import CatalogueModels
from tui.screens.checkup import CheckupPage
from tui.vault.vault import FoundKey, Search, Wanted
from tui.widgets.chat_pane import ChatPane
from tui.widgets.key_row import KeyState

TODAY: Final = date(2026, 11, 1)
WIDE: Final = (120, 34)
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

Script = Sequence[Callable[[str], TurnEvent]]
USAGE: Final = Usage(input_tokens=19, output_tokens=88, cost_usd=0.00093, first_token_s=0.41, total_s=1.86, attempts=1)
ANSWERED: Final[Script] = (
    lambda turn: Attempting(id=turn, attempt=1, of=5),
    lambda turn: Delta(id=turn, text=ANSWER),
    lambda turn: Finished(id=turn, usage=USAGE),
)
LIMITED: Final[Script] = (
    lambda turn: Attempting(id=turn, attempt=1, of=5),
    lambda turn: Retrying(id=turn, attempt=2, of=5, wait_s=12.0, status=429, reason="rate limited (429)", asked_s=12.0),
)


class StoredKey(FakeKeys):
    """A key in the keyring."""

    async def look(self, resolved: Mapping[str, Resolved]) -> KeyState:  # noqa: ARG002
        return KeyState(kind="found", origin="keyring", host="api.openai.com")


class OneKey:
    """A vault with one key, which may go anywhere."""

    async def find(self, wanted: Wanted) -> Search:  # noqa: ARG002
        return Search(found=FoundKey(secret=Secret("none"), source="keyring"))

    async def approve(self, found: FoundKey, wanted: Wanted) -> None: ...


class NoLocalModel:
    """No built-in model."""

    def wants(self, settings: LLM) -> bool:  # noqa: ARG002
        return False

    async def ensure(self, settings: LLM, progress: Callable[[int, int], None]) -> None: ...


class ScriptedWorker:
    """Tells each turn the same events; one that does not end waits for ever."""

    ready = True

    def __init__(self, script: Script) -> None:
        self._script = script

    async def turn(self, ask: Ask, provider_env: Mapping[str, str] | None = None) -> AsyncGenerator[TurnEvent, None]:  # noqa: ARG002
        for make in self._script:
            event = make(ask.id)
            yield event
            if isinstance(event, Finished):
                return
        await asyncio.Event().wait()

    async def models(self, request: ListModels) -> Listed | ListFailed:
        return Listed(id=request.id, models=(), server="OpenAI-compatible")

    def retry_now(self, turn_id: str) -> None: ...
    def cancel(self, turn_id: str) -> None: ...


@asynccontextmanager
async def shown(home: Path, script: Script, size: tuple[int, int]) -> AsyncGenerator[Pilot[None], None]:
    """The app on the sample file, with the form filled and the catalogue read."""
    path = home / "agent" / "config.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(CONFIG, encoding="utf-8")  # a few bytes, before the app runs
    backend = Backend(OneKey(), NoLocalModel(), ScriptedWorker(script), {})
    services = Services(
        StoredKey(),
        CatalogueModels(lambda: TODAY),
        schedule,
        lambda settings: ChatPane(backend, settings, clock=lambda: 0.0),
        {"checkup": lambda screen: CheckupPage(backend, screen.workspace.resolved, {})},
    )
    app = LLMBackendsApp(Workspace(storage.read(path), {}), services)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.main.query(ChatPane) and "128k" in text_of(app))
        yield pilot


def text_of(app: LLMBackendsApp) -> str:
    """What is on the screen."""
    return "\n".join("".join(part.text for part in strip) for strip in app.screen._compositor.render_strips())


async def until(pilot: Pilot[None], condition: Callable[[], object]) -> None:
    """Wait for a condition, ten seconds at most."""
    for _ in range(1000):
        if condition():
            return
        await pilot.pause(0.01)
    assert isinstance(pilot.app, LLMBackendsApp)
    raise AssertionError(f"it did not come; the screen shows:\n{text_of(pilot.app)}")


async def settings(pilot: Pilot[None]) -> None:
    """The screen as it opens, on the model."""
    await pilot.press("down")


async def advanced(pilot: Pilot[None]) -> None:
    """The retry fields, one of them edited."""
    await pilot.press("f3")
    await pilot.pause()
    await pilot.press(*["down"] * 6, "end", "backspace", "6")


async def chat(pilot: Pilot[None]) -> None:
    """A question and its answer."""
    await asked(pilot, "tok/s")


async def retry(pilot: Pilot[None]) -> None:
    """A rate limit, counted down."""
    await asked(pilot, "attempt 2 of 5")


async def guide(pilot: Pilot[None]) -> None:
    """The page of the chosen provider."""
    await pilot.press("f7")


async def diff(pilot: Pilot[None]) -> None:
    """What a save would write."""
    await advanced(pilot)
    await pilot.press("ctrl+s")


async def asked(pilot: Pilot[None], until_words: str) -> None:
    """Ask in the chat and wait for words."""
    app = pilot.app
    assert isinstance(app, LLMBackendsApp)
    await pilot.press("f4")
    await pilot.pause()
    await pilot.press(
        *[{" ": "space", "?": "question_mark"}.get(letter, letter) for letter in "what is a monad?"], "enter"
    )
    await until(pilot, lambda: until_words in text_of(app))


Scene = tuple[Callable[[Pilot[None]], object], Script, tuple[int, int]]
SCENES: Final[Mapping[str, Scene]] = {
    "settings.svg": (settings, ANSWERED, SMALL),
    "advanced.svg": (advanced, ANSWERED, WIDE),
    "chat.svg": (chat, ANSWERED, WIDE),
    "retry.svg": (retry, LIMITED, SMALL),
    "diff.svg": (diff, ANSWERED, SMALL),
    "guide.svg": (guide, ANSWERED, WIDE),
}


def pictures() -> dict[str, str]:
    """Every picture by file name, as SVG."""
    return asyncio.run(_pictures())


async def _pictures() -> dict[str, str]:
    made = {}
    before = os.environ.get("HOME", "")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HOME"] = folder
        try:
            for name, (act, script, size) in SCENES.items():
                async with shown(Path(folder), script, size) as pilot:
                    done = act(pilot)
                    assert asyncio.iscoroutine(done)
                    await done
                    await settled(pilot)
                    made[name] = portable(pilot.app.export_screenshot(title="llm-backends"))
        finally:
            os.environ["HOME"] = before
    return made


async def settled(pilot: Pilot[None]) -> None:
    """Wait until two looks at the screen are the same."""
    assert isinstance(pilot.app, LLMBackendsApp)
    last = ""
    while (now := text_of(pilot.app)) != last:
        last = now
        await pilot.pause(0.3)


def portable(svg: str) -> str:
    """The SVG without fonts from the network: whoever looks at it has a monospace font."""
    return re.sub(r"\s*@font-face \{.*?\}", "", svg, flags=re.DOTALL) + "\n"
