"""Every recorded refusal is called what it is, and every row of the table has one."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any, Final

import httpx
import msgspec
import pytest

from tui.config.schema import LLM
from tui.llm.causes import ROWS, Row, row_of
from tui.llm.exchange import Exchange, Limits
from tui.llm.problem import Trouble
from tui.llm.refusals import refused, refused_inside
from tui.llm.request_context import Situation
from tui.llm.words import Words, error_inside, words_of

_FIRST_BAD_STATUS: Final = 300


class Recorded(msgspec.Struct, frozen=True):
    """One answer, and what it means."""

    name: str
    provider: str
    status: int
    body: Any
    cause: str
    kind: str
    """Of the row that knows it; "" where the status alone decides."""
    retried: bool
    source: str
    asked_s: float | None = None
    headers: dict[str, str] = msgspec.field(default_factory=dict)

    @property
    def text(self) -> bytes:
        return (self.body if isinstance(self.body, str) else json.dumps(self.body)).encode()


RECORDED: Final = msgspec.json.decode(Path(__file__).with_name("recorded.json").read_bytes(), type=tuple[Recorded, ...])
each = partial(pytest.mark.parametrize, argvalues=RECORDED, ids=[one.name for one in RECORDED])


def trouble(one: Recorded) -> Trouble:
    http = httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(200)))  # nothing is sent
    exchange = Exchange(http, Limits(), None, lambda: None)
    exchange.url = httpx.URL("https://provider.example/v1/chat/completions")
    exchange.status, exchange.headers, exchange.body = one.status, one.headers, one.text
    settings = LLM(model=f"{one.provider}/m", base_url="https://provider.example/v1")
    situation = Situation(settings, one.provider, has_key=True, secrets=())
    if one.status >= _FIRST_BAD_STATUS:
        return refused(exchange, situation)
    words = error_inside(one.text)
    assert words is not None
    return refused_inside(words, exchange, situation)


def row(one: Recorded) -> Row | None:
    words = words_of(one.text)
    labels = f"{words.labels} {one.headers.get('x-amzn-errortype', '').partition(':')[0]}"
    return row_of(one.status, Words(words.message, labels, asked_s=words.asked_s), one.provider)


@each("one")
def test_a_refusal_has_its_cause_and_is_retried_only_if_it_may_pass(one: Recorded) -> None:
    found = trouble(one)
    assert (found.cause, found.may_pass) == (one.cause, one.retried)


@each("one")
def test_a_refusal_is_known_by_the_row_that_is_meant(one: Recorded) -> None:
    found = row(one)
    assert (found.kind if found else "") == one.kind


@each("one")
def test_a_wait_is_read_wherever_the_provider_puts_it(one: Recorded) -> None:
    assert trouble(one).asked_s == (pytest.approx(one.asked_s) if one.asked_s is not None else None)


def test_every_row_has_a_recorded_refusal_and_every_one_of_those_its_source() -> None:
    assert {id(row(one)) for one in RECORDED} >= set(map(id, ROWS))
    assert all(one.source.startswith("https://") for one in RECORDED)
    assert len({one.name for one in RECORDED}) == len(RECORDED)


def test_words_that_no_row_knows_are_judged_by_the_status_alone() -> None:
    expected = {400: "request", 401: "key", 403: "key", 418: "request", 429: "rate_limit", 500: "server", 501: "server"}
    body = {"error": {"message": "Nix da. See https://help.example/quota/billing/credit-balance-too-low"}}
    for status, cause in expected.items():
        assert trouble(Recorded("", "openai", status, body, "", "", False, "")).cause == cause  # noqa: FBT003
