"""Who was the fastest and who the cheapest."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tui.chat.conversation import Status, Turn
from tui.chat.results import Standing, exact_dollars, exact_seconds, judged, markdown
from tui.llm.events import Usage


def standing(
    name: str, *, total_s: float = 1.0, status: Status = "done", local: bool = False, **usage: object
) -> Standing:
    used = Usage(total_s=total_s, **usage)  # type: ignore[arg-type]  # fields of Usage
    turn = Turn(prompt="p", reply="r", status=status, usage=used, attempts=used.attempts, local=local)
    return Standing(name=name, model=f"openai/{name}", turn=turn)


def marks(*standings: Standing) -> list[str]:
    return [one.marks for one in judged(standings)]


def test_waits_for_retries_count_for_the_time() -> None:
    slow = standing("slow", total_s=2.0)
    retried = standing("retried", total_s=1.0, waited_s=5.0, attempts=2)
    assert marks(slow, retried) == ["fastest", "2 tries, waited 5 s"]


def test_an_unknown_cost_is_not_the_cheapest_and_is_said() -> None:
    assert marks(standing("a", cost_usd=0.1), standing("b"), standing("c", cost_usd=0.2))[0] == "cheapest known"
    assert marks(standing("a", cost_usd=0.1), standing("b")) == ["", ""]


def test_a_model_on_this_machine_costs_nothing() -> None:
    rows = judged((standing("a", cost_usd=0.1), standing("b", local=True, input_tokens=3, output_tokens=9)))
    assert [one.marks for one in rows] == ["", "cheapest"]
    assert rows[1].cells[6] == "local"


def test_only_whole_answers_can_be_best() -> None:
    stopped = standing("stopped", total_s=0.1, cost_usd=0.0, status="stopped")
    cut = standing("cut", total_s=0.2, status="cut", cost_usd=0.1)
    assert marks(stopped, cut, standing("whole", cost_usd=0.2)) == ["stopped", "fastest, cheapest, cut off", ""]


def test_nobody_is_best_alone_or_if_all_are_even() -> None:
    assert marks(standing("a", cost_usd=0.1)) == [""]
    assert marks(standing("a", cost_usd=0.1), standing("b", cost_usd=0.1)) == ["", ""]


def test_small_amounts_can_be_told_apart() -> None:
    assert [exact_dollars(cost) for cost in (0.0, 0.0000314, 0.0031, 0.0123, 2.5)] == [
        "$0", "$0.000031", "$0.0031", "$0.0123", "$2.50"
    ]  # fmt: skip
    assert [exact_seconds(one) for one in (None, 0.041, 9.994, 9.995, 130.0)] == [
        "-", "0.04 s", "9.99 s", "10 s", "2 min 10 s"
    ]  # fmt: skip


@given(st.floats(min_value=1e-12, max_value=0.00999))
def test_a_small_amount_keeps_two_digits(cost_usd: float) -> None:
    assert abs(float(exact_dollars(cost_usd)[1:]) - cost_usd) <= 0.051 * cost_usd


@given(st.lists(st.tuples(st.floats(0, 1e4), st.none() | st.floats(0, 10)), min_size=2, max_size=4))
def test_the_marked_are_those_with_the_least(sides: list[tuple[float, float | None]]) -> None:
    rows = judged(standing(str(at), total_s=time_s, cost_usd=cost) for at, (time_s, cost) in enumerate(sides))
    times = [time_s for time_s, _ in sides]
    costs = [cost for _, cost in sides if cost is not None]
    assert {one.total_s for one in rows if one.fastest} == ({min(times)} if len(set(times)) > 1 else set())
    cheapest = {one.turn.usage.cost_usd for one in rows if one.cheapest and one.turn.usage}
    assert cheapest == ({min(costs)} if len(set(costs)) > 1 else set())


def test_the_markdown_is_a_table_that_no_text_breaks() -> None:
    rows = judged((standing("a|b", first_token_s=0.1, output_tokens=9, cost_usd=0.001), standing("c", total_s=3.0)))
    text = markdown("what\nis\x1b it?", rows)
    lines = text.splitlines()
    assert lines[:2] == ["> what", "> is␛ it?"]
    table = lines[3:]
    assert table[0] == "| profile | model | first token | total | tok/s | tokens | cost |  |"
    assert table[2].startswith("| a\\|b | openai/a\\|b | 0.10 s | 1.00 s |")
    assert len({line.replace("\\|", "").count("|") for line in table}) == 1
