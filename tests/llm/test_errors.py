"""What each failure is called, and what it tells the user to do."""

from __future__ import annotations

import json
import socket
from contextlib import closing

import pytest

from tests.fake_provider import HANG, FakeProvider, Pause, Reply
from tests.llm.asking import CANARY, THEIR_WARNINGS, ask, run
from tui.config.schema import LLM
from tui.config.secret import Secret
from tui.llm import exchange
from tui.llm.events import Ask, Failed

pytestmark = THEIR_WARNINGS


async def end(request: Ask) -> Failed:
    last = (await run(request))[-1]
    assert isinstance(last, Failed)
    return last


def sse(*lines: str) -> Reply:
    return Reply.raw(200, "".join(f"{line}\n\n" for line in lines), content_type="text/event-stream")


async def test_a_bare_claude_name_is_to_be_written_with_its_provider() -> None:
    last = await end(ask(model=LLM().model))
    assert (last.cause, last.field) == ("settings", "model")
    assert "Write anthropic/claude-3-5-sonnet-20241022 as the model" in last.message


@pytest.mark.parametrize("model", ["whatever", ""])
async def test_a_model_without_a_provider_is_not_sent(server: FakeProvider, model: str) -> None:
    last = await end(ask(server, model=model))
    assert (last.cause, last.field, server.posts) == ("settings", "model", 0)


@pytest.mark.parametrize("base_url", ["localhost:1234/v1", "ftp://host/v1", "http://", "http://[::1"])
async def test_a_base_url_that_is_no_address_is_not_sent(base_url: str) -> None:
    last = await end(ask(base_url=base_url))
    assert (last.cause, last.field) == ("settings", "base_url")
    assert "http://" in last.message


async def test_a_refused_key_and_a_missing_key_are_told_apart(server: FakeProvider) -> None:
    server.script(Reply.error(401), Reply.error(401))
    assert "does not accept the API key" in (await end(ask(server))).message
    missing = await end(ask(server, key=None))
    assert "none is set" in missing.message
    assert (missing.cause, missing.field, missing.status) == ("key", "api_key", 401)


async def test_a_refused_connection_names_the_address() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    for model in ("openai/m", "anthropic/m"):
        last = await end(ask(model=model, base_url=f"http://127.0.0.1:{port}/v1", num_retries=1))
        assert last.message.startswith(f"Nothing answers at 127.0.0.1:{port} (connection refused) after 2 requests.")
        assert (last.cause, last.field) == ("network", "base_url")


async def test_a_name_that_does_not_resolve_is_named() -> None:
    last = await end(ask(base_url="http://nowhere.invalid/v1", num_retries=0))
    assert "nowhere.invalid could not be found" in last.message


async def test_https_to_a_plain_port_says_so_and_is_not_retried(server: FakeProvider) -> None:
    last = await end(ask(server, base_url=server.base_url.replace("http:", "https:")))
    assert "does not speak TLS" in last.message
    assert last.usage.attempts == 1


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("/v1/chat/completions", "base_url holds the full path"),
        ("/v1/v1", "base_url holds /v1 twice"),
        ("", "base_url probably has to end in /v1"),
        ("/api/v1", "Check base_url"),
    ],
)
async def test_a_missing_page_tells_what_is_wrong_with_the_base_url(server: FakeProvider, path: str, hint: str) -> None:
    server.script(Reply.error(404, "Not Found"))
    last = await end(ask(server, base_url=server.origin + path))
    assert hint in last.message
    assert (last.cause, last.field) == ("not_found", "base_url")


async def test_a_missing_model_is_told_from_a_missing_page(server: FakeProvider) -> None:
    server.script(Reply.error(404, "The model `m` does not exist", code="model_not_found"))
    last = await end(ask(server))
    assert (last.cause, last.field) == ("not_found", "model")


async def test_a_redirect_is_not_followed_and_shows_the_origin_only(server: FakeProvider) -> None:
    with FakeProvider() as other:
        for model in ("openai/m", "groq/m", "anthropic/claude-sonnet-4-5", "gemini/gemini-2.5-flash"):
            server.script(Reply.redirect(f"{other.base_url}/chat/completions?secret=1"))
            last = await end(ask(server, model=model))
            assert f"redirects to {other.origin} (307)" in last.message
            assert "secret" not in repr(last)
        assert other.requests == []


async def test_a_provider_that_ignores_the_base_url_gets_nothing(server: FakeProvider) -> None:
    last = await end(ask(server, model="replicate/a/b"))
    assert "instead of the base URL" in last.message
    assert (last.cause, server.posts) == ("settings", 0)


@pytest.mark.parametrize("model", ["openai/m", "anthropic/claude-sonnet-4-5", "litellm_proxy/m", "lm_studio/m"])
async def test_without_a_base_url_a_request_goes_to_the_origin_of_its_key_or_nowhere(
    server: FakeProvider, model: str
) -> None:
    last = await end(ask(model=model, base_url=None, origin=server.origin))
    assert "instead of the base URL" in last.message
    assert server.requests == []


async def test_a_web_page_is_not_taken_for_an_answer(server: FakeProvider) -> None:
    server.script(Reply.raw(200, "<html><title>Log in</title><p>x</p></html>"))
    last = await end(ask(server))
    assert "sent a web page" in last.message
    assert (last.cause, last.detail) == ("protocol", "Web page: Log in")


