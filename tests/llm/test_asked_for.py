"""JSON mode, tools and pictures on the wire, and a check-up over it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.chat.fakes import settings
from tests.checkup.checking import GOOD_JSON, call_reply, made, outcomes, over_http, row
from tests.checkup.checking import ran as ran_checkup
from tests.fake_provider import FakeProvider, Reply
from tests.llm.asking import CANARY, THEIR_WARNINGS, ask, run
from tui.checkup.stages.tool_call import TOOL
from tui.checkup.stages.vision import red_picture
from tui.llm.events import Failed, Finished, Message, ToolCall
from tui.llm.exchange import new_http

pytestmark = THEIR_WARNINGS

LOOK = (Message("user", "What is this?", (red_picture(),)),)
BASE64 = red_picture().removeprefix("data:image/png;base64,")


async def test_json_mode_is_sent_as_such(server: FakeProvider) -> None:
    await run(ask(server, response_format="json"))
    assert server.requests[0].json["response_format"] == {"type": "json_object"}


async def test_tools_are_sent_and_the_call_comes_back(server: FakeProvider) -> None:
    server.script(call_reply("get_weather", '{"city": "Paris"}'))
    events = await run(ask(server, stream=False, tools=(TOOL,)))
    end = events[-1]
    assert isinstance(end, Finished)
    assert end.tool_calls == (ToolCall("get_weather", '{"city": "Paris"}'),)
    assert end.finish_reason == "tool_calls"
    sent = server.requests[0].json["tools"][0]["function"]
    assert (sent["name"], sent["parameters"]) == (TOOL.name, TOOL.parameters)


async def test_without_tools_none_are_sent(server: FakeProvider) -> None:
    await run(ask(server))
    assert not {"tools", "response_format"} & server.requests[0].json.keys()


@pytest.mark.parametrize(
    ("model", "base", "found"),
    [
        ("openai/fake-model", "base_url", {"type": "image_url", "image_url": {"url": red_picture()}}),
        (
            "anthropic/claude-sonnet-4-5",
            "origin",
            {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": BASE64}},
        ),
        ("gemini/gemini-2.5-flash", "origin", {"inline_data": {"mime_type": "image/png", "data": BASE64}}),
    ],
)
async def test_a_picture_is_sent_as_the_provider_wants_it(
    server: FakeProvider, model: str, base: str, found: dict[str, Any]
) -> None:
    events = await run(ask(model=model, base_url=getattr(server, base), messages=LOOK))
    assert isinstance(events[-1], Finished)
    sent = json.dumps(server.requests[0].json, sort_keys=True)
    assert json.dumps(found, sort_keys=True) in sent
    assert "What is this?" in sent


async def test_pieces_are_counted_even_where_they_come_at_once(server: FakeProvider) -> None:
    server.script(Reply.stream("1", " 2", " 3", " 4"), Reply.stream("1 2 3 4"))
    counts = [(await run(ask(server)))[-1] for _ in range(2)]
    assert [end.pieces for end in counts if isinstance(end, Finished)] == [4, 1]


async def test_a_failure_tells_its_advice_apart(server: FakeProvider) -> None:
    server.script(Reply.error(401, "no"))
    end = (await run(ask(server)))[-1]
    assert isinstance(end, Failed)
    assert end.advice
    assert end.message.endswith(end.advice)


async def test_a_whole_check_up_over_http(server: FakeProvider) -> None:
    server.script(
        Reply.stream("OK"),
        Reply.stream("1", " 2", " 3"),
        Reply.stream(GOOD_JSON),
        call_reply("get_weather", '{"city": "Paris", "unit": "celsius"}'),
        Reply.stream("Red"),
    )
    async with new_http() as http:
        checkup = made(over_http(http), settings({"model": "openai/m", "base_url": server.base_url}), row())
        await ran_checkup(checkup)
    passed = [stage for stage, outcome in outcomes(checkup.report).items() if outcome == "pass"]
    assert passed == ["settings", "host", "key", "model", "stream", "json", "tools", "vision"]
    assert server.posts == 5


async def test_a_wrong_key_ends_it_after_one_request_and_is_nowhere_in_the_report(server: FakeProvider) -> None:
    server.script(Reply.error(401, f"Incorrect API key provided: {CANARY}"))
    async with new_http() as http:
        parts = over_http(http)
        checkup = made(parts, settings({"model": "openai/m", "base_url": server.base_url, "api_key": CANARY}))
        await ran_checkup(checkup)
    failed = checkup.report.first_failed
    assert failed is not None
    assert (failed.stage, failed.cause, server.posts) == ("key", "key", 1)
    assert CANARY not in checkup.report.text() + json.dumps(checkup.report.as_dict())


async def test_a_server_that_knows_none_of_it_is_judged_honestly(server: FakeProvider) -> None:
    refusal = Reply.error(400, "unknown parameter: response_format")
    tools, images = Reply.error(400, "tools are not supported"), Reply.error(400, "image_url is not supported")
    server.script(Reply.stream("OK"), Reply.stream("123"), refusal, Reply.stream(GOOD_JSON), tools, images)
    async with new_http() as http:
        checkup = made(over_http(http), settings({"model": "openai/m", "base_url": server.base_url}))
        await ran_checkup(checkup)
    found = outcomes(checkup.report)
    names = ("stream", "json", "tools", "vision")
    assert [found[name] for name in names] == ["not supported"] * 4  # type: ignore[index]  # mypy widens the names
    assert checkup.report.first_failed is None


async def test_a_model_of_openhands_own_provider_is_asked_for_as_litellm_proxys(server: FakeProvider) -> None:
    await run(ask(server, model="openhands/claude-opus-5-5"))
    assert server.requests[0].json["model"] == "claude-opus-5-5"
    assert server.requests[0].headers["authorization"] == f"Bearer {CANARY}"
