"""The app's end of the pipe: starts the worker, sends requests, hands each turn its own events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Coroutine, Mapping
from typing import Any, Final

from tui.engine.environment import scrubbed
from tui.engine.process import WorkerProcess
from tui.llm.events import (
    Ask,
    Cancel,
    Cancelled,
    Delta,
    Event,
    Failed,
    Finished,
    Listed,
    ListFailed,
    ListModels,
    Ready,
    RetryNow,
    TurnEvent,
)

CANCEL_S: Final = 0.08
"""How long a cancelled turn waits for the worker's own word before it ends without it."""
STUCK_S: Final = 2.0
"""A worker that has not confirmed a cancelled turn by then is stuck, and replaced."""

IDLE_S: Final = 120.0
"""A worker with other provider variables than those last asked for stays this long after its last turn: its next one
need not wait for LiteLLM to load."""
MODELS_S: Final = 30.0
"""The longest wait for a list of models: the worker's own bound is 10 s, and it may have to be started first."""


class _Open:
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
        """Whether its last event is in the queue."""

    def put(self, event: TurnEvent) -> None:
        """Queue an event, but nothing after the last."""
        if self.over:
            return
        self.begun = True
        self.shown = self.shown or isinstance(event, Delta)
        self.over = isinstance(event, Finished | Failed | Cancelled)
        self.events.put_nowait(event)


class _Asked:
    """A question for an endpoint's models that somebody waits for."""

    def __init__(self) -> None:
        self.worker: WorkerProcess | None = None
        self.answer: asyncio.Future[Listed | ListFailed] = asyncio.get_running_loop().create_future()

    def put(self, event: Listed | ListFailed) -> None:
        """Take the answer, if it is still wanted."""
        if not self.answer.done():
            self.answer.set_result(event)