async def test_a_proxys_error_page_is_known_by_its_status(server: FakeProvider) -> None:
    server.script(*[Reply.raw(502, "<html><title>Bad gateway</title></html>")] * 2)
    last = await end(ask(server, num_retries=1))
    assert (last.cause, last.status, last.detail) == ("server", 502, "Web page: Bad gateway")


@pytest.mark.parametrize(
    "reply",
    [
        sse(),
        sse("data: [DONE]"),
        sse(": ping"),
        sse("data: {broken"),
        Reply.raw(200, '{"hello": 1}', content_type="application/json"),
        Reply.raw(200, "[" * 100_000, content_type="application/json"),
    ],
)
@pytest.mark.parametrize("stream", [True, False])
async def test_an_answer_that_is_none_is_a_protocol_error(server: FakeProvider, reply: Reply, *, stream: bool) -> None:
    server.script(reply)
    assert (await end(ask(server, stream=stream))).cause == "protocol"


async def test_a_line_of_a_stream_that_does_not_end_is_given_up(
    server: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "MAX_LINE_BYTES", 10_000)
    server.script(Reply.raw(200, "data: " + "<" * 200_000, content_type="text/event-stream"))
    assert "would not end" in (await end(ask(server))).message


async def test_a_model_that_repeats_itself_is_told(server: FakeProvider) -> None:
    server.script(Reply.stream(*["again "] * 300))
    last = await end(ask(server))
    assert "The model repeats itself without end" in last.message
    assert last.partial


async def test_a_stream_that_stops_before_its_text_is_a_protocol_error(server: FakeProvider) -> None:
    server.script(Reply.stream(finish=None))
    assert (await end(ask(server))).cause == "protocol"


async def test_a_stream_that_stops_without_a_finish_keeps_its_text(server: FakeProvider) -> None:
    server.script(Reply.stream("Hel", finish=None))
    last = await end(ask(server))
    assert "ended the answer in the middle" in last.message
    assert last.partial


async def test_a_rate_limit_inside_a_stream_is_retried(server: FakeProvider) -> None:
    server.script(sse('data: {"error": {"message": "slow down", "code": 429}}'), Reply.stream("Hello"))
    assert [type(event).__name__ for event in await run(ask(server))][:3] == ["Attempting", "Retrying", "Attempting"]
    assert server.posts == 2


async def test_googles_limit_per_minute_is_no_exhausted_quota(server: FakeProvider) -> None:
    details = [{"@type": "RetryInfo", "retryDelay": "12s"}]
    error = {
        "code": 429,
        "status": "RESOURCE_EXHAUSTED",
        "message": "You exceeded your current quota",
        "details": details,
    }
    server.script(Reply.raw(429, json.dumps({"error": error}), content_type="application/json"), Reply.stream("Hi"))
    events = await run(ask(server, model="gemini/gemini-2.5-flash", base_url=server.origin))
    assert [event.wait_s for event in events if hasattr(event, "wait_s")] == [12]


async def test_silence_ends_at_the_timeout_and_names_it(server: FakeProvider) -> None:
    server.script(Reply.hang())
    last = await end(ask(server, timeout=1, num_retries=0))
    assert (last.cause, last.field) == ("network", "timeout")
    assert "raise timeout" in last.message


async def test_a_stream_that_drips_for_ever_ends_at_the_timeout(server: FakeProvider) -> None:
    drip: tuple[str | Pause, ...] = ("a", Pause(0.1)) * 100
    server.script(Reply.stream(*drip))
    last = await end(ask(server, timeout=1, num_retries=0))
    assert (last.cause, last.field, last.partial) == ("network", "timeout", True)


async def test_a_stream_that_hangs_is_cut_at_the_timeout_with_its_text(server: FakeProvider) -> None:
    server.script(Reply.stream("Hel", HANG))
    assert (await end(ask(server, timeout=1))).partial


@pytest.mark.parametrize(
    "echo",
    [
        CANARY,
        f"{CANARY[:7]}...{CANARY[-4:]}",
        f"{CANARY[:6]}*********{CANARY[-4:]}",
        CANARY.upper(),
        f"Bearer {CANARY}",
    ],
)
@pytest.mark.parametrize("status", [400, 401, 404, 429, 500])
async def test_a_key_that_the_provider_repeats_is_in_no_event(server: FakeProvider, status: int, echo: str) -> None:
    server.script(Reply.error(status, f"Incorrect API key provided: {echo}. Look it up.", code=f"bad {echo}"))
    shown = repr(await run(ask(server, num_retries=0)))
    assert CANARY[-4:] not in shown.lower()
    assert CANARY[:8] not in shown.lower()


async def test_every_other_secret_of_the_settings_is_masked_too(server: FakeProvider) -> None:
    server.script(Reply.error(400, "no AKIACANARY00, no /deep/canary/secret"))
    request = ask(server, aws_access_key_id=Secret("AKIACANARY00"), aws_secret_access_key=Secret("/deep/canary/secret"))
    shown = repr(await run(request)).lower()
    assert "canary00" not in shown
    assert "deep/canary" not in shown


async def test_a_providers_words_can_not_control_the_terminal(server: FakeProvider) -> None:
    server.script(Reply.error(400, "\x1b]52;c;x\x07 \u202e" + "y" * 5_000))
    last = await end(ask(server))
    assert "\x1b" not in last.detail
    assert len(last.detail) <= 2_000
