"""One worker process: its start, its pipes, its end."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import tui
from tui.config.lookup import directory_for_children
from tui.config.secret import Secret
from tui.engine import wire
from tui.engine.worker import PROVIDER_NAMES
from tui.llm import network_variables, startup
from tui.llm.events import Ask, Event, ListModels, Ready, Request, StartFailed, is_last
from tui.llm.masking import detail
from tui.providers.builtin_providers import is_secret

_BOOT: Final = "import sys; sys.path.append(sys.argv[1]); from tui.engine.worker import main; main()"
"""`-m` would put the working directory first on the path, where any file may be called json.py."""
_ROOT: Final = str(Path(tui.__file__).resolve().parent.parent)
COMMAND: Final = (sys.executable, "-P", "-W", "ignore", "-c", _BOOT, _ROOT)
"""What runs a worker."""
_READ_BYTES: Final = 65_536
_TAIL_BYTES: Final = 4_000
START_S: Final = 120.0
"""A worker that is not ready by then never will be."""
STOP_S: Final = 0.2
"""How long a worker may take to see that its input closed, and its last words to arrive after its end."""


class WorkerProcess:
    """A running worker."""

    def __init__(
        self,
        extra: Mapping[str, str],
        on_event: Callable[[WorkerProcess, Event], None],
        on_exit: Callable[[WorkerProcess], None],
        command: tuple[str, ...] = COMMAND,
    ) -> None:
        """`extra`: a provider's own variables. `on_exit` is called exactly once, if it was started."""
        self.extra = dict(extra)
        self.ready = False
        self.alive = False
        self.failed: StartFailed | None = None
        """Why it never became ready."""
        self.retired = False
        """Whether it is being stopped: it gets nothing more to do."""
        self.stuck = False
        """Whether it was killed because it did not react any more."""
        self.sent = 0
        """How many messages it was sent."""
        self.heard = 0
        """How many events came from it."""
        self.pending: set[str] = set()
        """The requests that it was sent and has not ended."""
        self._on_event = on_event
        self._on_exit = on_exit
        self._command = command
        self._secrets: set[Secret] = {Secret(value) for name, value in extra.items() if is_secret(name, value)}
        self._was_ready = False
        self._tail = b""
        self._process: asyncio.subprocess.Process | None = None
        self._tasks: tuple[asyncio.Task[None], ...] = ()
        self._bound: asyncio.TimerHandle | None = None

    @property
    def pid(self) -> int | None:
        """Its process id, once started."""
        return self._process.pid if self._process else None

    async def start(self, env: Mapping[str, str]) -> None:
        """Start the process; `env` is scrubbed already. Returns before it is ready. Raises OSError."""
        pipe = asyncio.subprocess.PIPE
        variables = {**env, **self.extra, PROVIDER_NAMES: ",".join(self.extra)}
        self._secrets.update(network_variables.secrets(env))
        process = self._process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            env=variables,
            cwd=directory_for_children(),
            **_apart(),
        )
        if process.stdout is None or process.stderr is None:
            raise TypeError("a worker has pipes to read from")
        self.alive = True
        last_words = asyncio.create_task(self._read_tail(process.stderr))
        self._tasks = (asyncio.create_task(self._live(process, process.stdout, last_words)), last_words)
        self._bound = asyncio.get_running_loop().call_later(START_S, self._give_up)

    def send(self, message: Request) -> None:
        """Put a request into the pipe; to a dead worker it is dropped, because its requests have failed already."""
        line = wire.encode(message)
        self.sent += 1
        if isinstance(message, Ask | ListModels):
            self.pending.add(message.id)
            settings = message.settings
            own = (message.key, settings.api_key, settings.aws_access_key_id, settings.aws_secret_access_key)
            self._secrets.update(secret for secret in own if secret)
        if self._process and self._process.stdin and self.alive:
            self._process.stdin.write(line)

    def kill(self) -> None:
        """End it at once; it takes no more requests, although its end is yet to be seen."""
        self.alive = False
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.kill()

    async def stop(self) -> None:
        """Close its input, which ends it; kill it if that does not."""
        self.retired = True
        if self._process is None:
            return
        if self._process.stdin is not None:
            self._process.stdin.close()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=STOP_S)
        self.kill()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=STOP_S)

    def epitaph(self) -> str:
        """How it ended and its last words, without keys."""
        return "\n".join(filter(None, [f"The worker ended with {_code(self._code)}.", self._last_words()]))

    @property
    def _code(self) -> int | None:
        return self._process.returncode if self._process else None

    def _last_words(self) -> str:
        return detail(network_variables.without_userinfo(self._tail.decode("utf-8", "replace")), self._secrets)

    def _give_up(self) -> None:
        if not self.ready:
            self.failed = startup.too_late(START_S)
            self.kill()

    async def _live(
        self, process: asyncio.subprocess.Process, output: asyncio.StreamReader, last_words: asyncio.Task[None]
    ) -> None:
        """From the start to the end of the process; whatever goes wrong with its output, its end is reported."""
        try:
            await self._read_events(output)
        finally:
            if process.returncode is None:
                with suppress(TimeoutError):
                    await asyncio.wait_for(process.wait(), STOP_S)
                self.kill()  # it can't be heard any more
                await process.wait()
            await asyncio.wait({last_words}, timeout=STOP_S)
            self._end()

    async def _read_events(self, output: asyncio.StreamReader) -> None:
        rest = b""
        while part := await output.read(_READ_BYTES):
            *lines, rest = (rest + part).split(b"\n") if b"\n" in part else (rest + part,)
            for line in lines:
                self._take(line)

    def _take(self, line: bytes) -> None:
        try:
            event = wire.event(line)
        except wire.BadLineError:
            if self._was_ready:
                self.kill()
            return  # before it is ready, what some package prints while Python starts
        self.heard += 1
        match event:
            case Ready():
                self.ready = self._was_ready = True
            case StartFailed():
                self.failed = event
                self.alive = False
                return
            case _ if is_last(event):
                self.pending.discard(event.id)
        self._on_event(self, event)

    async def _read_tail(self, errors: asyncio.StreamReader) -> None:
        while part := await errors.read(_READ_BYTES):
            self._tail = (self._tail + part)[-_TAIL_BYTES:]

    def _end(self) -> None:
        self.alive = self.ready = False
        if self._bound is not None:
            self._bound.cancel()
        if not (self._was_ready or self.failed or self.retired):
            self.failed = startup.from_exit(self._code, self._last_words())
        self._on_exit(self)


def _apart() -> dict[str, Any]:
    """A session of its own, so that Ctrl+C in the terminal does not reach it; no window on Windows."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NO_WINDOW}
    else:  # noqa: RET505  # mypy takes what follows a `return` for a mistake where the platform decides
        return {"start_new_session": True}


def _code(code: int | None) -> str:
    if code is not None and code < 0:
        return startup.signal_name(-code)
    return f"exit status {code}"
