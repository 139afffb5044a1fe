"""The lines of the pipe."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.llm.asking import CANARY, ask
from tui.config.secret import Secret
from tui.engine import wire
from tui.llm.events import Ask, Cancel, Delta, Failed, Finished, Message, Ready, RetryNow, Usage


def test_a_request_with_its_secrets_survives_the_pipe() -> None:
    request = ask(aws_access_key_id=Secret("AKIA"), num_retries=2)
    line = wire.encode(request)
    back = wire.request(line)
    assert back == request
    assert isinstance(back, Ask)
    assert back.key == Secret(CANARY)
    assert CANARY not in repr(back)


@given(content=st.text())
def test_any_text_is_one_line(content: str) -> None:
    delta = Delta(id="x", text=content)
    line = wire.encode(delta)
    assert line.count(b"\n") == 1
    assert wire.event(line) == delta
    request = ask(messages=(Message("user", content),))
    assert wire.request(wire.encode(request)) == request


@pytest.mark.parametrize("request_", [Cancel(id="a"), RetryNow(id="a")])
def test_orders_survive(request_: Cancel | RetryNow) -> None:
    assert wire.request(wire.encode(request_)) == request_


@pytest.mark.parametrize(
    "event",
    [Ready(seconds=1.5), Finished(id="a", usage=Usage(cost_usd=0.1)), Failed(id="a", cause="key", message="no")],
)
def test_events_survive(event: Ready | Finished | Failed) -> None:
    assert wire.event(wire.encode(event)) == event


@pytest.mark.parametrize("line", [b"", b"{}", b"no json", b'{"type":"Ask"}', b"\xff", b'{"type":"Nothing"}', b"[1]"])
def test_a_bad_line_is_an_error_that_does_not_repeat_it(line: bytes) -> None:
    for decode in (wire.request, wire.event):
        with pytest.raises(wire.BadLineError) as caught:
            decode(line)
        assert not line or line.decode("latin-1") not in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "field"), [({"timeout": 1.5}, "timeout"), ({"temperature": float("nan")}, "temperature")]
)
def test_a_request_with_a_value_that_can_not_be_sent_has_its_answer(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(wire.BadLineError) as caught:
        wire.request(wire.encode(ask(id="mine", **changes)))
    answer = caught.value.answer
    assert isinstance(answer, Failed)
    assert (answer.id, answer.cause, answer.field) == ("mine", "settings", field)


def test_half_a_surrogate_pair_does_not_keep_a_line_from_being_written() -> None:
    """Servers that cut an answer in the middle of an escaped pair send one."""
    event = wire.event(wire.encode(Delta(id="x", text="a\ud83d")))
    assert event == Delta(id="x", text="a\ufffd")
    whole = wire.event(wire.encode(Delta(id="x", text="\ud83d\ude00\ud83d")))
    assert whole == Delta(id="x", text="\U0001f600\ufffd")
    request = wire.request(wire.encode(ask(messages=(Message("user", "\udc80"),))))
    assert isinstance(request, Ask)
    assert request.messages[0].content == "\ufffd"
