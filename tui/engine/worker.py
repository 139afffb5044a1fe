"""The worker process: requests from standard input, events to a private copy of standard output, nothing else anywhere.

    stdin  --(reader thread)-->  one task for each turn  --(outlet)-->  the first standard output

What LiteLLM prints goes to standard error, which the app keeps to itself. When standard input closes, the app is gone,
and the reader thread ends the process at once, whatever the event loop is doing.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from threading import Thread
from typing import TYPE_CHECKING, BinaryIO, Final, NoReturn

from tui.config.secret import Secret
from tui.engine import wire
from tui.engine.outlet import Outlet
from tui.llm.events import Event, Failed, ListFailed, Ready, Request
from tui.llm.startup import explain
from tui.providers.builtin_providers import is_secret

if TYPE_CHECKING:
    from tui.engine.turns import Turns

PROVIDER_NAMES: Final = "LLM_BACKENDS_PROVIDER_VARIABLES"
"""Names, with commas between them, of the variables that hold a provider's credentials, so that they can be masked."""
NICENESS: Final = 10
"""Importing LiteLLM must not slow the screen down."""


def main() -> None:
    """Run until standard input closes. What keeps it from starting is its one event, and exit status 1."""
    started = time.monotonic()
    sink = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    if hasattr(os, "nice"):
        with suppress(OSError):  # a sandbox may forbid it; the worker is then only less polite
            os.nice(NICENESS)
    with asyncio.Runner() as runner:
        try:
            runner.get_loop()
        except Exception as error:  # noqa: BLE001  # the edge: whatever it is, it is reported
            _give_up(sink, error)
        runner.run(_serve(sys.stdin.buffer, sink, started))


def _give_up(sink: BinaryIO, error: BaseException) -> NoReturn:
    """Report why there is no worker, and end, without waiting for threads and libraries that are half loaded."""
    with suppress(OSError):  # the app is gone
        sink.write(wire.encode(explain(error, os.environ, _provider_secrets())))
    os._exit(1)


async def _serve(source: BinaryIO, sink: BinaryIO, started: float) -> None:
    loop = asyncio.get_running_loop()
    inbox: asyncio.Queue[Request | Failed | ListFailed] = asyncio.Queue()

    def put(message: Request | Failed | ListFailed) -> None:
        loop.call_soon_threadsafe(inbox.put_nowait, message)

    async with AsyncExitStack() as stack:
        try:
            outlet = Outlet(sink)
            Thread(target=_read, args=(source, put), daemon=True).start()
            turns = await _loaded(stack, lambda event: outlet.put(wire.encode(event)))
        except (Exception, SystemExit) as error:  # noqa: BLE001  # the same
            _give_up(sink, error)
        outlet.put(wire.encode(Ready(seconds=time.monotonic() - started)))
        while True:
            match await inbox.get():
                case (Failed() | ListFailed()) as answer:
                    outlet.put(wire.encode(answer))
                case request:
                    turns.handle(request)


async def _loaded(stack: AsyncExitStack, put: Callable[[Event], None]) -> Turns:
    from tui.llm.exchange import new_http  # noqa: PLC0415  # slow; the reader thread watches meanwhile

    http = await stack.enter_async_context(new_http())  # first: a bad variable is found without LiteLLM's seconds
    from tui.engine.turns import Turns  # noqa: PLC0415
    from tui.llm.client import warm_up  # noqa: PLC0415

    await warm_up()
    return Turns(http, _provider_secrets(), put)


def _provider_secrets() -> tuple[Secret, ...]:
    """The values of the variables that hold a provider's credentials."""
    values = ((name, os.environ.get(name, "")) for name in os.environ.get(PROVIDER_NAMES, "").split(","))
    return tuple(Secret(value) for name, value in values if value and is_secret(name, value))


def _read(source: BinaryIO, put: Callable[[Request | Failed | ListFailed], None]) -> None:
    for line in source:
        try:
            put(wire.request(line))
        except wire.BadLineError as error:
            if error.answer is None:  # nobody could be answered; the app fails the turns of a worker that ends
                sys.stderr.write(f"{error}\n")
                sys.stderr.flush()
                os._exit(1)
            put(error.answer)
    os._exit(0)


if __name__ == "__main__":
    main()
