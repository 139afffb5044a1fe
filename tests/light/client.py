"""Takes the place of `tui.llm.client` in a worker: speaks OpenAI's protocol to any address, and knows no price."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping
from types import SimpleNamespace
from typing import Any, Final

import msgspec

from tui.llm.events import ToolCall
from tui.llm.exchange import GuardedClient

_DATA: Final = "data: "


class UnresolvedModelError(Exception):
    """Nobody serves the model."""


class RefusedError(Exception):
    """The server answered with an error; the exchange has it."""


class Piece(msgspec.Struct, frozen=True):
    """As the real one."""

    text: str = ""
    thinking: str = ""
    finish_reason: str = ""
    model: str = ""
    usage: Any = None
    tool_calls: tuple[ToolCall, ...] = ()


class Price(msgspec.Struct, frozen=True):
    """As the real one."""

    input: float | None = None
    output: float | None = None


def resolve(model: str, base_url: str | None, custom: str | None) -> tuple[str, str]:
    """(provider, model name), by the prefix."""
    provider, _, name = model.rpartition("/")
    if not (custom or provider):
        raise UnresolvedModelError(model)
    return custom or provider, name if base_url else model


def default_base(provider: str) -> str:  # noqa: ARG001  # as the real one
    """No provider has an address."""
    return ""


def supports_reasoning(model: str, provider: str) -> bool:  # noqa: ARG001  # as the real one
    """No model reasons."""
    return False


async def pieces(params: Mapping[str, Any], **_: object) -> AsyncGenerator[Piece, None]:
    """Send one request to an OpenAI-compatible server and give its answer in pieces."""
    request = _HTTP.build_request(
        "POST",
        f"{params['api_base']}/chat/completions",
        headers={"Authorization": f"Bearer {params['api_key']}"},
        json={name: params[name] for name in ("model", "messages", "stream")},
    )
    answer = await _HTTP.send(request, stream=True)
    try:
        if not answer.is_success:
            raise RefusedError(answer.status_code)
        if not params["stream"]:
            yield _piece(json.loads(await answer.aread()), "message")
            return
        async for line in answer.aiter_lines():
            if line.startswith(_DATA) and line != f"{_DATA}[DONE]":
                yield _piece(json.loads(line.removeprefix(_DATA)), "delta")
    finally:
        await answer.aclose()


async def warm_up() -> None:
    """There is nothing to warm up."""


def price(model: str, provider: str) -> Price:  # noqa: ARG001  # as the real one
    """No model has a price."""
    return Price()


def listed_cost_usd(model: str, provider: str, usage: Any) -> None:
    """No model has a price."""


def usage(prompt_tokens: int, completion_tokens: int) -> Any:
    """Counts in the shape that OpenAI gives them."""
    return SimpleNamespace(prompt_tokens=prompt_tokens, completion_tokens=completion_tokens)


def count_tokens(model: str, **_: object) -> None:
    """There is no tokenizer."""


def _piece(chunk: Mapping[str, Any], part: str) -> Piece:
    counts = chunk.get("usage")
    told = usage(counts["prompt_tokens"], counts["completion_tokens"]) if counts else None
    if not chunk.get("choices"):
        return Piece(usage=told)
    choice = chunk["choices"][0]
    said = choice[part]
    return Piece(
        text=said.get("content") or "",
        thinking=said.get("reasoning_content") or "",
        finish_reason=choice.get("finish_reason") or "",
        model=chunk.get("model") or "",
        usage=told,
    )


_HTTP: Final = GuardedClient()
