"""The app's end of the pipe: starts workers, sends requests, hands each turn its own events.

Every request gets exactly one last event here as well, whatever becomes of its worker: the worker's own, or what the
end of the worker means for it, or `Cancelled` where the worker does not say so in time. A worker that can't start is
reported as such, with the cause, and only a turn starts it again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Coroutine, Mapping
from typing import Any, Final, TypeAlias

from tui.engine.environment import scrubbed
from tui.engine.process import COMMAND, WorkerProcess
from tui.llm import startup
from tui.llm.events import (
    Ask,
    Cancel,
    Cancelled,
    Delta,
    Event,
    Failed,
    Listed,
    ListFailed,
    ListModels,
    Ready,
    RetryNow,
    StartFailed,
    TurnEvent,
    is_last,
)

CANCEL_S: Final = 0.08
"""How long a cancelled turn waits for the worker's own word before it ends without it."""
STUCK_S: Final = 2.0
"""A worker that says nothing at all for so long after a cancel, nor soon after that, is stuck, and replaced."""
_SECOND_LOOK_S: Final = 0.5
"""After a pause of the app itself, timers run before what has come in meanwhile is read."""
IDLE_S: Final = 120.0
"""A worker with other provider variables than those last asked for stays this long after its last turn: its next one
need not wait for LiteLLM to load."""
MODELS_S: Final = 30.0
"""The longest wait for a list of models: the worker's own bound is 10 s, and it may have to be started first."""
START_TRIES: Final = 2
"""After so many starts in a row that failed, only a turn starts a worker again: each start takes seconds of work."""
_DEATHS: Final = 3
"""How often a request is given to another worker because the one it was to go to has just ended."""

_Variables: TypeAlias = frozenset[tuple[str, str]]

_CLOSED: Final = StartFailed(
    reason="other", happened="The program is closing", advice="Start it again to send a request."
)


class _NoWorkerError(Exception):
    """There is no worker to give a request to."""

    def __init__(self, failed: StartFailed) -> None:
        super().__init__(failed.happened)
        self.failed = failed


class _OpenTurn:
    """A turn that somebody reads."""

    def __init__(self, ask: Ask) -> None:
        self.ask = ask
        self.worker: WorkerProcess | None = None
        self.events: asyncio.Queue[TurnEvent] = asyncio.Queue()
        self.begun = False
        """Whether the worker said anything of it; before that it has sent nothing to the model."""
        self.shown = False
        """Whether any of the answer came."""
        self.over = False
        """Whether its last event is in the queue, or nobody reads any more."""

    def put(self, event: TurnEvent) -> None:
        """Queue an event, but nothing after the last."""
        if self.over:
            return
        self.begun = True
        self.shown = self.shown or isinstance(event, Delta)
        self.over = is_last(event)
        self.events.put_nowait(event)

    def fail(self, failed: StartFailed) -> None:
        """End it, because there is no worker."""
        words = failed.detail
        self.put(Failed(id=self.ask.id, cause="setup", message=failed.message, advice=failed.advice, detail=words))

    def lost(self, words: str) -> None:
        """End it, because its worker has ended with these last words."""
        message = "The worker process ended in the middle of the turn. "
        advice = "Send the message again: a new worker starts by itself."
        self.put(
            Failed(
                id=self.ask.id,
                cause="worker",
                message=message + advice,
                advice=advice,
                detail=words,
                partial=self.shown,
            )
        )


class _OpenList:
    """A question for an endpoint's models that somebody waits for."""

    def __init__(self, request: ListModels) -> None:
        self.request = request
        self.worker: WorkerProcess | None = None
        self.answer: asyncio.Future[Listed | ListFailed] = asyncio.get_running_loop().create_future()

    def put(self, event: Listed | ListFailed) -> None:
        """Take the answer, if it is still wanted."""
        if not self.answer.done():
            self.answer.set_result(event)

    def fail(self, failed: StartFailed) -> None:
        """Answer that there is no worker."""
        words = failed.detail
        self.put(ListFailed(id=self.request.id, reason="setup", cause="setup", message=failed.message, detail=words))

    def lost(self, words: str) -> None:
        """Answer that the worker has ended with these last words."""
        message = "The worker process ended while it asked for the models. Try again: a new one starts by itself."
        self.put(ListFailed(id=self.request.id, reason="worker", cause="worker", message=message, detail=words))


