"""One worker process: its start, its pipes, its end."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import tui
from tui.config.secret import Secret
from tui.engine import wire
from tui.engine.worker import PROVIDER_NAMES
from tui.llm.events import Ask, Cancelled, Event, Failed, Finished, Listed, ListFailed, ListModels, Ready, Request
from tui.llm.masking import detail

_BOOT: Final = "import sys; sys.path.append(sys.argv[1]); from tui.engine.worker import main; main()"
"""`-m` would put the working directory first on the path, where any file may be called json.py."""
_ROOT: Final = str(Path(tui.__file__).resolve().parent.parent)
_READ_BYTES: Final = 65_536
_TAIL_BYTES: Final = 4_000
START_S: Final = 120.0
"""A worker that is not ready by then never will be."""
STOP_S: Final = 0.2
"""How long a worker may take to see that its input closed."""


class WorkerProcess:
    """A running worker. `pending` are the turns it was asked for and has not ended."""

    def __init__(
        self,
        extra: Mapping[str, str],
        on_event: Callable[[WorkerProcess, Event], None],
        on_exit: Callable[[WorkerProcess], None],
    ) -> None:
        """`extra`: a provider's own variables."""
        self.extra = dict(extra)
        self.ready = False
        self.alive = False
        self.retired = False
        """Whether it is being stopped: it gets nothing more to do."""
        self.stuck = False
        """Whether it was killed because it did not react any more."""
        self.sent = 0
        """How many messages it was sent."""
        self.pending: set[str] = set()
        self._on_event = on_event
        self._on_exit = on_exit
        self._secrets: set[Secret] = {Secret(value) for value in extra.values()}
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
        command = [sys.executable, "-P", "-W", "ignore", "-c", _BOOT, _ROOT]
        pipe = asyncio.subprocess.PIPE
        variables = {**env, **self.extra, PROVIDER_NAMES: ",".join(self.extra)}
        self._process = await asyncio.create_subprocess_exec(
            *command, stdin=pipe, stdout=pipe, stderr=pipe, env=variables, **_apart()
        )
        self.alive = True
        self._tasks = (asyncio.create_task(self._read_events()), asyncio.create_task(self._read_tail()))
        self._bound = asyncio.get_running_loop().call_later(START_S, self._give_up)

    def send(self, message: Request) -> None:
        """Put a request into the pipe; to a dead worker it is dropped, because its turns have failed already."""
        self.sent += 1
        if isinstance(message, Ask | ListModels):
            self.pending.add(message.id)
            settings = message.settings
            own = (message.key, settings.api_key, settings.aws_access_key_id, settings.aws_secret_access_key)
            self._secrets.update(secret for secret in own if secret)
        if self._process and self._process.stdin and self.alive:
            self._process.stdin.write(wire.encode(message))

    def kill(self) -> None:
        """End it at once; it takes no more turns, although its end is yet to be seen."""
        self.alive = False
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.kill()

    async def stop(self) -> None:
        """Close its input, which ends it; kill it if that does not."""
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
        code = self._process.returncode if self._process else None
        last = detail(self._tail.decode("utf-8", "replace"), self._secrets)
        return "\n".join(filter(None, [f"The worker ended with {_code(code)}.", last]))

    def _give_up(self) -> None:
        if not self.ready:
            self.kill()

    async def _read_events(self) -> None:
        process = self._process
        if process is None or process.stdout is None:
            raise TypeError("the worker has no output to read")
        rest = b""
        while part := await process.stdout.read(_READ_BYTES):
            *lines, rest = (rest + part).split(b"\n") if b"\n" in part else (rest + part,)
            for line in lines:
                self._take(line)
        await process.wait()
        self._end()

    def _take(self, line: bytes) -> None:
        try:
            event = wire.event(line)
        except wire.BadLineError:
            self.kill()
            return
        if isinstance(event, Ready):
            self.ready = True
        elif isinstance(event, Finished | Failed | Cancelled | Listed | ListFailed):
            self.pending.discard(event.id)
        self._on_event(self, event)

    async def _read_tail(self) -> None:
        if self._process is None or self._process.stderr is None:
            raise TypeError("the worker has no errors to read")
        while part := await self._process.stderr.read(_READ_BYTES):
            self._tail = (self._tail + part)[-_TAIL_BYTES:]

    def _end(self) -> None:
        self.alive = self.ready = False
        if self._bound is not None:
            self._bound.cancel()
        self._on_exit(self)


def _apart() -> dict[str, Any]:
    """A session of its own, so that Ctrl+C in the terminal does not reach it; no window on Windows."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NO_WINDOW}
    return {"start_new_session": True}


def _code(code: int | None) -> str:
    if code is not None and code < 0:
        return f"signal {signal.Signals(-code).name}"
    return f"exit status {code}"