class Engine:
    """One worker process: started when first wanted, replaced when dead, gone when this closes or the app dies.

    Each set of provider variables has a worker of its own; turns with different ones go on at the same time.
    """

    def __init__(self, env: Mapping[str, str], *, idle_s: float = IDLE_S) -> None:
        """`env` is the app's environment; the worker gets only what it needs of it (no key, no LLM_*)."""
        self._env = scrubbed(env)
        self._idle_s = idle_s
        self._current: WorkerProcess | None = None
        self._workers: set[WorkerProcess] = set()
        self._turns: dict[str, _Open] = {}
        self._lists: dict[str, _Asked] = {}
        self._starting = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    async def start(self) -> None:
        """Start the worker in the background, at low priority, unless it runs; returns before it is ready.

        A start that fails is told by the next turn, which tries again.
        """
        try:
            await self._worker({})
        except OSError:
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
            ValueError: a turn with this id is open.
        """
        if ask.id in self._turns:
            raise ValueError(f"turn {ask.id} is open already")
        turn = self._turns[ask.id] = _Open(ask)
        return self._events(turn, dict(provider_env or {}))

    async def models(self, request: ListModels) -> Listed | ListFailed:
        """The models that an endpoint serves, or why there is no list; cancelling the call ends the question.

        It goes to the worker that runs, whatever provider variables that one has, and takes 30 s at most.
        """
        asked = self._lists[request.id] = _Asked()
        try:
            async with asyncio.timeout(MODELS_S):
                current = self._current
                asked.worker = current if current is not None and current.alive else await self._worker({})
                asked.worker.send(request)
                return await asked.answer
        except TimeoutError:
            message = f"The models were not listed within {MODELS_S:g} s. Try again, or type the model's name."
            return ListFailed(id=request.id, reason="timeout", cause="network", message=message)
        except OSError as error:
            message = f"The worker process could not be started: {error.strerror or error}. Try again."
            return ListFailed(id=request.id, reason="worker", cause="worker", message=message)
        finally:
            del self._lists[request.id]
            if asked.worker is not None and (asked.answer.cancelled() or not asked.answer.done()):
                self._cancel(asked.worker, request.id)

    def retry_now(self, turn_id: str) -> None:
        """End the wait that the turn is in."""
        turn = self._turns.get(turn_id)
        if turn is not None and turn.worker is not None:
            turn.worker.send(RetryNow(id=turn_id))

    def cancel(self, turn_id: str) -> None:
        """End the turn; its events end with Cancelled within 100 ms, whatever the worker does."""
        turn = self._turns.get(turn_id)
        if turn is None or turn.over:
            return
        if turn.worker is None:
            turn.put(Cancelled(id=turn_id))
            return
        self._cancel(turn.worker, turn_id)
        asyncio.get_running_loop().call_later(CANCEL_S, turn.put, Cancelled(id=turn_id))

    async def close(self) -> None:
        """End the worker, within 0.5 s."""
        self._closed = True
        for turn in self._turns.values():
            turn.put(Cancelled(id=turn.ask.id))
        await asyncio.gather(*(worker.stop() for worker in tuple(self._workers)), *self._tasks)

    async def _events(self, turn: _Open, extra: Mapping[str, str]) -> AsyncGenerator[TurnEvent, None]:
        try:
            if not turn.over:
                await self._send(turn, extra)
            while True:
                event = await turn.events.get()
                yield event
                if turn.over and turn.events.empty():
                    return
        finally:
            del self._turns[turn.ask.id]
            if not turn.over and turn.worker is not None:
                self._cancel(turn.worker, turn.ask.id)

    async def _send(self, turn: _Open, extra: Mapping[str, str]) -> None:
        try:
            worker = await self._worker(extra)
        except OSError as error:
            message = f"The worker process could not be started: {error.strerror or error}. Try again; if it stays so, "
            message += "check the Python installation and the machine's free memory."
            turn.put(Failed(id=turn.ask.id, cause="worker", message=message))
            return
        if not turn.over:  # cancelled while the worker was being started
            turn.worker = worker
            worker.send(turn.ask)

    async def _worker(self, extra: Mapping[str, str]) -> WorkerProcess:
        """The worker with exactly these provider variables; one with others stops when it has been idle for long."""
        async with self._starting:
            if self._closed:
                raise ProcessLookupError("the engine is closed")
            current = self._current
            if current is not None and current.alive and current.extra == extra:
                return current
            worker = next((one for one in self._workers if one.alive and not one.retired and one.extra == extra), None)
            if worker is None:
                worker = WorkerProcess(extra, self._on_event, self._on_exit)
                await worker.start(self._env)
                self._workers.add(worker)
            self._current = worker
            if current is not None:
                self._stop_when_idle(current)
            return worker

    def _on_event(self, worker: WorkerProcess, event: Event) -> None:
        match event:
            case Ready():
                return
            case Listed() | ListFailed():
                asked = self._lists.get(event.id)
                if asked is not None and asked.worker is worker:
                    asked.put(event)
            case _:
                turn = self._turns.get(event.id)
                if turn is not None and turn.worker is worker:
                    turn.put(event)
        self._stop_when_idle(worker)

    def _on_exit(self, worker: WorkerProcess) -> None:
        self._workers.discard(worker)
        message = (
            "The worker process ended in the middle of the turn. Send the message again: a new worker starts by itself."
        )
        for turn in self._turns.values():
            if turn.worker is worker and worker.stuck and not turn.begun:
                turn.worker = None
                self._keep(self._send(turn, worker.extra))
            elif turn.worker is worker:
                words = worker.epitaph()
                turn.put(Failed(id=turn.ask.id, cause="worker", message=message, detail=words, partial=turn.shown))

        for list_id, asked in self._lists.items():
            if asked.worker is worker:
                words = "The worker process ended while it asked for the models. Try again: a new one starts by itself."
                failed = ListFailed(id=list_id, reason="worker", cause="worker", message=words, detail=worker.epitaph())
                asked.put(failed)

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

    def _cancel(self, worker: WorkerProcess, turn_id: str) -> None:
        worker.send(Cancel(id=turn_id))
        self._watch(worker, turn_id)

    def _watch(self, worker: WorkerProcess, turn_id: str) -> None:
        """Kill a worker that is ready and does not confirm the end of a turn; one that is still loading can't yet.

        Turns that it never took up go to the next worker.
        """
        was_ready = worker.ready

        def check() -> None:
            if turn_id in worker.pending and worker.alive:
                if was_ready:
                    worker.stuck = True
                    worker.kill()
                else:
                    self._watch(worker, turn_id)

        asyncio.get_running_loop().call_later(STUCK_S, check)
