"""The asynchronous part of a command, and how Ctrl+C ends it."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from tui.cli.exits import Exit

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """What `work` gives. Ctrl+C cancels it, and the command exits as interrupted.

    asyncio.run's own handler does not wake a loop that is about to wait: a Ctrl+C at that moment is seen only when
    something else happens, which may be never. A handler of the loop's wakes it.
    """
    try:
        return asyncio.run(_interruptible(work))
    except (KeyboardInterrupt, asyncio.CancelledError):
        raise SystemExit(Exit.INTERRUPTED) from None


async def _interruptible(work: Coroutine[Any, Any, T]) -> T:
    task = asyncio.current_task()
    if task is None:
        raise TypeError("a coroutine that asyncio.run runs is a task")
    with suppress(NotImplementedError):  # Windows: asyncio.run's own handler has to do
        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, task.cancel)
    return await work
