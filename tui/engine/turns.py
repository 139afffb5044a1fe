"""The turns and lists of models under way inside the worker. Importing this imports LiteLLM."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable
from contextlib import aclosing
from pathlib import Path

import httpx

from tui.config.secret import Secret
from tui.llm.discovery import discover
from tui.llm.events import Ask, Cancel, Cancelled, Event, Failed, ListFailed, ListModels, Request, RetryNow
from tui.llm.turn import Turn


class Turns:
    """Starts, hurries and ends turns; each is a task of its own."""

    def __init__(self, http: httpx.AsyncClient, secrets: Iterable[Secret], put: Callable[[Event], None]) -> None:
        self._http = http
        self._secrets = tuple(secrets)
        self._put = put
        self._turns: dict[str, Turn] = {}
        self._lists: dict[str, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def handle(self, request: Request) -> None:
        """Do what a request says; an order for a turn that is over comes too late and is dropped."""
        match request:
            case Ask():
                turn = self._turns[request.id] = Turn(request, self._http, self._secrets)
                task = asyncio.create_task(self._run(request.id, turn))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            case ListModels():
                self._lists[request.id] = asyncio.create_task(self._list(request))
            case Cancel() if request.id in self._lists:
                self._lists[request.id].cancel()
            case Cancel() if request.id in self._turns:
                self._turns[request.id].cancel()
            case RetryNow() if request.id in self._turns:
                self._turns[request.id].retry_now()

    async def _list(self, request: ListModels) -> None:
        try:
            self._put(await discover(request, self._http, self._secrets))
        except asyncio.CancelledError:
            self._put(Cancelled(id=request.id))
        except Exception as error:  # noqa: BLE001  # the edge, as below
            message = "The program made a mistake while it asked for the models. The details say where it happened."
            failed = ListFailed(id=request.id, reason="worker", cause="worker", message=message, detail=_place(error))
            self._put(failed)
        finally:
            del self._lists[request.id]

    async def _run(self, turn_id: str, turn: Turn) -> None:
        try:
            async with aclosing(turn.events()) as events:
                async for event in events:
                    self._put(event)
        except Exception as error:  # noqa: BLE001  # the edge: a mistake of ours ends the turn and is told, the worker lives
            message = "The program made a mistake in this turn. Try again; the details say where it happened."
            self._put(Failed(id=turn_id, cause="worker", message=message, detail=_place(error)))
        finally:
            del self._turns[turn_id]


def provider_secrets(names: str) -> tuple[Secret, ...]:
    """The values of the variables that are named, with commas between them."""
    return tuple(Secret(os.environ[name]) for name in names.split(",") if os.environ.get(name))


def _place(error: BaseException) -> str:
    """Type and place of an exception, without its text, which may hold a key."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f" in {Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
    return f"{type(error).__name__}{where}"
