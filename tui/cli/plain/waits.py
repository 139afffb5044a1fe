"""Waiting without a display: Ctrl+C ends it at any moment, and a long wait is told of now and then."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncGenerator, Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final, TypeVar

from tui.format import seconds
from tui.llm.events import Retrying, TurnEvent

T = TypeVar("T")
_TOLD_EVERY_S: Final = 10.0
"""A wait is told of again after this long."""


async def with_waits(
    events: AsyncGenerator[TurnEvent, None], every_s: float = _TOLD_EVERY_S
) -> AsyncGenerator[TurnEvent | str, None]:
    """The events; in a long wait a line now and then that says how much of it is left."""
    left_s = 0.0
    while True:
        coming = asyncio.ensure_future(anext(events, None))
        try:
            while not (await asyncio.wait({coming}, timeout=every_s))[0]:
                left_s -= every_s
                yield f"{seconds(left_s)} to wait." if left_s > 0 else "Still waiting for the model."
        finally:
            if not coming.done():
                coming.cancel()
                await asyncio.wait({coming})
        event = coming.result()
        if event is None:
            return
        left_s = event.wait_s if isinstance(event, Retrying) else 0.0
        yield event


async def interruptible(work: Coroutine[Any, Any, T]) -> T:
    """`work`, cancelled by Ctrl+C at any moment."""
    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    assert task is not None  # noqa: S101  # a runner runs tasks
    with suppress(NotImplementedError):  # Windows: the runner's own handler has to do
        loop.add_signal_handler(signal.SIGINT, task.cancel)
    try:
        return await work
    finally:
        with suppress(NotImplementedError):
            loop.remove_signal_handler(signal.SIGINT)


@contextmanager
def interruptible_read() -> Iterator[None]:
    """For a question to the terminal while the loop runs: the loop's own handler would not reach the prompt."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
