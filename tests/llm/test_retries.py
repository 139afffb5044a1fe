"""Which failures are repeated, how often, and after which waits."""

from __future__ import annotations

import asyncio
import time
from contextlib import aclosing
from email.utils import formatdate
from typing import Any

import pytest

from tests.fake_provider import DIE, FakeProvider, Gate, Reply, Thinking
from tests.llm.asking import THEIR_WARNINGS, FakeClock, ask, run, text, until, waits
from tui.llm.events import Attempting, Cancelled, Delta, Failed, Finished, Retrying, TurnEvent
from tui.llm.exchange import new_http
from tui.llm.turn import Turn

pytestmark = THEIR_WARNINGS

LIMITED = Reply.error(429)
ANSWER = Reply.stream("Hel", "lo")
ORIGIN_STYLE = ("azure/a", "anthropic/claude-sonnet-4-5", "gemini/gemini-2.5-flash")


def failed(events: list[TurnEvent]) -> Failed:
    last = events[-1]
    assert isinstance(last, Failed)
    return last


def where(server: FakeProvider, model: str) -> dict[str, Any]:
    base_url = server.origin if model in ORIGIN_STYLE else server.base_url
    return {"model": model, "base_url": base_url, "api_version": "2024-10-21"}


@pytest.mark.parametrize("limited", range(5))
@pytest.mark.parametrize("retry_after", [None, 1, 7])
async def test_the_answer_comes_after_one_request_more_than_rate_limits(
    server: FakeProvider, limited: int, retry_after: int | None
) -> None:
    server.script(*[Reply.error(429, retry_after=retry_after)] * limited, ANSWER)
    clock = FakeClock()
    events = await run(ask(server), clock)
    assert isinstance(events[-1], Finished)
    assert text(events) == "Hello"
    assert server.posts == limited + 1
    expected = [max(wait, retry_after or 0) for wait in (5, 5, 8, 16)][:limited]
    assert waits(events) == clock.waits == expected


async def test_the_fifth_rate_limit_ends_the_turn_and_names_the_field(server: FakeProvider) -> None:
    server.script(*[LIMITED] * 5, ANSWER)
    end = failed(await run(ask(server)))
    assert server.posts == 5
    assert end.message == "Rate limited (429) after 5 requests. Wait a while, or raise num_retries (Advanced, F3)."
    assert (end.cause, end.field, end.status, end.usage.attempts) == ("rate_limit", "num_retries", 429, 5)


async def test_no_retries_means_one_request(server: FakeProvider) -> None:
    server.script(LIMITED, ANSWER)
    events = await run(ask(server, num_retries=0))
    assert server.posts == 1
    assert events[0] == Attempting(id="t1", attempt=1, of=1)
    assert "after" not in failed(events).message


@pytest.mark.parametrize("model", ["openai/m", "groq/m", "litellm_proxy/m", "openrouter/a/m", *ORIGIN_STYLE])
@pytest.mark.parametrize("status", [429, 500, 401])
async def test_one_attempt_is_one_http_request(server: FakeProvider, model: str, status: int) -> None:
    server.script(Reply.error(status), ANSWER)
    end = failed(await run(ask(server, num_retries=0, **where(server, model))))
    assert (server.posts, end.status) == (1, status)


@pytest.mark.parametrize("model", ["openai/m", "groq/m", *ORIGIN_STYLE])
async def test_a_reset_connection_is_not_tried_again_behind_our_back(server: FakeProvider, model: str) -> None:
    server.script(Reply.reset(), ANSWER)
    end = failed(await run(ask(server, num_retries=0, **where(server, model))))
    assert (server.posts, end.cause) == (1, "network")


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504, 529])
async def test_a_status_that_may_pass_is_retried(server: FakeProvider, status: int) -> None:
    server.script(Reply.error(status), ANSWER)
    events = await run(ask(server))
    assert (server.posts, text(events)) == (2, "Hello")
    assert [event.status for event in events if isinstance(event, Retrying)] == [status]


@pytest.mark.parametrize(
    ("reply", "cause"),
    [
        (Reply.error(429, "You exceeded your current quota", code="insufficient_quota"), "quota"),
        (Reply.error(429, "Check your billing", type="error"), "quota"),
        (Reply.error(402), "quota"),
        (Reply.error(400, "Your credit balance is too low"), "quota"),
        (Reply.error(400), "request"),
        (Reply.error(401), "key"),
        (Reply.error(403), "key"),
        (Reply.error(404), "not_found"),
        (Reply.error(422), "request"),
        (Reply.error(400, "This model's maximum context length is 8", code="context_length_exceeded"), "context"),
        (Reply.error(400, "blocked", code="content_filter"), "policy"),
        (Reply.error(501), "server"),
    ],
)
async def test_what_can_not_pass_is_never_retried(server: FakeProvider, reply: Reply, cause: str) -> None:
    server.script(reply, ANSWER)
    assert failed(await run(ask(server))).cause == cause
    assert server.posts == 1


