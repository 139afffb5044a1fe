"""Shields changes of the widget tree from cancellation.

Textual waits for a removal by gathering the tasks of the removed widgets' message pumps. Whoever is cancelled while it
awaits a removal therefore cancels those pumps, and with them every pump that awaits them, up to the app's own: the app
then ends without a reason. Textual cancels the work of a widget whenever newer work of an exclusive group begins.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from textual.widget import Widget

W = TypeVar("W", bound=Widget)
P = ParamSpec("P")
T = TypeVar("T")


def shielded(
    change: Callable[Concatenate[W, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate[W, P], Coroutine[Any, Any, T]]:
    """Decorate a method of a widget (or a function whose first argument is one) that has to run to its end.

    A caller that is cancelled meanwhile still waits for that end, and is cancelled then. The decorated code runs in a
    task of its own, so it must not await the removal of the widget whose message handler called it.
    """

    @wraps(change)
    async def to_its_end(widget: W, /, *args: P.args, **kwargs: P.kwargs) -> T:
        task = asyncio.create_task(change(widget, *args, **kwargs))
        cancelled: asyncio.CancelledError | None = None
        while not task.done():
            try:
                await asyncio.wait((task,))
            except asyncio.CancelledError as error:
                cancelled = error
        if cancelled is None:
            return task.result()
        if not task.cancelled() and (failure := task.exception()) is not None and widget.is_attached:
            raise failure  # in a widget that is gone, a change may well fail
        raise cancelled

    return to_its_end
