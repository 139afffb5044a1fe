"""Collaborators of the app that answer at once, and an app over them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from textual import events
from textual.keys import _character_to_key
from textual.pilot import Pilot
from textual.widgets import Input

from tests.chat.fakes import FakeKeys as FakeVault
from tests.chat.fakes import FakeModels as NoModels
from tests.chat.fakes import ScriptedWorker
from tui.app import LLMBackendsApp, Services
from tui.config import storage
from tui.config.preferences import PreferencesFile
from tui.config.recovery import DraftKeeper
from tui.config.resolve import Resolved
from tui.config.schema import Value
from tui.config.secret import Secret
from tui.config.workspace import Workspace
from tui.llm.retry import schedule
from tui.request.backend import Backend
from tui.screens.checkup import CheckupPage
from tui.screens.compare import ComparePage
from tui.screens.late_page import PageHost, PageMaker
from tui.screens.live_models import Asked, Live, LiveModels
from tui.screens.main import MainScreen
from tui.screens.missing_fields import Lacking
from tui.screens.services import ChatMaker
from tui.screens.usage import UsagePage
from tui.usage.accounting import Books
from tui.usage.ledger import Ledger
from tui.widgets.chat_pane import ChatPane
from tui.widgets.field_row import FieldRow
from tui.widgets.key_row import KeyState
from tui.widgets.suggestion import Found, Suggestion

_QUIET_ROUNDS = 2
"""So often in a row nothing may be waiting: a message can be on its way up while all queues are empty."""

CONFIG = """\
# a file with comments
[core]
debug = true

[llm]
# the model
model = "anthropic/claude-x"
num_retries = 4  # patience
top_p = 0.5

[llm.cheap]
model = "openai/gpt-mini"

[sandbox]
timeout = 120
"""


class FakeKeys:
    """A keyring in memory."""

    def __init__(self, *, trouble: str = "", hangs: bool = False, locked: bool = False) -> None:
        self.trouble = trouble
        self.locked = locked
        self.hangs = hangs
        self.held: Secret | None = None
        self.stored: Secret | None = None
        self.waits = False
        self.prompt = asyncio.Event()
        """Set when the user has answered the keyring's prompt."""

    async def look(self, resolved: Mapping[str, Resolved]) -> KeyState:
        if self.hangs:
            await asyncio.Event().wait()
        if isinstance(resolved["api_key"].value, Secret):
            return KeyState(kind="found", origin="file", host="host.example", can_move=True, can_forget=True)
        if self.held:
            return KeyState(kind="found", origin="session", host="host.example", can_forget=True)
        if self.stored:
            return KeyState(kind="found", origin="keyring")
        return KeyState(kind="none", note=self.trouble, can_unlock=self.locked)

    def hold(self, resolved: Mapping[str, Resolved], secret: Secret) -> str:  # noqa: ARG002
        self.held, self.waits = secret, True
        return ""

    def waiting(self, resolved: Mapping[str, Resolved]) -> str:  # noqa: ARG002
        return "host.example" if self.waits else ""

    async def store(self, resolved: Mapping[str, Resolved]) -> str:  # noqa: ARG002
        self.waits = False
        if not self.trouble:
            self.stored, self.held = self.held, None
        return self.trouble

    async def move(self, resolved: Mapping[str, Resolved]) -> str:
        secret = resolved["api_key"].value
        self.stored = secret if isinstance(secret, Secret) else None
        return self.trouble

    async def unlock(self) -> str:
        await self.prompt.wait()
        self.trouble, self.locked = "", False
        return ""

    def forget(self, resolved: Mapping[str, Resolved]) -> bool:  # noqa: ARG002
        had, self.held, self.waits = self.held is not None, None, False
        return had


class FakeModels:
    """Two providers with a few models."""

    def __init__(self) -> None:
        self.remembered: list[str] = []
        self.served: Live | None = None

    LISTED: Mapping[str, Sequence[str]] = {"anthropic": ("claude-x", "claude-y"), "openai": ("gpt-mini", "gpt-[/]")}

    def split(self, model: str) -> tuple[str, str]:
        provider, slash, name = model.partition("/")
        return (provider, name) if slash else ("", model)

    def join(self, provider: str, name: str) -> str:
        return name if "/" in name and not name.startswith("gpt-[") else f"{provider}/{name}"

    def title(self, provider: str) -> str:
        return provider.title()

    def providers(self, text: str) -> Sequence[Suggestion]:
        return [Suggestion(name, name) for name in self.LISTED if text in name]

    def models(self, provider: str, text: str) -> Found:
        listed = [Suggestion(f"{provider}/{name}", name) for name in self.LISTED.get(provider, ()) if text in name]
        live = self.served
        if live is None or live.provider != provider:
            return Found.among(listed, text)
        own = [Suggestion(row.id, row.name, group=f"served by {live.host}") for row in live.models if text in row.name]
        return Found.among([*own, *listed], text)

    def facts(self, model: str, base_url: str) -> str:
        return f"facts of {model}" + (f" at {base_url}" if base_url else "")

    def prices(self) -> str:
        return ""

    def nearest(self, model: str) -> Sequence[str]:
        known = [f"{provider}/{name}" for provider, names in self.LISTED.items() for name in names]
        return () if model in known else known[:1]

    async def load(self) -> None:
        return

    async def used(self, model: str) -> None:
        self.remembered.append(model)

    def serve(self, live: Live | None) -> None:
        self.served = live


def silent() -> Backend:
    """No key, no built-in model, and a worker that never answers."""
    return Backend(FakeVault(), NoModels(), ScriptedWorker(lambda _ask: ()), {})


