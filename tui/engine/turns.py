"""The requests under way inside the worker: each gets exactly one last event. Importing this imports LiteLLM.

That event is the turn's own (`Finished`, `Failed`, `Cancelled`) or the list's (`Listed`, `ListFailed`). A list, or a
turn whose task has not run yet, is answered with `Cancelled` as soon as it is cancelled. Where a task ends without a
last event, its end puts one: a task ends exactly once, whatever happens to it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import aclosing
from pathlib import Path

import httpx

from tui.config.secret import Secret
from tui.llm.discovery import discover
from tui.llm.events import (
    Ask,
    Cancel,
    Cancelled,
    Event,
    Failed,
    ListFailed,
    ListModels,
    Request,
    RetryNow,
    is_last,
)
from tui.llm.turn import Turn


class _Job:
    """One request, and the task that works on it."""

    def __init__(self, request: Ask | ListModels, put: Callable[[Event], None], forget: Callable[[], None]) -> None:
        """`forget` is called before the last event goes to `put`."""
        self.request = request
        self.task: asyncio.Task[None] | None = None
        self.turn: Turn | None = None
        """Of an `Ask` whose task has begun."""
        self._put = put
        self._forget = forget
        self._over = False

    def put(self, event: Event) -> None:
        """Pass an event on, but nothing after the last one."""
        if self._over:
            return
        if is_last(event):
            self._forget()
        self._put(event)
        self._over = is_last(event)

    def cancel(self) -> None:
        """End it: a turn by its own means, which close the connection and measure the time; anything else at once."""
        if self.turn is not None:
            self.turn.cancel()
            return
        self.put(Cancelled(id=self.request.id))
        if self.task is not None:
            self.task.cancel()

    def ended(self, task: asyncio.Task[None]) -> None:
        """Put the last event, if there was none."""
        error = None if task.cancelled() else task.exception()
        self.put(self._broken("no last event" if error is None else _place(error)))

    def _broken(self, place: str) -> Failed | ListFailed:
        if isinstance(self.request, ListModels):
            message = "The program made a mistake while it asked for the models. The details say where it happened."
            return ListFailed(id=self.request.id, reason="worker", cause="worker", message=message, detail=place)
        message = "The program made a mistake in this turn. Try again; the details say where it happened."
        return Failed(id=self.request.id, cause="worker", message=message, detail=place)


class Turns:
    """Starts, hurries and ends turns and lists of models; each is a task of its own."""

    def __init__(self, http: httpx.AsyncClient, secrets: Iterable[Secret], put: Callable[[Event], None]) -> None:
        """`put` takes the events, in order; it is called in the event loop and must not wait."""
        self._http = http
        self._secrets = tuple(secrets)
        self._put = put
        self._jobs: dict[str, _Job] = {}

    def handle(self, request: Request) -> None:
        """Do what a request says.

        An order for a request that is over comes too late and is dropped. So is a request with the id of one that is
        under way: the last event of that one ends both.
        """
        job = self._jobs.get(request.id)
        match request:
            case Ask() | ListModels() if job is None:
                self._begin(request)
            case Cancel() if job is not None:
                job.cancel()
            case RetryNow() if job is not None and job.turn is not None:
                job.turn.retry_now()

    def _begin(self, request: Ask | ListModels) -> None:
        job = self._jobs[request.id] = _Job(request, self._put, lambda: self._forget(request.id))
        job.task = asyncio.create_task(self._run(job, request))
        job.task.add_done_callback(job.ended)

    def _forget(self, request_id: str) -> None:
        self._jobs.pop(request_id, None)

    async def _run(self, job: _Job, request: Ask | ListModels) -> None:
        if isinstance(request, ListModels):
            job.put(await discover(request, self._http, self._secrets))
            return
        job.turn = Turn(request, self._http, self._secrets)
        async with aclosing(job.turn.events()) as events:
            async for event in events:
                job.put(event)


def _place(error: BaseException) -> str:
    """Type and place of an exception, without its text, which may hold a key."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f" in {Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
    return f"{type(error).__name__}{where}"
