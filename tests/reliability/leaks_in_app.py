"""Point five, the app in this process: random actions, and a look at everything that they leave behind."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Final, NoReturn

from textual.worker import WorkerFailed

from tests.app.fakes import Bench
from tests.reliability.canaries import CANARIES, IN_ENV, IN_FILE, OWN, leaked, leaked_files, leaked_processes
from tests.reliability.leaks_actions import ALL, Action, Run, chat
from tests.reliability.leaks_shared import Shared, config
from tests.vault.fakes import FakeStore
from tui.app import LLMBackendsApp
from tui.cli.deferred_imports import LateParts
from tui.cli.parts import Parts
from tui.cli.run import _services
from tui.config import storage
from tui.config.preferences import PreferencesFile
from tui.config.workspace import Workspace
from tui.engine.client import Engine
from tui.local.runner import LocalModels
from tui.providers.recent import Recent
from tui.request.backend import Backend
from tui.usage.accounting import Books
from tui.usage.ledger import Ledger
from tui.vault.approvals import Approvals
from tui.vault.index import Index
from tui.vault.session import SessionStore
from tui.vault.trouble import KeyringLockedError
from tui.vault.vault import Vault
from tui.widgets.chat_pane import ChatPane

_ACTIONS: Final = (2, 6)
_CRASHES: Final = 0.12


async def app_run(folder: Path, chance: random.Random, shared: Shared, actions: Sequence[Action] = ALL) -> list[str]:
    """One run; what was found where."""
    env = {name: key for name, key in (("LLM_API_KEY", IN_ENV), ("OPENAI_API_KEY", OWN)) if chance.random() < 0.4}
    path = config(folder, chance, shared.server.base_url)
    put = [(path, IN_FILE)] if IN_FILE in path.read_text(encoding="utf-8") else []  # a few bytes
    app, backend = _app(path, env, chance, shared.engine)
    crashing = chance.random() < _CRASHES
    found: list[str] = []
    with _captured() as said:
        app._original_stdout = app._original_stderr = said  # type: ignore[assignment]  # it prints there while it runs
        try:
            async with app.run_test(size=(120, 40), notifications=True) as pilot:
                bench = Bench(path, app, None, pilot)  # type: ignore[arg-type]  # its fake keyring is not used here
                await bench.until(lambda: app.main.query(ChatPane) and app.focused, "the chat")
                run = Run(bench=bench, chance=chance, shared=shared, found=found)
                await _act(run, backend, actions, crashing=crashing)
        except (_MistakeError, WorkerFailed):
            shared.done["crashes"] += 1
    text = said.getvalue() + shared.logged()
    if crashing and "made a mistake and had to stop" not in text:
        found.append("a crash was not told")
    found += [f"{key[:15]} in a log, an error or a traceback" for key in leaked(text)]
    found += [*leaked_files(folder, put), *leaked_processes(filter(None, [shared.engine.pid]))]
    shared.server._script.clear()
    return found


def _app(path: Path, env: Mapping[str, str], chance: random.Random, engine: Engine) -> tuple[LLMBackendsApp, Backend]:
    """The app as the command makes it, but for a keyring in memory, which may be locked."""
    data = path.parent / "data"
    store = FakeStore(KeyringLockedError() if chance.random() < 0.3 else None)
    vault = Vault(store, SessionStore(), Approvals(data), Index(data), env)
    books = Books(Ledger(data / "usage.db"), PreferencesFile(data / "preferences.toml"))
    backend = Backend(vault, LocalModels(), engine, env, books)
    parts = Parts(vault, engine, LocalModels(), backend, books)
    return LLMBackendsApp(
        Workspace(storage.opened(path), env), _services(LateParts(lambda: parts), env, Recent(data))
    ), backend


async def _act(run: Run, backend: Backend, actions: Sequence[Action], *, crashing: bool) -> None:
    for action in run.chance.choices(actions, k=run.chance.randint(*_ACTIONS)):
        name = action.__name__.strip("_")
        try:
            await action(run)
        except AssertionError:  # a dialog in the way, a field that is gone: what it left is looked at all the same
            name = "not possible"
        run.shared.done[name] += 1
        run.look()
        while len(run.bench.app.screen_stack) > 1:
            await run.bench.press("escape")
    if crashing:
        backend.prepare = _fail  # type: ignore[method-assign]  # a collaborator that has a mistake
        await chat(run)


class _MistakeError(Exception):
    """Injected."""


async def _fail(*args: object, **more: object) -> NoReturn:  # noqa: ARG001  # as `prepare` is called
    key = " ".join(CANARIES)
    raise _MistakeError(key)


@contextmanager
def _captured() -> Iterator[io.StringIO]:
    """Standard output and standard error."""
    said = io.StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        yield said
