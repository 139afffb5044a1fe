"""What the worker relies on in LiteLLM. When one of these fails, LiteLLM changed, and the code beside it has to."""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
import sys
import warnings
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import httpx
import litellm
import pytest
from litellm.exceptions import AuthenticationError, MidStreamFallbackError, RateLimitError
from litellm.llms.custom_httpx.http_handler import AsyncHTTPHandler

from tests.fake_provider import HANG, FakeProvider, Reply
from tests.llm.asking import THEIR_WARNINGS
from tui.llm import client
from tui.llm.exchange import CURRENT, Exchange, Guard, GuardedClient, Limits, new_http

pytestmark = [pytest.mark.contract, pytest.mark.timeout(300), THEIR_WARNINGS]
ROOT = Path(__file__).parents[2]
HELLO = [{"role": "user", "content": "hello"}]


@pytest.fixture
async def exchange(server: FakeProvider) -> AsyncIterator[Exchange]:
    async with new_http() as http:
        yield Exchange(http, Limits(), server.base_url, lambda: None)


async def call(exchange: Exchange, server: FakeProvider, model: str = "openai/m", **more: Any) -> Any:
    CURRENT.set(exchange)
    given = {"api_base": server.base_url, "api_key": "k", "messages": HELLO, "max_retries": 0, "stream": True}
    return await litellm.acompletion(model=model, **{**given, **more})


def in_a_new_process(code: str, **env: str) -> str:
    run = [sys.executable, "-W", "ignore", "-c", code]
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "SYSTEMROOT") if name in os.environ}
    return subprocess.run(run, env=kept | env, capture_output=True, text=True, check=True, timeout=280).stdout


@pytest.mark.parametrize(
    "model",
    [
        "openai/m", "azure/m", "anthropic/claude-sonnet-4-5", "gemini/gemini-2.5-flash", "groq/m", "deepseek/m",
        "openrouter/a/m", "mistral/m", "litellm_proxy/m", "cohere/m", "xai/m", "together_ai/m", "hosted_vllm/m",
        "lm_studio/m", "ollama/m", "ollama_chat/m", "azure_ai/m", "huggingface/m", "cloudflare/m", "perplexity/m",
        "text-completion-openai/m", "openai/o3-pro",
    ],
)  # fmt: skip
async def test_every_providers_request_passes_the_guard(exchange: Exchange, server: FakeProvider, model: str) -> None:
    server.script(Reply.error(401))
    with pytest.raises(Exception):  # noqa: B017, PT011, PT012  # of whichever class, at the call or after it
        async for _ in await call(exchange, server, model, api_version="2024-10-21"):
            raise AssertionError("an answer came")
    assert (exchange.posts, exchange.status, len(server.requests)) == (1, 401, 1)


async def test_a_request_outside_of_an_attempt_is_not_sent(server: FakeProvider) -> None:
    for model in ("openai/m", "anthropic/m"):
        with pytest.raises(litellm.exceptions.InternalServerError):
            await litellm.acompletion(model=model, api_base=server.base_url, api_key="k", messages=HELLO, max_retries=0)
    assert server.requests == []


async def test_a_handler_takes_its_client_from_create_client() -> None:
    assert isinstance(AsyncHTTPHandler().client, GuardedClient)


def test_the_handlers_that_it_makes_while_it_is_imported_are_guarded_too() -> None:
    """Inside a running loop, as in the worker: then Bedrock and Vertex use those."""
    code = """
import asyncio
async def main():
    from tui.llm import client
    import litellm
    from litellm.llms.custom_httpx.http_handler import get_async_httpx_client
    from tui.llm.exchange import GuardedClient
    made = litellm.in_memory_llm_clients_cache.cache_dict
    used = [get_async_httpx_client(llm_provider=name) for name in ("bedrock", "vertex_ai")]
    print(len(made), all(isinstance(handler.client, GuardedClient) for handler in [*made.values(), *used]))
asyncio.run(main())
"""
    count, guarded = in_a_new_process(code, PYTHONPATH=str(ROOT)).split()
    assert (int(count) >= 2, guarded) == (True, "True")


async def test_a_guarded_client_survives_being_closed() -> None:
    http = GuardedClient()
    await http.aclose()
    assert not http.is_closed
    with pytest.raises(httpx.ConnectError):
        await http.get("http://127.0.0.1")


async def test_the_guard_refuses_what_belongs_to_no_attempt() -> None:
    with pytest.raises(httpx.ConnectError, match="belongs to no attempt"):
        await Guard().handle_async_request(httpx.Request("POST", "http://127.0.0.1"))


