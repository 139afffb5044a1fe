"""An endpoint is asked for its models."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.certificates import DAY, LOOPBACK, NOW, Authority, context
from tests.fake_provider import HANG, FakeProvider, Reply
from tests.llm import listing
from tests.llm.asking import CANARY
from tests.llm.listing import asked, failed, listed, only, page, rows
from tests.local_model import built_in_model
from tui.config.schema import LLM
from tui.config.secret import Secret
from tui.llm import discovery, endpoint
from tui.llm.discovery import discover
from tui.llm.events import Listed, ListFailed, ListModels, ListReason, Served
from tui.llm.exchange import Limits, new_http
from tui.local.runner import LocalServer

__all__ = ["built_in_model"]

OPENAI = rows({"id": "gpt-x", "object": "model", "owned_by": "openai"})


def paths(server: FakeProvider) -> list[str]:
    return [request.path for request in server.requests]


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        return int(free.getsockname()[1])


async def test_an_openai_compatible_server_lists_its_models(server: FakeProvider) -> None:
    only(server, {"/v1/models": OPENAI})
    answer = await listed(server.base_url)
    assert answer == Listed(id="l1", models=(Served("gpt-x"),), server="OpenAI-compatible")
    assert server.requests[0].headers["authorization"] == f"Bearer {CANARY}"
    assert paths(server) == ["/v1/models"]


async def test_without_a_key_none_is_sent(server: FakeProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    await listed(server.base_url, key=None)
    assert "authorization" not in server.requests[0].headers
    assert CANARY not in str(server.requests)


@pytest.mark.parametrize(
    ("written", "right"),
    [
        ("", "/v1"),
        ("/v1/v1", "/v1"),
        ("/v1/chat/completions", "/v1"),
        ("/v1/models", "/v1"),
        ("/chat", "/v1"),
        ("/v1", ""),
        ("/v1/", ""),
    ],
)
async def test_a_base_url_that_lacks_or_doubles_v1_is_told_the_right_one(
    server: FakeProvider, written: str, right: str
) -> None:
    only(server, {"/v1/models": OPENAI})
    answer = await listed(server.origin + written)
    assert answer.base_url == (server.origin + right if right else "")
    assert ("enter that as base_url" in answer.note) is bool(right)


async def test_a_server_without_v1_is_found_too(server: FakeProvider) -> None:
    only(server, {"/models": OPENAI})
    assert (await listed(f"{server.origin}/v1")).base_url == server.origin


async def test_llama_cpp_says_the_context_it_serves_with(server: FakeProvider) -> None:
    row = {"id": "smol", "owned_by": "llamacpp", "meta": {"n_ctx_train": 8192}}
    only(server, {"/v1/models": rows(row), "/props": page({"default_generation_settings": {"n_ctx": 2048}})})
    answer = await listed(server.base_url)
    assert (answer.server, answer.models) == ("llama.cpp", (Served("smol", 2048),))


async def test_ollama_says_the_context_of_each_model_and_which_cannot_chat(server: FakeProvider) -> None:
    shown = page({"model_info": {"llama.context_length": 131_072}, "capabilities": ["completion", "tools"]})
    only(server, {"/api/tags": page({"models": [{"name": "llama3:8b", "model": "llama3:8b"}]}), "/api/show": shown})
    answer = await listed(server.origin, "ollama_chat")
    assert (answer.server, answer.models) == ("Ollama", (Served("llama3:8b", 131_072),))
    assert server.requests[-1].json == {"model": "llama3:8b"}
    server.pages["/api/show"] = page({"capabilities": ["embedding"]})
    empty = await listed(server.origin, "ollama_chat")
    assert empty.models == ()
    assert "no model for chat" in empty.note


async def test_ollama_behind_openais_protocol_is_asked_for_the_context_too(server: FakeProvider) -> None:
    shown = page({"model_info": {"llama.context_length": 4096}})
    only(server, {"/v1/models": rows({"id": "llama3:8b", "owned_by": "library"}), "/api/show": shown})
    answer = await listed(server.base_url)
    assert (answer.server, answer.models) == ("Ollama", (Served("llama3:8b", 4096),))


async def test_lm_studio_says_the_context_and_leaves_out_embeddings(server: FakeProvider) -> None:
    found = rows(
        {"id": "qwen", "type": "llm", "max_context_length": 32_768, "loaded_context_length": 4096},
        {"id": "nomic", "type": "embeddings", "max_context_length": 2048},
    )
    only(server, {"/api/v0/models": found, "/v1/models": rows({"id": "qwen", "owned_by": "organization_owner"})})
    for provider, base in (("lm_studio", server.base_url), ("openai", server.base_url)):
        answer = await listed(base, provider)
        assert (answer.server, answer.models, answer.base_url) == ("LM Studio", (Served("qwen", 4096),), "")


async def test_an_old_lm_studio_has_the_usual_list_only(server: FakeProvider) -> None:
    wrong = page({"error": "Unexpected endpoint or method. (GET /models)"})
    only(server, {"/v1/models": OPENAI, "/models": wrong, "/api/v0/models": wrong})
    assert (await listed(server.origin, "lm_studio")).base_url == server.base_url
    assert (await listed(server.origin)).base_url == server.base_url


async def test_vllm_says_its_context(server: FakeProvider) -> None:
    only(server, {"/v1/models": rows({"id": "org/m", "owned_by": "vllm", "max_model_len": 4096})})
    answer = await listed(server.base_url, "hosted_vllm")
    assert (answer.server, answer.models) == ("vLLM", (Served("org/m", 4096),))


async def test_a_litellm_proxy_says_prices_where_it_may(server: FakeProvider) -> None:
    info = {"max_input_tokens": 128_000, "input_cost_per_token": 2.5e-6, "output_cost_per_token": 1e-5}
    only(server, {"/v1/model/info": page({"data": [{"model_name": "gpt", "model_info": info}]}), "/v1/models": OPENAI})
    answer = await listed(server.origin, "litellm_proxy")
    assert (answer.server, answer.models) == ("LiteLLM Proxy", (Served("gpt", 128_000, None, 2.5, 10.0),))


@pytest.mark.parametrize("status", [401, 403, 404, 500])
async def test_a_litellm_proxy_that_keeps_prices_to_itself_still_lists_its_models(
    server: FakeProvider, status: int
) -> None:
    only(server, {"/v1/model/info": Reply.error(status), "/v1/models": OPENAI})
    assert (await listed(f"{server.origin}/v1", "litellm_proxy")).models == (Served("gpt-x"),)


async def test_a_litellm_proxy_behind_openais_protocol_is_known_by_its_one_date(server: FakeProvider) -> None:
    info = page({"data": [{"model_name": "own", "model_info": {"max_input_tokens": 9000}}]})
    only(server, {"/v1/models": rows({"id": "own", "created": 1_677_610_602}), "/v1/model/info": info})
    answer = await listed(server.base_url)
    assert (answer.server, answer.models) == ("LiteLLM Proxy", (Served("own", 9000),))


async def test_openrouter_says_prices_and_free_is_free(server: FakeProvider) -> None:
    row = {"id": "v/m:free", "context_length": 8192, "pricing": {"prompt": "0", "completion": "0"}, "architecture": {}}
    only(server, {"/api/v1/models": rows(row)})
    answer = await listed(f"{server.origin}/api/v1", "openrouter")
    assert (answer.server, answer.models) == ("OpenRouter", (Served("v/m:free", 8192, None, 0.0, 0.0),))


async def test_anthropic_gets_its_own_headers(server: FakeProvider) -> None:
    only(server, {"/v1/models": page({"data": [{"type": "model", "id": "claude-x"}], "has_more": False})})
    answer = await listed(server.origin, "anthropic")
    assert (answer.server, answer.models, answer.base_url) == ("Anthropic", (Served("claude-x"),), "")
    headers = server.requests[0].headers
    assert (headers["x-api-key"], headers["anthropic-version"]) == (CANARY, "2023-06-01")
    assert "authorization" not in headers
    assert (await listed(f"{server.origin}/v1", "anthropic")).base_url == server.origin


async def test_geminis_key_goes_into_a_header_and_not_into_the_address(server: FakeProvider) -> None:
    row = {"name": "models/gemini-x", "inputTokenLimit": 1000, "supportedGenerationMethods": ["generateContent"]}
    only(server, {"/v1beta/models": page({"models": [row]})})
    answer = await listed(f"{server.origin}/v1beta", "gemini")
    assert (answer.server, answer.models) == ("Google AI Studio", (Served("gemini-x", 1000),))
    assert server.requests[0].headers["x-goog-api-key"] == CANARY
    assert CANARY not in server.requests[0].path


async def test_details_that_do_not_come_in_time_are_done_without(
    server: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discovery, "DETAILS_S", 0.2)
    only(server, {"/v1/models": rows({"id": "smol", "owned_by": "llamacpp"}), "/props": Reply.hang()})
    assert (await listed(server.base_url)).models == (Served("smol"),)


async def test_an_empty_list_is_a_list_and_says_so(server: FakeProvider) -> None:
    only(server, {"/api/tags": page({"models": []})})
    assert "`ollama pull NAME`" in (await listed(server.origin, "ollama")).note


async def test_thousands_of_models_are_cut_and_it_is_said(server: FakeProvider) -> None:
    only(server, {"/v1/models": rows(*({"id": f"m{number}"} for number in range(6000)))})
    answer = await listed(server.base_url)
    assert len(answer.models) == 5000
    assert answer.note == "1,000 more models are left out."


Make = Callable[[FakeProvider], str]
"""Prepares the server and gives the base URL."""


def _replies(reply: Reply) -> Make:
    def make(server: FakeProvider) -> str:
        server.elsewhere = reply
        return server.base_url

    return make


FAILURES: dict[str, tuple[Make, ListReason, str, str]] = {
    "unknown host": (lambda _: "http://no-such-host.invalid/v1", "dns", "could not be found", "Check base_url"),
    "closed port": (
        lambda _: f"http://127.0.0.1:{free_port()}/v1",
        "refused",
        "connection refused",
        "Start the server",
    ),
    "https on an http port": (
        lambda server: server.base_url.replace("http:", "https:"),
        "tls",
        "does not speak TLS",
        "Write http:// instead of https://",
    ),
    "wrong key": (_replies(Reply.error(401)), "key", "does not accept the API key", "Enter a valid one"),
    "no right": (_replies(Reply.error(403)), "forbidden", "refuses access", "API Key"),
    "used up": (_replies(Reply.error(402)), "key", "used up", "billing"),
    "no page": (
        _replies(Reply.error(404)),
        "not_found",
        "has no list of models at /v1/models (404)",
        "mostly ends in /v1",
    ),
    "redirect": (
        _replies(Reply.redirect("https://login.example/")),
        "redirect",
        "redirects to https://login.example",
        "trust",
    ),
    "own redirect": (_replies(Reply.redirect("/login")), "redirect", "redirects to http://127.0.0.1", "trust"),
    "web page": (_replies(Reply.raw(200, "<html><title>Hi</title>")), "html", "a web page", "Check base_url"),
    "markup as JSON": (
        _replies(Reply.raw(200, " <!doctype html>", content_type="application/json")),
        "html",
        "a web page",
        "Check base_url",
    ),
    "no JSON": (_replies(Reply.raw(200, "ok", content_type="text/plain")), "not_json", "not JSON", "Check base_url"),
    "nothing": (
        _replies(Reply.raw(200, "", content_type="text/plain")),
        "not_json",
        "an empty answer",
        "Check base_url",
    ),
    "other JSON": (_replies(page({"status": "ok"})), "not_a_list", "JSON that is no list of models", "Check base_url"),
    "deep JSON": (
        _replies(Reply.raw(200, "[" * 100_000, content_type="application/json")),
        "not_json",
        "not JSON",
        "Check base_url",
    ),
    "limited": (_replies(Reply.error(429)), "busy", "Rate limited", "Wait a while"),
    "broken": (_replies(Reply.error(503)), "busy", "is not available", "Wait a while"),
    "bad request": (_replies(Reply.error(400)), "request", "does not take the question", "Check base_url"),
    "reset": (_replies(Reply.reset()), "network", "closed the connection", "Try again"),
    "wants https": (
        _replies(Reply.raw(400, "The plain HTTP request was sent to HTTPS port")),
        "tls",
        "speaks TLS",
        "Write https://",
    ),
    "no address": (lambda _: "127.0.0.1:1234/v1", "settings", "no http:// or https:// in front", "Base URL"),
}


@pytest.mark.parametrize("case", FAILURES)
async def test_each_failure_has_its_reason_its_sentence_and_its_next_step(server: FakeProvider, case: str) -> None:
    make, reason, happened, advice = FAILURES[case]
    answer = await failed(make(server))
    assert answer.reason == reason, answer
    assert happened in answer.message
    assert advice in answer.message
    assert CANARY not in str(answer)


def test_no_two_reasons_of_the_table_have_the_same_sentence() -> None:
    sentences = [happened for _, _, happened, _ in FAILURES.values()]
    assert len(set(sentences)) == len(FAILURES) - 2  # a web page and broken JSON come in two forms each


async def test_without_a_key_a_401_says_that_one_is_wanted(server: FakeProvider) -> None:
    server.elsewhere = Reply.error(401)
    answer = await failed(server.base_url, key=None)
    assert (answer.reason, answer.cause, answer.field) == ("key", "key", "api_key")
    assert "none is set" in answer.message


async def test_a_silent_server_ends_the_wait(server: FakeProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discovery, "LIST_S", 0.3)
    server.elsewhere = Reply.hang()
    answer = await failed(server.base_url)
    assert (answer.reason, answer.cause) == ("timeout", "network")
    assert "did not list its models within" in answer.message


async def test_an_endless_answer_ends_the_reading(server: FakeProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoint, "MAX_BYTES", 50_000)
    server.elsewhere = rows(*({"id": f"m{number}"} for number in range(6000)))
    assert (await failed(server.base_url)).reason == "too_large"


@pytest.fixture
def tls(tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeProvider]:
    authority = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.pem))
    match request.param:
        case "self-signed":
            certificate = authority.self_signed(LOOPBACK)
        case "expired":
            certificate = authority.issue(LOOPBACK, start=NOW - 9 * DAY, end=NOW - DAY)
        case _:
            certificate = authority.issue(LOOPBACK)
    with FakeProvider(tls=context(certificate)) as fake:
        yield fake


@pytest.mark.parametrize(
    ("tls", "words"),
    [("self-signed", ("is self-signed", "SSL_CERT_FILE")), ("expired", ("has expired", "has to renew it"))],
    indirect=["tls"],
)
async def test_a_certificate_that_is_not_trusted_says_why(tls: FakeProvider, words: tuple[str, ...]) -> None:
    answer = await failed(tls.base_url)
    assert (answer.reason, answer.field) == ("tls", "base_url")
    assert all(word in answer.message for word in words)
    assert tls.requests == []


@pytest.mark.parametrize("tls", ["trusted"], indirect=True)
async def test_a_certificate_of_ones_own_that_is_trusted_works(tls: FakeProvider) -> None:
    assert (await listed(tls.base_url)).models == (Served("fake-model"),)


@pytest.mark.parametrize("tls", ["trusted"], indirect=True)
async def test_http_on_an_https_port_is_told(tls: FakeProvider) -> None:
    answer = await failed(tls.base_url.replace("https:", "http:"))
    assert answer.reason == "tls"
    assert "Write https:// in base_url" in answer.message


async def test_a_key_does_not_follow_a_redirect(server: FakeProvider) -> None:
    with FakeProvider() as other:
        for status in (301, 302, 307, 308):
            server.elsewhere = Reply.redirect(f"{other.base_url}/models", status)
            answer = await failed(server.base_url)
            assert (answer.reason, answer.field) == ("redirect", "base_url")
            assert other.origin in answer.message
        assert other.requests == []


async def test_a_key_that_the_server_repeats_is_shown_nowhere(server: FakeProvider) -> None:
    server.elsewhere = Reply.error(400, f"Bad key {CANARY}, seriously")
    refused = await failed(server.base_url)
    server.elsewhere = rows({"id": f"echo-{CANARY}"}, {"id": "m"}, {"id": CANARY.upper()})
    names = await listed(server.base_url)
    assert CANARY[:8] not in str(refused)
    assert "seriously" in refused.detail
    assert names.models == (Served("m"),)


async def test_other_secrets_of_the_settings_are_masked_as_well(server: FakeProvider) -> None:
    server.elsewhere = Reply.error(400, f"unexpected {CANARY}")
    settings = LLM(base_url=server.base_url, aws_secret_access_key=Secret(CANARY))
    async with new_http() as http:
        answer = await discover(ListModels(id="l1", provider="openai", settings=settings, key=None), http)
    assert isinstance(answer, ListFailed)
    assert CANARY not in str(answer)


@pytest.mark.parametrize("key", ["line\nend", "schlüssel", " blank ", "\x1b[0m"])
async def test_a_key_that_no_header_takes_is_not_sent(server: FakeProvider, key: str) -> None:
    answer = await failed(server.base_url, key=key)
    assert (answer.reason, answer.field, server.requests) == ("settings", "api_key", [])


async def test_hostile_words_of_the_server_are_made_visible(server: FakeProvider) -> None:
    server.elsewhere = Reply.error(400, "\x1b]52;c;eA==\x07")
    assert "\x1b" not in str(await failed(server.base_url))


@pytest.mark.parametrize("provider", ["azure", "bedrock", "vertex_ai"])
async def test_a_provider_without_a_list_asks_nobody(server: FakeProvider, provider: str) -> None:
    answer = await failed(server.base_url, provider)
    assert (answer.reason, answer.cause, server.requests) == ("unsupported", "settings", [])
    assert "type the model's name" in answer.message


async def test_cancelling_closes_the_connection(server: FakeProvider) -> None:
    server.elsewhere = Reply(steps=(HANG,), status=200)
    task = asyncio.create_task(asked(server.base_url))
    await server.until(lambda: len(server.requests) == 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await server.until(lambda: server.disconnects == 1)


def test_a_question_never_shows_its_key() -> None:
    request = listing.question("http://127.0.0.1:1/v1")
    assert CANARY not in repr(request)
    assert CANARY not in json.dumps(str(request))


@pytest.mark.real("llama.cpp")
async def test_the_built_in_models_server_lists_it(built_in_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoint, "_LIMITS", Limits(connect_s=1, idle_s=5, total_s=5))
    server = LocalServer()
    try:
        running = await server.start(built_in_model)
        origin = running.base_url.removesuffix("/v1")
        assert await listed(running.base_url) == Listed(
            id="l1", models=(Served("smollm2-135m-instruct", 8192),), server="llama.cpp"
        )
        assert (await listed(f"{origin}/v1/v1")).base_url == running.base_url
        assert (await failed(origin, "ollama_chat")).reason == "not_found"
        assert (await failed(running.base_url.replace("http:", "https:"))).reason == "tls"
    finally:
        await server.close()
