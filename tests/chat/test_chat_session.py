"""How a conversation goes on: at its end, or at an earlier place, and never with less than it had."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tui.chat.chat_session import Talk
from tui.chat.conversation import Conversation, Status, Turn
from tui.llm.events import Usage

FULL = Usage(input_tokens=10, output_tokens=20, cost_usd=0.5)


def turn(prompt: str, reply: str = "", status: Status = "done") -> Turn:
    return Turn(prompt=prompt, reply=reply, status=status, usage=FULL)


def said(talk: Talk, prompt: str, reply: str = "", status: Status = "done", at: int | None = None) -> bool:
    talk.begin(prompt, at)
    return talk.end(turn(prompt, reply, status))


def history(talk: Talk) -> list[str]:
    return [message.content for message in talk.conversation.messages("next")[:-1]]


def test_another_answer_replaces_the_last_one() -> None:
    talk = Talk()
    said(talk, "a", "A")
    said(talk, "b", "B")
    assert talk.last == ("b", 1)
    assert [message.content for message in talk.begin(*talk.last)] == ["a", "A", "b"]
    assert talk.end(turn("b", "B2"))
    assert history(talk) == ["a", "A", "b", "B2"]
    assert talk.last == ("b", 2)
    assert talk.totals.tokens == 90


def test_an_edited_prompt_replaces_all_that_followed() -> None:
    talk = Talk()
    for name in "abc":
        said(talk, name, name.upper())
    said(talk, "x", "X", at=1)
    assert history(talk) == ["a", "A", "x", "X"]
    assert talk.totals.tokens == 120


def test_an_answer_that_does_not_come_replaces_nothing_and_can_be_asked_for_again() -> None:
    talk = Talk()
    said(talk, "a", "A")
    said(talk, "b", "B")
    assert not said(talk, "x", "", "failed", at=0)
    assert history(talk) == ["a", "A", "b", "B"]
    assert talk.unanswered == ("x", 0)
    assert not said(talk, *("x", "", "failed"), at=0)
    assert talk.unanswered == ("x", 0)
    assert said(talk, "x", "X", at=0)
    assert history(talk) == ["x", "X"]
    assert talk.unanswered is None


def test_going_on_after_an_answer_that_did_not_come_keeps_the_earlier_one() -> None:
    talk = Talk()
    said(talk, "a", "A")
    said(talk, "a", "", "stopped", at=0)
    said(talk, "b", "B")
    assert history(talk) == ["a", "A", "b", "B"]
    assert talk.last == ("b", 2)


def test_what_was_spent_outlasts_a_clear_and_a_load_but_what_a_file_tells_was_spent_before() -> None:
    talk = Talk()
    talk.tell("Be brief.")
    said(talk, "a", "A")
    talk.clear()
    assert talk.conversation == Conversation(system="Be brief.")
    assert talk.totals.tokens == 30
    talk.load(Conversation((turn("b", "B"),), loaded=1))
    assert talk.totals.tokens == 30
    assert talk.conversation.system == ""
    said(talk, "b", "B2", at=0)
    assert talk.totals.tokens == 60


STEPS = st.lists(st.tuples(st.sampled_from(["", "yes"]), st.integers(0, 9)), max_size=12)


@given(STEPS)
def test_no_turn_is_ever_lost_and_none_is_sent_twice(steps: list[tuple[str, int]]) -> None:
    talk = Talk()
    for number, (reply, back) in enumerate(steps):
        standing = talk.conversation.standing
        at = standing[back] if back < len(standing) else None
        before = history(talk)
        said(talk, f"p{number}", reply and f"r{number}", "done" if reply else "failed", at)
        if not reply:
            assert history(talk) == before
    assert [old.prompt for old in talk.conversation.turns] == [f"p{number}" for number in range(len(steps))]
    assert talk.totals.tokens == 30 * len(steps)
    assert len(set(history(talk))) == len(history(talk))
