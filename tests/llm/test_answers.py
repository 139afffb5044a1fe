"""What a good answer says of itself: text, reasoning, tokens, cost, times."""

from __future__ import annotations

import json

import pytest

from tests.fake_provider import FakeProvider, Reply, Thinking
from tests.llm.asking import CANARY, THEIR_WARNINGS, ask, run, text
from tui.llm import attempt
from tui.llm.events import Ask, Attempting, Delta, Finished, Message

pytestmark = THEIR_WARNINGS
PRICED = "anthropic/claude-sonnet-4-5"


async def finished(request: Ask) -> Finished:
    last = (await run(request))[-1]
    assert isinstance(last, Finished), last
    return last


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("model", ["openai/m", "azure/m", PRICED, "gemini/gemini-2.5-flash"])
async def test_an_answer_arrives_streamed_or_whole(server: FakeProvider, model: str, *, stream: bool) -> None:
    server.script(Reply.stream("Hel", "lo"))
    base_url = server.base_url if model == "openai/m" else server.origin
    events = await run(ask(server, model=model, base_url=base_url, api_version="2024-10-21", stream=stream))
    assert events[0] == Attempting(id="t1", attempt=1, of=5)
    assert text(events) == "Hello"
    assert isinstance(events[-1], Finished)
    assert (events[-1].usage.input_tokens, events[-1].usage.output_tokens) == (7, 5)
    assert not events[-1].usage.tokens_estimated


async def test_reasoning_comes_as_such(server: FakeProvider) -> None:
    server.script(Reply.stream(Thinking("hm, "), Thinking("well"), "yes"))
    events = await run(ask(server))
    assert "".join(event.text for event in events if isinstance(event, Delta) and event.thinking) == "hm, well"
    assert text(events) == "yes"


async def test_cached_tokens_are_counted(server: FakeProvider) -> None:
    server.script(Reply.stream("x", usage=(100, 5, 60)))
    assert (await finished(ask(server))).usage.cached_tokens == 60


@pytest.mark.parametrize("stream", [True, False])
async def test_tokens_are_estimated_where_the_provider_counts_none(server: FakeProvider, *, stream: bool) -> None:
    server.script(Reply.stream("one two three", usage=None))
    usage = (await finished(ask(server, stream=stream))).usage
    assert usage.tokens_estimated
    assert (usage.input_tokens or 0) > 0
    assert usage.output_tokens == 3


async def test_an_unknown_price_is_unknown_and_not_zero(server: FakeProvider) -> None:
    assert (await finished(ask(server))).usage.cost_usd is None


async def test_a_listed_price_is_used(server: FakeProvider) -> None:
    server.script(Reply.stream("x", usage=(1_000_000, 0, 0)))
    usage = (await finished(ask(server, model=PRICED, base_url=server.origin))).usage
    assert usage.cost_usd is not None
    assert usage.cost_usd > 1


async def test_the_settings_prices_override_the_list(server: FakeProvider) -> None:
    prices = {"input_cost_per_token": 0.5, "output_cost_per_token": 2.0}
    assert (await finished(ask(server, **prices))).usage.cost_usd == 7 * 0.5 + 5 * 2
    assert (await finished(ask(server, input_cost_per_token=0.0, output_cost_per_token=0.0))).usage.cost_usd == 0
    assert (await finished(ask(server, input_cost_per_token=0.5))).usage.cost_usd is None


async def test_a_cut_answer_says_so(server: FakeProvider) -> None:
    server.script(Reply.stream("x", finish="length"))
    assert (await finished(ask(server))).finish_reason == "length"


async def test_an_endless_answer_is_cut_and_the_user_told(
    server: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempt, "MAX_CHARS", 1_000)
    server.script(Reply.stream(*["x" * 100] * 50))
    last = await finished(ask(server))
    assert last.finish_reason == "length"
    assert "1,000 characters" in last.note


@pytest.mark.parametrize("env", ["OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "GROQ_API_KEY"])
async def test_no_key_of_the_environment_is_sent(
    server: FakeProvider, monkeypatch: pytest.MonkeyPatch, env: str
) -> None:
    monkeypatch.setenv(env, "sk-from-the-environment")
    for model in ("openai/m", "groq/m", "deepseek/m", "openrouter/a/m", PRICED, "gemini/gemini-2.5-flash"):
        await run(ask(server, key=None, model=model, base_url=server.origin, num_retries=0))
    assert server.posts == 6
    assert "environment" not in repr([request.headers for request in server.requests])
    assert "environment" not in repr([request.path for request in server.requests])


async def test_the_key_is_sent_once_and_only_as_the_key(server: FakeProvider) -> None:
    await run(ask(server))
    assert server.requests[0].headers["authorization"] == f"Bearer {CANARY}"
    assert CANARY not in server.requests[0].path
    assert CANARY.encode() not in server.requests[0].body


async def test_the_smaller_bound_on_tokens_is_sent(server: FakeProvider) -> None:
    await run(ask(server, max_output_tokens=500, max_tokens=20))
    await run(ask(server, max_output_tokens=500))
    await run(ask(server))
    assert [request.json.get("max_tokens") for request in server.requests] == [20, 500, None]


async def test_generation_settings_are_sent_where_the_model_takes_them(server: FakeProvider) -> None:
    await run(ask(server, temperature=0.3, top_p=0.5))
    await run(ask(server, model="openai/o3"))
    plain, reasoning = (request.json for request in server.requests)
    assert (plain["temperature"], plain["top_p"], "reasoning_effort" in plain) == (0.3, 0.5, False)
    assert (reasoning.get("temperature"), reasoning["reasoning_effort"]) == (None, "high")


async def test_a_short_answer_leaves_no_room_for_anthropics_thinking(server: FakeProvider) -> None:
    await run(ask(server, model=PRICED, base_url=server.origin, max_tokens=16))
    assert "thinking" not in server.requests[0].json
    assert server.requests[0].json["max_tokens"] == 16


@pytest.mark.parametrize("caching", [True, False])
async def test_the_prompt_cache_is_marked_for_anthropic_only(server: FakeProvider, *, caching: bool) -> None:
    messages = (Message("system", "be brief"), Message("user", "hello"))
    for model in (PRICED, "openai/m"):
        await run(ask(server, model=model, base_url=server.origin, messages=messages, caching_prompt=caching))
    claude, other = (json.dumps(request.json) for request in server.requests)
    assert ("cache_control" in claude) is caching
    assert "cache_control" not in other


async def test_openrouter_is_told_the_site_and_the_app(server: FakeProvider) -> None:
    await run(ask(server, model="openrouter/a/m", openrouter_app_name="Tester"))
    assert server.requests[0].headers["x-title"] == "Tester"
