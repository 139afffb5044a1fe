"""Point five, the app in this process: random actions, and a look at everything that they leave behind."""

from __future__ import annotations

import asyncio
import io
import logging
import random
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from types import TracebackType
from typing import Final, NoReturn, Self, TypeAlias

import msgspec
from textual.widgets import Button
from textual.worker import WorkerFailed

from tests.app.fakes import Bench
from tests.fake_provider import FakeProvider, Recorded, Reply
from tests.fake_replies import DIE
from tests.reliability.canaries import (
    CANARIES,
    IN_ENV,
    IN_FILE,
    OWN,
    TYPED,
    leaked,
    leaked_files,
    leaked_picture,
    leaked_processes,
)
from tests.reliability.wire import environment
from tests.vault.fakes import FakeStore
from tui.app import LLMBackendsApp
from tui.chat.backend import Backend
from tui.cli.parts import Parts
from tui.cli.run import _services
from tui.config import storage
from tui.config.workspace import Workspace
from tui.engine.client import Engine
from tui.local.runner import LocalModels
from tui.providers.recent import Recent
from tui.vault.approvals import Approvals
from tui.vault.index import Index
from tui.vault.session import SessionStore
from tui.vault.trouble import KeyringLockedError
from tui.vault.vault import Vault
from tui.widgets.chat_pane import ChatPane

_ACTIONS: Final = (2, 6)
_CRASHES: Final = 0.12

Action: TypeAlias = Callable[["_Run"], Awaitable[None]]


class EchoProvider(FakeProvider):
    """Repeats the key that it was sent in each of its errors, as real providers do."""

    def record(self, request: Recorded) -> Reply:
        reply = super().record(request)
        if reply.problem is None:
            return reply
        headers = request.headers
        key = headers.get("authorization", headers.get("x-api-key", headers.get("api-key", ""))).removeprefix("Bearer ")
        said = {**reply.problem, "message": f"Incorrect API key {key} ({key[:8]}...{key[-4:]}), {dict(headers)}"}
        return Reply(status=reply.status, headers=reply.headers, problem=said)


class Shared:
    """What all runs have in common: the server, the worker, the log."""

    def __init__(self) -> None:
        self.server = EchoProvider()
        self.engine = Engine(environment())
        self.crashes = 0
        self._log = io.StringIO()
        self._handler = logging.StreamHandler(self._log)

    def __enter__(self) -> Self:
        logging.getLogger().addHandler(self._handler)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        logging.getLogger().removeHandler(self._handler)
        self.server.close()

    def logged(self) -> str:
        """What was logged since the last call."""
        text = self._log.getvalue()
        self._log.seek(0)
        self._log.truncate()
        return text


class _Run(msgspec.Struct, kw_only=True):
    bench: Bench
    chance: random.Random
    shared: Shared
    found: list[str]

    def look(self) -> None:
        """Search the screen, the clipboard and, every other time because it takes long, a picture of the screen."""
        self.found += [f"{key[:15]} on the screen" for key in leaked(self.bench.text)]
        if self.chance.random() < 0.5:  # a share
            self.found += [f"{key[:15]} in a picture" for key in leaked_picture(self.bench.app.export_screenshot())]
        self.found += [f"{key[:15]} on the clipboard" for key in leaked(self.bench.app.clipboard)]


async def app_run(folder: Path, chance: random.Random, shared: Shared) -> list[str]:
    """One run; what was found where."""
    data = folder / "data"
    env = {name: key for name, key in (("LLM_API_KEY", IN_ENV), ("OPENAI_API_KEY", OWN)) if chance.random() < 0.4}
    path = config(folder, chance, shared.server.base_url)
    put = [(path, IN_FILE)] if IN_FILE in path.read_text(encoding="utf-8") else []  # a few bytes
    store = FakeStore(KeyringLockedError() if chance.random() < 0.3 else None)
    vault = Vault(store, SessionStore(), Approvals(data), Index(data), env)
    backend = Backend(vault, LocalModels(), shared.engine, env)
    parts = Parts(vault, shared.engine, LocalModels(), backend)
    app = LLMBackendsApp(Workspace(storage.opened(path), env), _services(parts, env, Recent(data)))
    crashing = chance.random() < _CRASHES
    found: list[str] = []
    with captured() as said:
        try:
            async with app.run_test(size=(120, 40), notifications=True) as pilot:
                bench = Bench(path, app, None, pilot)  # type: ignore[arg-type]  # its fake keyring is not used here
                await bench.until(lambda: app.main.query(ChatPane) and app.focused, "the chat")
                run = _Run(bench=bench, chance=chance, shared=shared, found=found)
                await _act(run, backend, crashing=crashing)
        except (_MistakeError, WorkerFailed):
            shared.crashes += 1
    text = said.getvalue() + shared.logged()
    if crashing and "made a mistake and had to stop" not in text:
        found.append("a crash was not told")
    found += [f"{key[:15]} in a log, an error or a traceback" for key in leaked(text)]
    found += [*leaked_files(folder, put), *leaked_processes(filter(None, [shared.engine.pid]))]
    shared.server._script.clear()
    return found


