"""Turns, history and totals."""

from __future__ import annotations

import pytest

from tui.chat.conversation import Conversation, Running, Turn
from tui.llm.events import Attempting, Cancelled, Delta, Failed, Finished, Message, Retrying, TurnEvent, Usage

FULL = Usage(input_tokens=10, output_tokens=20, cost_usd=0.5)


def ran(*events: TurnEvent, prompt: str = "hi") -> Turn:
    running = Running(prompt)
    for event in events:
        running.take(event)
    return running.turn()


def test_a_turn_collects_the_answer_and_the_thinking_apart() -> None:
    turn = ran(
        Attempting(id="1", attempt=1, of=5),
        Delta(id="1", text="hm", thinking=True),
        Delta(id="1", text="Hel"),
        Delta(id="1", text="lo"),
        Finished(id="1", usage=FULL),
    )
    assert (turn.reply, turn.thinking, turn.status, turn.attempts) == ("Hello", "hm", "done", 1)


def test_an_answer_that_hit_the_token_limit_is_marked() -> None:
    assert ran(Delta(id="1", text="a"), Finished(id="1", usage=FULL, finish_reason="length")).status == "cut"


def test_a_failed_or_cancelled_turn_keeps_its_text() -> None:
    failed = ran(Delta(id="1", text="a"), Failed(id="1", cause="network", message="cut", partial=True))
    assert (failed.status, failed.reply) == ("failed", "a")
    assert ran(Delta(id="1", text="a"), Cancelled(id="1")).reply == "a"


def test_retries_count_as_attempts() -> None:
    retrying = Retrying(id="1", attempt=2, of=5, wait_s=5, status=429, reason="rate limited (429)")
    turn = ran(Attempting(id="1", attempt=1, of=5), retrying, Attempting(id="1", attempt=2, of=5), Cancelled(id="1"))
    assert turn.attempts == 2


def test_controls_become_visible_even_when_a_sequence_is_split_between_deltas() -> None:
    turn = ran(Delta(id="1", text="\x1b"), Delta(id="1", text="]52;c;eA==\x07\r\nb\u202e"))
    assert turn.reply == "␛]52;c;eA==␇\nb�"


def test_stopping_from_this_side_does_not_change_a_turn_that_has_ended() -> None:
    running = Running("hi")
    running.take(Finished(id="1", usage=FULL))
    running.stop()
    assert running.turn().status == "done"


def test_history_has_finished_and_partial_turns_but_no_prompt_without_an_answer() -> None:
    talk = Conversation()
    for turn in (
        Turn(prompt="a", reply="A", status="done"),
        Turn(prompt="b", status="failed"),
        Turn(prompt="c", reply="C…", status="stopped"),
        Turn(prompt="d", thinking="hm", status="stopped"),
    ):
        talk = talk.plus(turn)
    assert talk.messages("e") == (
        Message("user", "a"),
        Message("assistant", "A"),
        Message("user", "c"),
        Message("assistant", "C…"),
        Message("user", "e"),
    )


def test_a_prompt_that_is_sent_again_leaves_the_history_but_not_the_totals() -> None:
    talk = Conversation().plus(Turn(prompt="a", reply="A…", status="failed", usage=FULL)).cut(0)
    assert talk.messages("a") == (Message("user", "a"),)
    assert talk.totals().cost_usd == 0.5
    assert Conversation().cut(0) == Conversation()


def test_a_cut_leaves_what_was_before_in_the_history_and_everything_in_the_totals() -> None:
    turns = tuple(Turn(prompt=name, reply=name.upper(), status="done", usage=FULL) for name in "abc")
    talk = Conversation(turns).cut(1).plus(Turn(prompt="d", reply="D", status="done", usage=FULL))
    assert [message.content for message in talk.messages("e")] == ["a", "A", "d", "D", "e"]
    assert talk.standing == (0, 3)
    assert talk.totals().tokens == 120


def test_a_system_prompt_goes_before_everything_else() -> None:
    talk = Conversation((Turn(prompt="a", reply="A"),)).told("Be brief.")
    assert talk.messages("b")[0] == Message("system", "Be brief.")
    assert [message.role for message in talk.told("").messages("b")] == ["user", "assistant", "user"]


def test_what_a_loaded_chat_used_was_spent_before() -> None:
    talk = Conversation((Turn(prompt="a", reply="A", usage=FULL),), loaded=1)
    assert talk.totals().tokens == 0
    assert talk.plus(Turn(prompt="b", reply="B", usage=FULL)).totals().tokens == 30


def test_the_last_reply_is_the_last_that_has_text() -> None:
    talk = Conversation((Turn(prompt="a", reply="A"), Turn(prompt="b", status="failed")))
    assert talk.last_reply == "A"
    assert Conversation().last_reply == ""


def test_totals_count_what_is_unknown_instead_of_taking_it_for_zero() -> None:
    talk = Conversation(
        (
            Turn(prompt="a", reply="A", status="done", usage=FULL),
            Turn(prompt="b", reply="B", status="done", usage=Usage(input_tokens=1, output_tokens=2)),
            Turn(prompt="c", reply="C", status="stopped"),
            Turn(prompt="d", reply="D", status="done", usage=Usage(input_tokens=1, output_tokens=1), local=True),
        )
    )
    totals = talk.totals()
    assert (totals.tokens, totals.tokens_unknown) == (35, 1)
    assert (totals.cost_usd, totals.cost_known, totals.cost_unknown, totals.cost_local) == (0.5, 1, 2, 1)


@pytest.mark.parametrize(
    ("turn", "counts"),
    [
        (Turn(prompt="a", status="failed", attempts=1, usage=Usage()), False),
        (Turn(prompt="a", status="stopped"), False),
        (Turn(prompt="a", status="stopped", attempts=1), True),
        (Turn(prompt="a", status="failed", usage=Usage(cost_usd=0.1)), True),
    ],
)
def test_a_turn_counts_if_it_may_have_used_something(turn: Turn, *, counts: bool) -> None:
    assert turn.counts is counts


def test_totals_add_up() -> None:
    first = Conversation((Turn(prompt="a", reply="A", usage=FULL),)).totals()
    second = Conversation((Turn(prompt="b", reply="B", usage=Usage(tokens_estimated=True)),)).totals()
    both = first + second
    assert (both.tokens, both.tokens_unknown, both.cost_unknown, both.tokens_estimated) == (30, 1, 1, True)
