"""Runs a check-up over a worker that plays a script, or over a fake provider through LiteLLM in this process."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from typing import Any, Final

import httpx
import msgspec

from tests.chat.fakes import Parts, Step, settings
from tests.fake_replies import Reply
from tui.checkup.outcome import Outcome, StageEnded, StageEvent, StageName
from tui.checkup.report import Report
from tui.checkup.runner import Checkup
from tui.config.resolve import Resolved
from tui.llm.events import Ask, Delta, Failed, Finished, ToolCall, TurnEvent, Usage
from tui.llm.turn import Turn
from tui.providers.catalogue import Model
from tui.request.backend import Backend
from tui.usage.question import NeedsYesError

GOOD_JSON: Final = '{"name": "Ada", "age": 36, "games": ["chess", "Go"]}'
GOOD_CALL: Final = ToolCall("get_weather", '{"city": "Paris", "unit": "celsius"}')
LOCAL: Final = {"model": "openai/gpt-4o", "base_url": "http://127.0.0.1:9/v1"}

Play = Callable[[str], list[Step]]


def row(**changes: Any) -> Model:
    """A row of the catalogue, for a cheap model that can do everything but cache."""
    base = Model(
        id="openai/m", provider="openai", name="m", input_price=1.0, output_price=2.0, vision=True, tools=True,
        prompt_caching=False, reasoning=False,
    )  # fmt: skip
    return msgspec.structs.replace(base, **changes)


def says(
    text: str = "OK",
    *,
    thinking: str = "",
    finish: str = "stop",
    pieces: int = 5,
    calls: tuple[ToolCall, ...] = (),
    **usage: Any,
) -> Play:
    """A complete answer of 20 tokens in and 10 out."""
    counts = {"input_tokens": 20, "output_tokens": 10, "cost_usd": 0.0001, "first_token_s": 0.2, **usage}

    def play(turn_id: str) -> list[Step]:
        deltas: list[Step] = [Delta(id=turn_id, text=thinking, thinking=True)] if thinking else []
        deltas += [Delta(id=turn_id, text=text)] if text else []
        end = Finished(
            id=turn_id, usage=Usage(**counts), finish_reason=finish, model="m", pieces=pieces, tool_calls=calls
        )
        return [*deltas, end]

    return play


def fails(cause: Any, message: str = "It went wrong. Do this.", **more: Any) -> Play:
    """A turn without an answer."""
    more = {"advice": "Do this.", **more}
    return lambda turn_id: [Failed(id=turn_id, cause=cause, message=message, **more)]


GOOD: Final[dict[StageName, Play]] = {
    "model": says(),
    "stream": says("1 2 3"),
    "json": says(GOOD_JSON),
    "tools": says("", calls=(GOOD_CALL,), finish="tool_calls"),
    "vision": says("Red."),
}
"""What a model does that passes every stage."""


async def refuse(needed: NeedsYesError) -> str:  # noqa: ARG001  # the check-up's signature
    return "Say yes."


def made(
    parts: Parts, resolved: Mapping[str, Resolved] | None = None, facts: Model | None = None, **more: Any
) -> Checkup:
    """A check-up over `parts`, of a model on this machine unless told otherwise."""
    return Checkup(parts.backend, resolved or settings(LOCAL), {}, refuse, facts=lambda _: facts, **more)


async def ran(checkup: Checkup) -> list[StageEvent]:
    """All its events."""
    async with aclosing(checkup.events()) as events:
        return [event async for event in events]


async def report_of(
    plays: Mapping[StageName, Play] | None = None, *, facts: Model | None = None, **fields: Any
) -> tuple[Report, Parts]:
    """The report on a model that passes all stages but those given in `plays`."""
    parts = Parts()
    parts.worker.plays(*(GOOD | dict(plays or {})).values())
    checkup = made(parts, settings(LOCAL | fields), facts=row() if facts is None else facts)
    await ran(checkup)
    return checkup.report, parts


async def stage_of(name: StageName, play: Play, *, facts: Model | None = None, **fields: Any) -> StageEnded:
    """How one stage ends."""
    report, _ = await report_of({name: play}, facts=facts, **fields)
    return found(report, name)


def found(report: Report, name: StageName) -> StageEnded:
    """One stage of a report."""
    return next(stage for stage in report.stages if stage.stage == name)


def outcomes(report: Report) -> dict[StageName, Outcome]:
    """Every stage's outcome."""
    return {stage.stage: stage.outcome for stage in report.stages}


class InProcess:
    """The worker's turns, in this process: requests go out through LiteLLM."""

    ready = True

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http
        self._turns: dict[str, Turn] = {}

    async def turn(self, ask: Ask, provider_env: Mapping[str, str] | None = None) -> AsyncGenerator[TurnEvent, None]:  # noqa: ARG002
        turn = self._turns[ask.id] = Turn(ask, self._http)
        async with aclosing(turn.events()) as events:
            async for event in events:
                yield event

    def retry_now(self, turn_id: str) -> None:
        self._turns[turn_id].retry_now()

    def cancel(self, turn_id: str) -> None:
        self._turns[turn_id].cancel()

    async def models(self, request: Any) -> Any:
        raise NotImplementedError


def over_http(http: httpx.AsyncClient) -> Parts:
    """Parts whose requests are really sent."""
    parts = Parts()
    parts.backend = Backend(parts.keys, parts.models, InProcess(http), {})
    return parts


def call_reply(name: str, arguments: str) -> Reply:
    """An OpenAI answer that calls a tool."""
    call = {"id": "call_1", "type": "function", "function": {"name": name, "arguments": arguments}}
    message = {"role": "assistant", "content": None, "tool_calls": [call]}
    body = {
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "fake-model",
        "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}],
        "usage": {"prompt_tokens": 80, "completion_tokens": 20, "total_tokens": 100},
    }  # fmt: skip
    return Reply(body=json.dumps(body).encode())