def chat(settings: Callable[[], Mapping[str, Resolved]]) -> ChatPane:
    """A chat whose turns never end."""
    return ChatPane(silent(), settings)


def checkup(screen: PageHost) -> CheckupPage:
    """A check-up whose requests never end."""
    return CheckupPage(silent(), screen.workspace.resolved, {})


def compare(screen: PageHost) -> ComparePage:
    """A comparison whose turns never end."""
    return ComparePage(silent(), screen.workspace)


def usage(_screen: PageHost) -> UsagePage:
    """The page over the test's own directories."""
    return UsagePage(Books(Ledger(), PreferencesFile()))


class Bench:
    """A running app with its file and its fakes."""

    def __init__(self, path: Path, app: LLMBackendsApp, keys: FakeKeys, pilot: Pilot[None]) -> None:
        self.path, self.app, self.keys, self.pilot = path, app, keys, pilot

    @property
    def main(self) -> MainScreen:
        return self.app.main

    @property
    def text(self) -> str:
        """What is on the screen."""
        return "\n".join(
            "".join(segment.text for segment in strip) for strip in self.app.screen._compositor.render_strips()
        )

    def row(self, name: str) -> FieldRow:
        return self.main.query_one(f"#field-{name}", FieldRow)

    async def press(self, *keys: str) -> None:
        """Press keys one after the other: each one has its effect before the next."""
        for key in keys:
            self.send(key)
            await self.settle()

    def send(self, key: str) -> None:
        """One key, as it comes from the terminal."""
        driver = self.app._driver
        assert driver
        letter = {"space": " ", "slash": "/"}.get(key, key)
        named = _character_to_key(letter) if len(letter) == 1 else key
        driver.send_message(events.Key(named, letter if len(letter) == 1 else None))

    async def settle(self) -> None:
        """Return when no widget has a message to handle, and what they changed has been laid out.

        A `Pilot` waits until the process is idle for 20 ms, three times for each key: it takes as long as the tests.
        """
        quiet = 0
        while quiet < _QUIET_ROUNDS:
            await self.pilot._wait_for_screen()
            self.app.screen._on_timer_update()
            nodes = (self.app, *self.app.screen.walk_children(with_self=True))
            quiet = quiet + 1 if all(node._message_queue.empty() for node in nodes) else 0

    async def type(self, text: str) -> None:
        """Type as fast as the field takes it; what is typed is there when this returns."""
        for letter in text:
            self.send(letter)
        await self.settle()

    async def go_to(self, name: str) -> None:
        await self.main.go_to_field(name)
        await self.settle()

    async def replace(self, name: str, text: str) -> None:
        """Go to a field, empty it, type."""
        await self.go_to(name)
        self.row(name).query_one(Input).value = ""
        await self.type(text)

    async def until(self, condition: Callable[[], object], what: str = "") -> None:
        """Wait for a condition, ten seconds at most."""
        until = time.monotonic() + 10
        while time.monotonic() < until:
            if condition():
                return
            await self.pilot.pause(0.01)
        raise AssertionError(f"{what or 'it'} did not come; the screen shows:\n{self.text}")

    async def sees(self, *words: str) -> None:
        """Wait until all words are on the screen."""
        await self.until(lambda: all(word in self.text for word in words), repr(words))


@asynccontextmanager
async def running(
    path: Path,
    *,
    config: str | None = CONFIG,
    env: Mapping[str, str] | None = None,
    keys: FakeKeys | None = None,
    size: tuple[int, int] = (120, 40),
    profile: str | None = None,
    models: FakeModels | None = None,
    served: Asked | None = None,
    drafts: DraftKeeper | None = None,
    early: Sequence[str] = "",
    built_in: Mapping[str, Value] | None = None,
    question: str = "",
    pages: Mapping[str, PageMaker] | None = None,
    theme: str = "dark",
    import_late: Callable[[], Awaitable[None]] | None = None,
    pane: ChatMaker = chat,
) -> AsyncGenerator[Bench, None]:
    """The app over a file, shown and ready; `early` are letters and keys that come before it is."""
    if config is not None:
        path.write_bytes(config.encode())  # noqa: ASYNC240  # a few bytes, before the app runs
    keys = keys or FakeKeys()
    workspace = Workspace(storage.opened(path), env or {}, profile)
    models = models or FakeModels()
    live = LiveModels(served) if served else None
    services = Services(
        keys=keys,
        models=models,
        schedule=schedule,
        chat=pane,
        pages={"checkup": checkup, "usage": usage, "compare": compare, **(pages or {})},
        lacking=Lacking(env or {}),
        live=live,
        drafts=drafts,
        built_in=None if built_in is None else lambda: built_in,
        question=question,
        import_late=import_late,
    )
    app = LLMBackendsApp(workspace, services, theme)
    for key in early:
        single = len(key) == 1
        app.post_message(events.Key(_character_to_key(key) if single else key, key if single else None))
    async with app.run_test(size=size, notifications=True) as pilot:
        bench = Bench(path, app, keys, pilot)
        await bench.until(lambda: app.main.query(ChatPane) and app.focused, "the chat")
        yield bench


def lines_changed(before: str, after: str) -> tuple[list[str], list[str]]:
    """Lines that went and lines that came."""
    old, new = before.splitlines(), after.splitlines()
    return _without(old, new), _without(new, old)


def _without(lines: Iterable[str], others: Iterable[str]) -> list[str]:
    rest = list(others)
    gone = []
    for line in lines:
        if line in rest:
            rest.remove(line)
        else:
            gone.append(line)
    return gone
