"""One server process of a model: started, announced, ended."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from asyncio.subprocess import Process
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from tui.local.child import end, pipe, spawn, without_keys
from tui.local.errors import NotInstalledError, PortInUseError, ServerError

# Like -m tui.local.server, but with -P and the app's own folder last on the path: files of the folder that the user
# happens to be in are not imported, and it works in a checkout that is not installed, too.
_RUN: Final = (
    "import runpy, sys; sys.path.append(sys.argv.pop(1)); "
    "runpy.run_module('tui.local.server', run_name='__main__', alter_sys=True)"
)
_PROGRAM: Final = (sys.executable, "-P", "-c", _RUN, str(Path(__file__).parents[2]))
_READY_S: Final = 30.0
_LEAVE_S: Final = 0.25
_KEPT_LINES: Final = 50
_SHOWN_LINES: Final = 4
_TIME: Final = re.compile(r"^[\d.]+ ")
_KINDS: Final[Mapping[str, type[ServerError]]] = {"port-in-use": PortInUseError, "not-installed": NotInstalledError}


class Running(msgspec.Struct, frozen=True):
    """A server that answers."""

    base_url: str
    model: str
    """The name it serves, without a provider."""


class LocalServer:
    """One server process, gone when this closes or the app is killed (then it first finishes loading, if it does)."""

    def __init__(self, env: Mapping[str, str] | None = None, ready_s: float = _READY_S) -> None:
        """`env` is the app's environment, this process's own by default: the server gets no key of it."""
        self._env = env
        self._ready_s = ready_s
        self._process: Process | None = None
        self._listening: asyncio.Task[None] | None = None
        self._words: deque[str] = deque(maxlen=_KEPT_LINES)

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int | None:
        """The process's id while there is one."""
        return self._process.pid if self._process is not None else None

    async def start(self, gguf: Path, port: int = 0) -> Running:
        """Serve the file on this port of 127.0.0.1 (0: a free one); returns when it answers.

        Raises:
            PortInUseError: something listens there.
            NotInstalledError: llama.cpp is not installed.
            ServerError: anything else, such as a file that is no model; with the server's last words.
        """
        await self.close()
        env = without_keys(os.environ if self._env is None else self._env)
        command = [*_PROGRAM, f"--gguf={gguf}", f"--port={port}"]
        self._words.clear()
        try:
            self._process = await spawn(command, env, with_stdin=True)
        except OSError as error:
            raise ServerError(f"The model's server can't be started ({error}). Is Python still installed?") from error
        self._listening = asyncio.create_task(self._listen(self._process))
        try:
            async with asyncio.timeout(self._ready_s):
                return await self._announced(self._process, gguf)
        except TimeoutError:
            await self.close()
            raise self._failed(f"{gguf.name} was not ready after {self._ready_s:g} s. Try a smaller model.") from None
        except BaseException:
            await self.close()
            raise

    async def wait(self) -> None:
        """Return when the server has ended, whoever ended it."""
        if self._process is not None:
            await self._process.wait()

    async def close(self) -> None:
        """End the server, within 0.5 s."""
        process, self._process = self._process, None
        listening, self._listening = self._listening, None
        if process is None or listening is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        leaving = asyncio.ensure_future(process.wait())
        try:
            await asyncio.wait({leaving}, timeout=_LEAVE_S)
        finally:
            end(process)  # it may be busy loading, or stuck
        await asyncio.wait({leaving, listening})

    async def _announced(self, process: Process, gguf: Path) -> Running:
        line = await pipe(process.stdout).readline()
        if not line:
            status = await process.wait()
            await self.close()  # reads its last words
            raise self._failed(f"The server of {gguf.name} ended with status {status} before it could answer.")
        said: dict[str, str] = json.loads(line)
        if "error" in said:
            await process.wait()
            await self.close()
            raise self._failed(said["message"], _KINDS.get(said["error"], ServerError))
        return Running(said["base_url"], said["model"])

    async def _listen(self, process: Process) -> None:
        """Keep the last lines of standard error; an unread pipe would stop the server when full."""
        async for line in pipe(process.stderr):
            self._words.append(_TIME.sub("", line.decode(errors="replace").rstrip()))

    def _failed(self, message: str, kind: type[ServerError] = ServerError) -> ServerError:
        """The error with the server's last words: llama.cpp says the cause first, and says everything twice."""
        words = list(dict.fromkeys(self._words))
        shown = words[:_SHOWN_LINES] if any("llama" in word for word in words) else words[-_SHOWN_LINES:]
        return kind("\n".join([message, *shown]))
