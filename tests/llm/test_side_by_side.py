"""No turn changes what another one sends: two turns at once send what each sends alone."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import aclosing
from types import ModuleType
from typing import Any, Final

import httpx
import pytest

from tests.fake_provider import FakeProvider, Recorded, Reply
from tests.llm.asking import THEIR_WARNINGS, ask
from tui.config.secret import Secret
from tui.llm import client
from tui.llm.events import Ask, Failed, Finished, Message
from tui.llm.exchange import new_http
from tui.llm.turn import Turn

pytestmark = THEIR_WARNINGS
ROUNDS: Final = 4
_VARY: Final = frozenset({"host", "x-amz-date", "amz-sdk-invocation-id", "date"})
"""Headers that differ from request to request whatever the settings."""
_SIGNED: Final = 60
"""So much of a header says by whose key a request is signed, without the signature, which has the time in it."""
ONE: Final[Mapping[str, Any]] = {
    "key": Secret("key-of-one-0001"), "modify_params": True, "drop_params": True, "temperature": 0.1, "top_p": 0.9,
    "max_output_tokens": 10_000_000, "timeout": 31, "api_version": "2024-10-21", "caching_prompt": True,
    "aws_access_key_id": Secret("AKIAONE0000000000000"), "aws_secret_access_key": Secret("secret-one"),
    "aws_region_name": "eu-west-1", "openrouter_site_url": "https://one.example", "openrouter_app_name": "one",
    "reasoning_effort": "low", "stream": True,
}  # fmt: skip
OTHER: Final[Mapping[str, Any]] = {
    "key": Secret("key-of-other-02"), "modify_params": False, "drop_params": False, "temperature": 0.7, "top_p": 0.5,
    "max_output_tokens": 20_000_000, "timeout": 47, "api_version": "2023-05-15", "caching_prompt": False,
    "aws_access_key_id": Secret("AKIAOTHER00000000000"), "aws_secret_access_key": Secret("secret-other"),
    "aws_region_name": "us-east-2", "openrouter_site_url": "https://other.example", "openrouter_app_name": "other",
    "reasoning_effort": "high", "stream": False,
}  # fmt: skip
MODELS: Final = (
    "openai/gpt-4o", "openai/gpt-5", "azure/gpt-4o", "anthropic/claude-sonnet-4-5", "gemini/gemini-2.5-flash",
    "openrouter/anthropic/claude-sonnet-4.5", "mistral/mistral-large-latest", "groq/m", "deepseek/deepseek-chat",
    "litellm_proxy/m", "hosted_vllm/m", "ollama_chat/m", "bedrock/anthropic.claude-3-5-sonnet-20240620-v1:0",
    "bedrock/converse/anthropic.claude-3-5-sonnet-20240620-v1:0",
)  # fmt: skip


def sent(request: Recorded) -> tuple[str, dict[str, str], bytes]:
    """What of a request depends on the settings."""
    headers = {
        name: value[:_SIGNED] if name == "authorization" and value.startswith("AWS4") else value
        for name, value in request.headers.items()
        if name not in _VARY
    }
    return request.path, headers, request.body


async def end(request: Ask, http: httpx.AsyncClient) -> Finished | Failed:
    async with aclosing(Turn(request, http).events()) as events:
        last = [event async for event in events][-1]
    assert isinstance(last, Finished | Failed)
    return last


def asks(server: FakeProvider, model: str, **more: Any) -> tuple[Ask, Ask]:
    given: dict[str, Any] = {"model": model, "base_url": server.base_url, "num_retries": 0, **more}
    return ask(id="one", **{**given, **ONE}), ask(id="other", **{**given, **OTHER})


@pytest.mark.parametrize("model", MODELS)
async def test_turns_at_once_send_what_each_sends_alone(server: FakeProvider, model: str) -> None:
    one, other = asks(server, model)
    async with new_http() as http:
        alone = []
        for request in (one, other):
            server.requests.clear()
            await end(request, http)
            alone.append([sent(recorded) for recorded in server.requests])
        server.requests.clear()
        await asyncio.gather(*(end(request, http) for _ in range(ROUNDS) for request in (one, other)))
        together = [sent(recorded) for recorded in server.requests]
    assert alone[0]
    assert alone[0] != alone[1]
    assert sorted(map(repr, together)) == sorted(map(repr, [*alone[0], *alone[1]] * ROUNDS))


async def test_modify_params_holds_for_its_own_turn_alone(server: FakeProvider) -> None:
    """On, LiteLLM puts a message before an answer that comes first; off, it refuses to send the request."""
    given: dict[str, Any] = {"model": "anthropic/claude-sonnet-4-5", "base_url": server.origin, "num_retries": 0}
    begun = (Message("system", "Be brief."),)
    asked = [ask(id=f"t{n}", messages=begun, modify_params=bool(n % 2), **given) for n in range(12)]
    async with new_http() as http:
        ends = await asyncio.gather(*(end(request, http) for request in asked))
    assert [isinstance(one, Finished) for one in ends] == [request.settings.modify_params for request in asked]
    assert server.posts == 6


async def test_modify_params_of_a_turn_is_its_own_while_it_lasts() -> None:
    """Also where another turn begins between its start and the moment at which LiteLLM looks."""
    litellm: Any = sys.modules["litellm"]
    seen: dict[bool, set[bool]] = {True: set(), False: set()}

    async def look(*, on: bool) -> None:
        async with aclosing(
            client.pieces({"model": "openai/m", "stream": True, "mock_response": "x", "messages": []}, modify_params=on)
        ) as pieces:
            async for _ in pieces:
                seen[on].add(litellm.modify_params)
                seen[on].add(await asyncio.to_thread(lambda: bool(litellm.modify_params)))

    await asyncio.gather(*(look(on=bool(n % 2)) for n in range(6)))
    assert seen == {True: {True}, False: {False}}
    assert litellm.modify_params is False


async def test_a_cookie_of_one_turn_goes_with_no_other(server: FakeProvider) -> None:
    one, other = asks(server, "openai/m")
    server.always = Reply.stream("Hello")
    async with new_http() as http:
        http.cookies.set("session", "of-one", domain="127.0.0.1")
        await end(one, http)
        await end(other, http)
    assert all("cookie" not in request.headers for request in server.requests)


def _plain(value: object) -> object:
    """A value that can be compared later on; of a container its size, of an object its type."""
    if isinstance(value, bool | int | float | str | bytes | type(None)):
        return value
    return (type(value).__name__, len(value)) if isinstance(value, list | set | dict) else type(value).__name__


def _state() -> Iterator[tuple[str, object]]:
    for name, value in os.environ.items():
        yield f"environ {name}", value
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] not in ("litellm", "openai") or not isinstance(module, ModuleType):
            continue
        for attribute, value in list(vars(module).items()):
            yield f"{name}.{attribute}", _plain(value)
            if isinstance(value, type) and value.__module__.startswith("litellm"):
                for own, inner in list(vars(value).items()):
                    if "pydantic" not in own and not own.startswith("_abc"):
                        yield f"{value.__module__}.{value.__qualname__}.{own}", _plain(inner)


async def test_a_turn_leaves_nothing_behind_in_the_process(server: FakeProvider) -> None:
    """No variable, no attribute of a module or a class: what a turn sets there, another one would send.

    LiteLLM's caches fill with the first turns; what later turns with other settings change is found here.
    """
    async with new_http() as http:
        for model in MODELS:
            for request in asks(server, model)[:1]:
                await end(request, http)
        before = dict(_state())
        for model in MODELS:
            await end(asks(server, model)[1], http)
        after = dict(_state())
    changed = {name: (before[name], after.get(name)) for name in before if before[name] != after.get(name)}
    assert {name: change for name, change in changed.items() if "cache" not in name.lower()} == {}
