"""Counts and costs that the provider states: believed where they can be true."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fake_provider import FakeProvider
from tests.llm.asking import THEIR_WARNINGS
from tests.llm.test_what_came import as_json, chunk, finished, sse, to, whole
from tui.llm.events import Usage

pytestmark = THEIR_WARNINGS
PRICED = "openai/gpt-4o"


async def usage_of(server: FakeProvider, usage: dict[str, Any], model: str = "openai/m", **changes: Any) -> Usage:
    headers = changes.pop("headers", None)
    server.script(sse(chunk({"content": "Hello."}), chunk({}, "stop", usage=usage), "[DONE]", headers=headers))
    return (await finished(to(server, model, **changes)))[0].usage


@pytest.mark.parametrize(
    "counts", [(-5, 3), (5, -3), (10**12, 3), (5, 10**12), (-(10**12), -(10**12)), (0, 0), (50_000_000, 1)]
)
@pytest.mark.parametrize("stream", [True, False])
async def test_counts_that_can_not_be_true_are_replaced_by_our_own(
    server: FakeProvider, counts: tuple[int, int], *, stream: bool
) -> None:
    usage = {"prompt_tokens": counts[0], "completion_tokens": counts[1], "total_tokens": sum(counts)}
    streamed = sse(chunk({"content": "Hello."}), chunk({}, "stop", usage=usage), "[DONE]")
    server.script(streamed if stream else as_json(whole({"content": "Hello."}, usage=usage)))
    told = (await finished(to(server, stream=stream)))[0].usage
    assert told.tokens_estimated
    assert 0 < (told.input_tokens or 0) < 100
    assert 0 < (told.output_tokens or 0) < 10


COUNTS = {"prompt_tokens": 5, "completion_tokens": 3, "total_tokens": 8}


@pytest.mark.parametrize(
    ("more", "cost_usd"),
    [
        ({"cost": 0.0123}, 0.0123),
        ({"cost": 0}, 0),
        ({"cost": {"total_cost": 0.006, "currency": "USD"}}, 0.006),
        ({"estimated_cost": 0.0005}, 0.0005),
        ({"cost_in_usd_ticks": 37_756_000}, 0.0037756),
        ({"cost": 0.001, "is_byok": True, "cost_details": {"upstream_inference_cost": 0.02}}, 0.021),
        ({"cost": -1}, None),
        ({"cost": 1e30}, None),
        ({"cost": "free"}, None),
        ({"cost": True}, None),
        ({"cost": None}, None),
        ({}, None),
    ],
)
async def test_the_cost_is_the_providers_word_where_it_can_be_true(
    server: FakeProvider, more: dict[str, Any], cost_usd: float | None
) -> None:
    usage = await usage_of(server, COUNTS | more, "openrouter/some/new-model")
    assert usage.cost_usd == (None if cost_usd is None else pytest.approx(cost_usd))
    assert usage.cost_stated is (cost_usd is not None)


@pytest.mark.parametrize(("told", "cost_usd"), [("0.0042", 0.0042), ("nan", None), ("inf", None), ("", None)])
async def test_a_litellm_proxy_states_the_cost_in_a_header(
    server: FakeProvider, told: str, cost_usd: float | None
) -> None:
    headers = {"x-litellm-response-cost": told}
    usage = await usage_of(server, COUNTS, "litellm_proxy/team", headers=headers)
    assert usage.cost_usd == cost_usd


async def test_the_users_own_prices_come_first(server: FakeProvider) -> None:
    prices: dict[str, Any] = {"input_cost_per_token": 0.5, "output_cost_per_token": 2.0}
    assert (await usage_of(server, COUNTS | {"cost": 0.01}, **prices)).cost_usd == 5 * 0.5 + 3 * 2


async def test_another_server_can_not_talk_the_cost_down_for_the_limits(server: FakeProvider) -> None:
    usage = await usage_of(server, COUNTS | {"cost": 0}, PRICED)
    assert usage.cost_usd == 0
    assert (usage.limit_usd or 0) > 0
    usage = await usage_of(server, COUNTS | {"cost": 0.5}, PRICED)
    assert (usage.cost_usd, usage.limit_usd) == (0.5, None)