async def _act(run: _Run, backend: Backend, *, crashing: bool) -> None:
    for action in run.chance.choices(_ALL, k=run.chance.randint(*_ACTIONS)):
        with suppress(AssertionError):  # a dialog in the way, a field that is gone: not what this is about
            await action(run)
        run.look()
        while len(run.bench.app.screen_stack) > 1:
            await run.bench.press("escape")
    if crashing:
        backend.prepare = _fail  # type: ignore[method-assign]  # a collaborator that has a mistake
        await _chat(run)


class _MistakeError(Exception):
    """Injected."""


async def _fail(*args: object, **more: object) -> NoReturn:  # noqa: ARG001  # as `prepare` is called
    key = " ".join(CANARIES)
    raise _MistakeError(key)


def config(folder: Path, chance: random.Random, base_url: str) -> Path:
    """A file, with a key in it or without."""
    path = folder / "config.toml"
    key = f'api_key = "{IN_FILE}"\n' if chance.random() < 0.4 else ""
    retries = f"num_retries = {chance.randint(0, 1)}\nretry_min_wait = 0\nretry_multiplier = 0\n"
    text = f'[llm]\nmodel = "openai/fake-model"\ntimeout = 20\n{key}{retries}base_url = "{base_url}"\n'
    path.write_text(text, encoding="utf-8")
    return path


@contextmanager
def captured() -> Iterator[io.StringIO]:
    """Standard output and standard error."""
    said = io.StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        yield said


# Actions


async def _chat(run: _Run) -> None:
    bench, chance = run.bench, run.chance
    says_yes = chance.random() < 0.7
    run.shared.server.script(*[_reply(chance)] * 2)
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


def _reply(chance: random.Random) -> Reply:
    return chance.choice(
        (
            Reply.stream("Hello", " there"), Reply.error(401), Reply.error(429), Reply.error(400), Reply.error(500),
            Reply.reset(), Reply.stream("Hel", DIE), Reply.raw(502, "<html><title>x</title></html>"), Reply.hang(),
        )
    )  # fmt: skip


async def _type_key(run: _Run) -> None:
    settings = run.bench.main._settings
    await run.bench.press("f2")
    settings.go_to(settings.key_row)
    await run.bench.type(TYPED[: run.chance.choice((12, len(TYPED), len(TYPED)))])
    run.look()
    await run.bench.press(run.chance.choice(("enter", "tab", "ctrl+c", "up")))


async def _handle_key(run: _Run) -> None:
    settings = run.bench.main._settings
    await run.bench.press("f2")
    settings.go_to(settings.key_row)
    await run.bench.press(run.chance.choice(("ctrl+k", "ctrl+l", "ctrl+o", "ctrl+c", "f1")))


async def _save(run: _Run) -> None:
    await run.bench.press("ctrl+s")
    run.look()
    await run.bench.press(run.chance.choice(("enter", "enter", "escape")))


async def _edit(run: _Run) -> None:
    await run.bench.replace(run.chance.choice(("timeout", "num_retries")), str(run.chance.randint(1, 90)))


async def _look_around(run: _Run) -> None:
    for key in run.chance.sample(("f2", "f3", "f4", "f5", "f7", "f1", "ctrl+p"), 3):
        await run.bench.press(key)
        run.look()
        if key in ("f1", "ctrl+p"):
            await run.bench.press("escape")


async def _copy(run: _Run) -> None:
    await run.bench.press(run.chance.choice(("f4", "f5")), "ctrl+o")


async def _list(run: _Run) -> None:
    await run.bench.go_to("model")
    await run.bench.press("enter")
    await asyncio.sleep(0.05)
    run.look()


async def _check_up(run: _Run) -> None:
    run.shared.server.script(*[_reply(run.chance)] * 3)
    await run.bench.press("f5", "enter")
    await asyncio.sleep(0.2)
    run.look()
    await run.bench.press("escape")


async def _undo(run: _Run) -> None:
    await run.bench.press("ctrl+z")


_ALL: Final[Sequence[Action]] = (
    _chat, _chat, _chat, _type_key, _type_key, _handle_key, _save, _save, _edit, _look_around, _copy, _list,
    _check_up, _undo,
)  # fmt: skip