@pytest.mark.parametrize(("status", "error"), [(401, AuthenticationError), (429, MidStreamFallbackError)])
async def test_openais_errors_raise_at_the_call_and_geminis_at_the_first_chunk(
    exchange: Exchange, server: FakeProvider, status: int, error: type[Exception]
) -> None:
    """And the latter only sometimes as what they are."""
    server.script(Reply.error(status), Reply.error(status))
    with pytest.raises((AuthenticationError, RateLimitError)):
        await call(exchange, server)
    async with new_http() as http:
        answer = await call(Exchange(http, Limits(), None, lambda: None), server, "gemini/gemini-2.5-flash")
        with pytest.raises(error):
            await anext(aiter(answer))


async def test_litellm_makes_a_usage_up(exchange: Exchange, server: FakeProvider) -> None:
    server.script(Reply.stream("Hel", usage=None))
    answer = await call(exchange, server, stream_options={"include_usage": True})
    chunks = [chunk async for chunk in answer]
    assert chunks[-1].usage.completion_tokens > 0
    assert not exchange.raw.usage
    assert not exchange.cut


async def test_a_stream_without_a_finish_is_an_error(exchange: Exchange, server: FakeProvider) -> None:
    server.script(Reply.stream("Hel", finish=None))
    with pytest.raises(MidStreamFallbackError, match="ended before a finish_reason"):
        _ = [chunk async for chunk in await call(exchange, server)]
    assert exchange.cut


@pytest.mark.parametrize("stream", [True, False])
async def test_a_call_with_tools_needs_no_package_beside_it(
    exchange: Exchange, server: FakeProvider, monkeypatch: pytest.MonkeyPatch, *, stream: bool
) -> None:
    """Older ones imported `mcp` for it, which is not installed with ours."""
    monkeypatch.setitem(sys.modules, "mcp", None)
    server.script(Reply.stream("Hello"))
    tool = {"type": "function", "function": {"name": "add", "parameters": {"type": "object", "properties": {}}}}
    answer = await call(exchange, server, tools=[tool], stream=stream)
    if stream:
        _ = [chunk async for chunk in answer]
    assert server.requests[-1].json["tools"] == [tool]


async def test_closing_an_answer_closes_its_connection(exchange: Exchange, server: FakeProvider) -> None:
    server.script(Reply.stream("Hel", HANG))
    async with aclosing(await call(exchange, server)) as answer:
        async for chunk in answer:
            if chunk.choices[0].delta.content:
                break
    await exchange.close()
    await server.until(lambda: server.disconnects == 1)


async def test_cancelling_the_task_closes_the_connection(exchange: Exchange, server: FakeProvider) -> None:
    server.script(Reply.hang())
    task = asyncio.create_task(call(exchange, server))
    await server.seen(1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await server.until(lambda: server.disconnects == 1)


def test_bare_claude_names_do_not_resolve_and_gpt_does() -> None:
    with pytest.raises(client.UnresolvedModelError):
        client.resolve("claude-3-5-sonnet-20241022", None, None)
    assert client.resolve("gpt-4o", None, None) == ("openai", "gpt-4o")
    assert client.resolve("m", "http://127.0.0.1/v1", "openai") == ("openai", "m")


def test_an_unlisted_model_has_no_price() -> None:
    assert client.price("no-such-model", "openai") == client.Price()
    assert client.listed_cost_usd("no-such-model", "openai", client.usage(1, 1)) is None
    assert (client.price("gpt-4o", "openai").input or 0) > 0


def test_nothing_of_litellms_logging_reaches_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    logging.getLogger("LiteLLM").error("to nobody")
    assert litellm.suppress_debug_info
    assert capfd.readouterr() == ("", "")


def test_importing_it_reads_no_dotenv_file_and_fetches_no_price_map(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("OPENAI_API_KEY=sk-from-a-file\n")
    monkeypatch.chdir(tmp_path)
    code = (
        "import socket, os\n"
        "def refuse(*a, **k): raise SystemExit('the network was used')\n"
        "socket.getaddrinfo = socket.socket.connect = refuse\n"
        "import tui.llm.client\n"
        "print(os.environ.get('OPENAI_API_KEY'))"
    )
    root = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))  # noqa: PTH120  # a plain string for a variable
    assert in_a_new_process(code, PYTHONPATH=root).strip() == "None"


def test_warming_up_sends_nothing(server: FakeProvider) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        asyncio.run(client.warm_up())
    assert server.requests == []
