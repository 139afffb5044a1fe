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
from contextlib import suppress
from threading import Thread
from typing import BinaryIO, Final

from tui.engine import wire
from tui.engine.outlet import Outlet
from tui.llm.events import Ready, Request

PROVIDER_NAMES: Final = "LLM_BACKENDS_PROVIDER_VARIABLES"
"""Names, with commas between them, of the variables that hold a provider's credentials, so that they can be masked."""
NICENESS: Final = 10
"""Importing LiteLLM must not slow the screen down."""


def main() -> None:
    """Run until standard input closes."""
    started = time.monotonic()
    sink = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    if hasattr(os, "nice"):
        with suppress(OSError):  # a sandbox may forbid it; the worker is then only less polite
            os.nice(NICENESS)
    asyncio.run(_serve(sys.stdin.buffer, sink, started))


async def _serve(source: BinaryIO, sink: BinaryIO, started: float) -> None:
    loop = asyncio.get_running_loop()
    inbox: asyncio.Queue[Request] = asyncio.Queue()
    outlet = Outlet(sink)

    def put(request: Request) -> None:
        loop.call_soon_threadsafe(inbox.put_nowait, request)

    Thread(target=_read, args=(source, put), daemon=True).start()

    from tui.engine.turns import Turns, provider_secrets  # noqa: PLC0415  # slow; the reader thread watches meanwhile
    from tui.llm.client import warm_up  # noqa: PLC0415
    from tui.llm.exchange import new_http  # noqa: PLC0415

    async with new_http() as http:
        secrets = provider_secrets(os.environ.get(PROVIDER_NAMES, ""))
        await warm_up()
        turns = Turns(http, secrets, lambda event: outlet.put(wire.encode(event)))
        outlet.put(wire.encode(Ready(seconds=time.monotonic() - started)))
        while True:
            turns.handle(await inbox.get())


def _read(source: BinaryIO, put: Callable[[Request], None]) -> None:
    for line in source:
        try:
            put(wire.request(line))
        except wire.BadLineError as error:  # nobody would answer it; the app fails the turns of a worker that ends
            sys.stderr.write(f"{error}\n")
            sys.stderr.flush()
            os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    main()
