"""Work that may block for ever, in daemon threads: it has a bound, and it never keeps the process from exiting."""

from __future__ import annotations

import contextlib
import errno
import threading
from collections.abc import Callable
from functools import partial
from typing import TypeVar

T = TypeVar("T")


class StalledError(TimeoutError):
    """The work did not end within its bound. It may still do so, and have its effect.

    An `OSError`, as every `TimeoutError` is: whoever expects a disk to fail expects one that hangs too. A class of its
    own, because a plain `TimeoutError` may come from the work itself.
    """

    def __init__(self, bound_s: float) -> None:
        super().__init__(errno.ETIMEDOUT, f"there was no answer within {bound_s:g} s")
        self.bound_s = bound_s

    def __str__(self) -> str:
        """A sentence of its own, where nobody has a better one."""
        return f"There was no answer within {self.bound_s:g} s. Check the disk, then try again."


async def aside(work: Callable[[], T], bound_s: float) -> T:
    """What `work` gives or raises; after `bound_s` its thread is left to itself and ends with the process.

    A pool's threads (`asyncio.to_thread`, Textual's thread workers) are joined at exit, so one that hangs would keep
    the app from leaving.

    Raises:
        StalledError: the bound passed. The work may still come to its end, and have its effect.
    """
    import asyncio  # noqa: PLC0415  # whoever awaits this has it already; whoever imports this may not

    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[T] = loop.create_future()

    def settle(give: Callable[[], None]) -> None:
        if not outcome.done():
            give()

    def run() -> None:
        try:
            give = partial(outcome.set_result, work())
        except Exception as error:  # noqa: BLE001  # raised again by whoever waits
            give = partial(outcome.set_exception, error)
        with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile: nobody waits any more
            loop.call_soon_threadsafe(settle, give)

    threading.Thread(target=run, name="aside", daemon=True).start()
    bound = asyncio.timeout(bound_s)
    try:
        async with bound:
            return await outcome
    except TimeoutError:
        if bound.expired():
            raise StalledError(bound_s) from None
        raise