class _Events(AsyncGenerator[TurnEvent, None]):
    """A turn's events; closing it ends the turn, even before the first event was asked for."""

    def __init__(self, engine: Engine, turn: _OpenTurn, events: AsyncGenerator[TurnEvent, None]) -> None:
        self._engine = engine
        self._turn = turn
        self._events = events

    async def asend(self, value: None) -> TurnEvent:
        return await self._events.asend(value)

    async def athrow(self, *error: Any) -> TurnEvent:
        try:
            return await self._events.athrow(*error)
        finally:
            self._engine.forget(self._turn)

    async def aclose(self) -> None:
        try:
            await self._events.aclose()
        finally:
            self._engine.forget(self._turn)


class Engine:
    """One worker process: started when first wanted, replaced when dead, gone when this closes or the app dies.

    Each set of provider variables has a worker of its own; turns with different ones go on at the same time.
    """

    def __init__(self, env: Mapping[str, str], *, idle_s: float = IDLE_S, command: tuple[str, ...] = COMMAND) -> None:
        """`env` is the app's environment; the worker gets only what it needs of it (no key, no LLM_*).

        `command` runs a worker.
        """
        self._env = scrubbed(env)
        self._idle_s = idle_s
        self._command = command
        self._current: WorkerProcess | None = None
        self._workers: set[WorkerProcess] = set()
        self._open: dict[str, _OpenTurn | _OpenList] = {}
        self._starts: dict[_Variables, asyncio.Task[WorkerProcess]] = {}
        self._failures: dict[_Variables, tuple[int, StartFailed]] = {}
        """How many starts in a row have failed, and why the last one did."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    async def start(self) -> None:
        """Start the worker in the background, at low priority, unless it runs; returns before it is ready.

        A start that fails is reported by the next turn, which tries again.
        """
        try:
            await self._worker({}, wanted=False)
        except _NoWorkerError:
            self._current = None

    @property
    def ready(self) -> bool:
        """Whether LiteLLM is loaded in the worker."""
        return self._current is not None and self._current.ready

    @property
    def pid(self) -> int | None:
        """The worker's process id, if one runs."""
        return self._current.pid if self._current is not None and self._current.alive else None

    def turn(self, ask: Ask, provider_env: Mapping[str, str] | None = None) -> AsyncGenerator[TurnEvent, None]:
        """The events of one turn, ending in exactly one of Finished, Failed, Cancelled; closing it cancels the turn.

        Args:
            ask: the request.
            provider_env: variables of a provider that authenticates through the environment (Vertex, Bedrock).

        Raises:
            ValueError: a request with this id is open.
        """
        self._check_free(ask.id)
        turn = self._open[ask.id] = _OpenTurn(ask)
        return _Events(self, turn, self._events(turn, dict(provider_env or {})))

    async def models(self, request: ListModels) -> Listed | ListFailed:
        """The models that an endpoint serves, or why there is no list; cancelling the call ends the question.

        It goes to the worker that runs, whatever provider variables that one has, and takes 30 s at most.

        Raises:
            ValueError: a request with this id is open.
        """
        self._check_free(request.id)
        asked = self._open[request.id] = _OpenList(request)
        try:
            async with asyncio.timeout(MODELS_S):
                await self._ask(asked)
                return await asked.answer
        except TimeoutError:
            message = f"The models were not listed within {MODELS_S:g} s. Try again, or type the model's name."
            return ListFailed(id=request.id, reason="timeout", cause="network", message=message)
        finally:
            del self._open[request.id]
            if asked.worker is not None and (asked.answer.cancelled() or not asked.answer.done()):
                self._cancel(asked.worker, request.id)

    def retry_now(self, turn_id: str) -> None:
        """End the wait that the turn is in."""
        turn = self._open.get(turn_id)
        if isinstance(turn, _OpenTurn) and turn.worker is not None and not turn.over:
            turn.worker.send(RetryNow(id=turn_id))

    def cancel(self, turn_id: str) -> None:
        """End the turn; its events end with Cancelled within 100 ms, whatever the worker does."""
        turn = self._open.get(turn_id)
        if not isinstance(turn, _OpenTurn) or turn.over:
            return
        if turn.worker is None:
            turn.put(Cancelled(id=turn_id))
            return
        self._cancel(turn.worker, turn_id)
        asyncio.get_running_loop().call_later(CANCEL_S, turn.put, Cancelled(id=turn_id))

    def forget(self, turn: _OpenTurn) -> None:
        """Nobody reads the turn any more; its worker is to end it, unless it is over."""
        if self._open.get(turn.ask.id) is turn:
            del self._open[turn.ask.id]
        if not turn.over and turn.worker is not None:
            self._cancel(turn.worker, turn.ask.id)
        turn.over = True

    async def close(self) -> None:
        """End all requests and workers, within 0.5 s."""
        self._closed = True
        for one in tuple(self._open.values()):
            if isinstance(one, _OpenTurn):
                one.put(Cancelled(id=one.ask.id))
            else:
                one.fail(_CLOSED)
        await asyncio.gather(*self._starts.values(), return_exceptions=True)
        await asyncio.gather(*(worker.stop() for worker in tuple(self._workers)), *self._tasks)

    def _check_free(self, request_id: str) -> None:
        if request_id in self._open or any(one.alive and request_id in one.pending for one in self._workers):
            raise ValueError(f"request {request_id} is open already")

    async def _events(self, turn: _OpenTurn, extra: Mapping[str, str]) -> AsyncGenerator[TurnEvent, None]:
        try:
            if not turn.over:
                self._keep(self._send(turn, extra))
            while True:
                event = await turn.events.get()
                yield event
                if turn.over and turn.events.empty():
                    return
        finally:
            self.forget(turn)

    async def _send(self, turn: _OpenTurn, extra: Mapping[str, str]) -> None:
        """Give the turn to the worker with its variables, unless it is cancelled while that one is being started."""
        try:
            worker = await self._worker(extra, wanted=True)
        except _NoWorkerError as error:
            turn.fail(error.failed)
            return
        if not turn.over:
            turn.worker = worker
            worker.send(turn.ask)

    async def _ask(self, asked: _OpenList) -> None:
        current = self._current
        try:
            worker = current if current is not None and current.alive else await self._worker({}, wanted=False)
        except _NoWorkerError as error:
            asked.fail(error.failed)
            return
        if not asked.answer.done():
            asked.worker = worker
            worker.send(asked.request)

    async def _worker(self, extra: Mapping[str, str], *, wanted: bool) -> WorkerProcess:
        """A living worker with exactly these provider variables; the one before stops when it has been idle for long.

        Args:
            extra: the variables.
            wanted: whether the user has asked for something that needs it, so that a start is worth another try.

        Raises:
            _NoWorkerError: it can't be started.
        """
        variables = frozenset(extra.items())
        for _ in range(_DEATHS):
            worker = self._running(extra) or await self._started(variables, wanted=wanted)
            if worker.failed is not None:
                raise _NoWorkerError(worker.failed)
            if worker.alive and not self._closed:  # it may have ended between its start and now
                return self._take(worker)
        raise _NoWorkerError(_CLOSED if self._closed else startup.from_exit(None, ""))

    def _running(self, extra: Mapping[str, str]) -> WorkerProcess | None:
        if self._closed:
            raise _NoWorkerError(_CLOSED)
        alive = (one for one in self._workers if one.alive and not one.retired and one.extra == extra)
        return next(alive, None)

    async def _started(self, variables: _Variables, *, wanted: bool) -> WorkerProcess:
        """A new worker, started once for all who want it; nobody who gives up takes it away from the others."""
        if variables not in self._starts:
            failures, failed = self._failures.get(variables, (0, _CLOSED))
            if failures >= START_TRIES and not wanted:
                raise _NoWorkerError(failed)
            task = self._starts[variables] = asyncio.create_task(self._start(variables))
            task.add_done_callback(lambda task: task.cancelled() or task.exception())
        return await asyncio.shield(self._starts[variables])

    async def _start(self, variables: _Variables) -> WorkerProcess:
        worker = WorkerProcess(dict(variables), self._on_event, self._on_exit, self._command)
        self._workers.add(worker)
        try:
            await worker.start(self._env)
        except OSError as error:
            self._workers.discard(worker)
            failed = startup.from_exec(error, self._command[0])
            self._note(variables, failed)
            raise _NoWorkerError(failed) from error
        finally:
            del self._starts[variables]
        return worker

    def _take(self, worker: WorkerProcess) -> WorkerProcess:
        """Make it the one that was last asked for."""
        before, self._current = self._current, worker
        if before is not None:
            self._stop_when_idle(before)
        return worker

    def _note(self, variables: _Variables, failed: StartFailed) -> None:
        self._failures[variables] = (self._failures.get(variables, (0, failed))[0] + 1, failed)

    def _on_event(self, worker: WorkerProcess, event: Event) -> None:
        match event:
            case Ready():
                self._failures.pop(frozenset(worker.extra.items()), None)
                return
            case StartFailed():
                return  # the end of the worker, which follows, says so
        one = self._open.get(event.id)
        if one is not None and one.worker is worker:
            match one, event:
                case _OpenList(), Listed() | ListFailed():
                    one.put(event)
                case _OpenTurn(), _ if not isinstance(event, Listed | ListFailed):
                    one.put(event)
        self._stop_when_idle(worker)

    def _on_exit(self, worker: WorkerProcess) -> None:
        self._workers.discard(worker)
        if worker.failed is not None and not self._closed:
            self._note(frozenset(worker.extra.items()), worker.failed)
        for one in tuple(self._open.values()):
            if one.worker is not worker:
                continue
            if worker.failed is not None:
                one.fail(worker.failed)
            elif worker.stuck and isinstance(one, _OpenTurn) and not one.begun:
                one.worker = None
                self._keep(self._send(one, worker.extra))
            else:
                one.lost(worker.epitaph())

    def _stop_when_idle(self, worker: WorkerProcess) -> None:
        """Stop it after a while, unless it is the one last asked for by then, or has a turn."""
        if worker is not self._current and worker.alive and not worker.pending:
            asyncio.get_running_loop().call_later(self._idle_s, self._stop_if_idle, worker, worker.sent)

    def _stop_if_idle(self, worker: WorkerProcess, sent: int) -> None:
        """`sent` tells whether it had anything to do since."""
        if worker is not self._current and worker.alive and not worker.pending and worker.sent == sent:
            worker.retired = True
            self._keep(worker.stop())

    def _keep(self, work: Coroutine[Any, Any, None]) -> None:
        """Do it in the background; a task that nobody refers to may vanish."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _cancel(self, worker: WorkerProcess, request_id: str) -> None:
        worker.send(Cancel(id=request_id))
        self._watch(worker, request_id)

    def _watch(self, worker: WorkerProcess, request_id: str) -> None:
        """Kill a worker that is ready, does not confirm the end of a request, and says nothing else either.

        One that is still loading can't confirm yet. Turns that it never took up go to the next worker.
        """
        loop, was_ready, heard = asyncio.get_running_loop(), worker.ready, worker.heard

        def look(*, second: bool) -> None:
            if request_id not in worker.pending or not worker.alive:
                return
            if not was_ready or worker.heard != heard:
                self._watch(worker, request_id)
            elif second:
                worker.stuck = True
                worker.kill()
            else:
                loop.call_later(_SECOND_LOOK_S, lambda: look(second=True))

        loop.call_later(STUCK_S, lambda: look(second=False))