async def test_advice_about_billing_in_a_rate_limit_does_not_make_it_a_quota(server: FakeProvider) -> None:
    words = "Rate limit reached for m. Add a payment method at example.com/account/billing to raise it."
    server.script(Reply.error(429, words, code="rate_limit_exceeded"), ANSWER)
    assert text(await run(ask(server))) == "Hello"


async def test_a_reset_before_the_first_token_is_retried(server: FakeProvider) -> None:
    server.script(Reply.reset(), Reply.stream(DIE), ANSWER)
    assert text(await run(ask(server))) == "Hello"
    assert server.posts == 3


@pytest.mark.parametrize("model", ["openai/m", *ORIGIN_STYLE])
async def test_a_stream_that_dies_keeps_its_text_and_is_not_replayed(server: FakeProvider, model: str) -> None:
    gate = Gate()
    server.script(Reply.stream("Hel", gate, DIE), ANSWER)
    async with new_http() as http, aclosing(Turn(ask(server, **where(server, model)), http).events()) as stream:
        first = await until(stream, Delta)
        gate.open()
        rest = [event async for event in stream]
    assert text([first, *rest]) == "Hel"
    assert failed(rest).partial
    assert server.posts == 1


async def test_reasoning_that_was_shown_is_not_replayed_either(server: FakeProvider) -> None:
    gate = Gate()
    server.script(Reply.stream(Thinking("hm"), gate, DIE), ANSWER)
    async with new_http() as http, aclosing(Turn(ask(server), http).events()) as stream:
        assert await until(stream, Delta) == Delta(id="t1", text="hm", thinking=True)
        gate.open()
        assert failed([event async for event in stream]).partial
    assert server.posts == 1


async def test_a_longer_retry_after_than_the_longest_wait_ends_the_turn(server: FakeProvider) -> None:
    server.script(Reply.error(429, retry_after=3600), ANSWER)
    end = failed(await run(ask(server)))
    assert (server.posts, end.field) == (1, "retry_max_wait")
    assert "60 minutes" in end.message


@pytest.mark.parametrize("retry_after", ["-5", "nan", "inf", "soon", "", "1e999", "Tue, 99 Foo 2026"])
async def test_a_nonsense_retry_after_is_ignored(server: FakeProvider, retry_after: str) -> None:
    server.script(Reply.error(429, retry_after=retry_after), ANSWER)
    assert waits(await run(ask(server))) == [5]


async def test_a_date_and_milliseconds_are_understood(server: FakeProvider) -> None:
    date = Reply.error(429, headers={"Retry-After": formatdate(time.time() + 20, usegmt=True)})
    server.script(date, Reply.error(429, retry_after=1, headers={"retry-after-ms": "9500"}), ANSWER)
    first, second = waits(await run(ask(server)))
    assert 18 <= first <= 20
    assert second == 9.5


async def test_retry_now_sends_at_once(server: FakeProvider) -> None:
    server.script(LIMITED, ANSWER)
    clock = FakeClock(stuck=True)
    async with new_http() as http:
        turn = Turn(ask(server), http, clock=clock.clock())
        async with aclosing(turn.events()) as stream:
            await until(stream, Retrying)
            turn.retry_now()
            rest = [event async for event in stream]
    assert text(rest) == "Hello"
    assert server.posts == 2


async def test_a_second_retry_now_does_not_skip_the_next_wait(server: FakeProvider) -> None:
    server.script(LIMITED, LIMITED, ANSWER)
    async with new_http() as http:
        turn = Turn(ask(server), http, clock=FakeClock(stuck=True).clock())
        async with aclosing(turn.events()) as stream:
            await until(stream, Retrying)
            turn.retry_now()
            turn.retry_now()
            await until(stream, Retrying)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.2):
                    await anext(stream)
    assert server.posts == 2


async def test_cancel_ends_a_wait_and_nothing_more_is_sent(server: FakeProvider) -> None:
    server.script(LIMITED)
    async with new_http() as http:
        turn = Turn(ask(server), http, clock=FakeClock(stuck=True).clock())
        async with aclosing(turn.events()) as stream:
            await until(stream, Retrying)
            turn.cancel()
            rest = [event async for event in stream]
    assert [type(event) for event in rest] == [Cancelled]
    assert server.posts == 1


async def test_cancel_closes_the_connection_of_an_answer(server: FakeProvider) -> None:
    server.script(Reply.stream("Hel", Gate()))
    async with new_http() as http:
        turn = Turn(ask(server), http)
        async with aclosing(turn.events()) as stream:
            await until(stream, Delta)
            turn.cancel()
            assert [type(event) async for event in stream] == [Cancelled]
        await server.until(lambda: server.disconnects == 1)


async def test_a_turn_that_is_cancelled_before_it_starts_sends_nothing(server: FakeProvider) -> None:
    async with new_http() as http:
        turn = Turn(ask(server), http)
        turn.cancel()
        assert [type(event) async for event in turn.events()] == [Cancelled]
    assert server.posts == 0
