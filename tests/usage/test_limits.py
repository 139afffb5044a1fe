"""The spending limits: when the user is asked, what a yes allows, when a running answer has gone too far."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.checkup.checking import row
from tests.usage.test_ledger import entry
from tui.config.preferences import Limits
from tui.config.schema import LLM
from tui.llm.events import Message
from tui.usage.limits import Spending
from tui.usage.price import Load, Price, load_of, price_of
from tui.usage.question import OverLimitError, UnknownPriceError
from tui.usage.statement import today
from tui.usage.turn_meter import Tally

PRICE = Price(input_usd=0.01, output_usd=0.1, answer_tokens=10)
"""A request of no prompt may cost a dollar."""
ASK = Load(0)


def with_limits(session: float | None = 2.0, day: float | None = None, spent: float = 0.0) -> Spending:
    spending = Spending()
    spending.learn(Limits(session, day), 0.0)
    if spent:
        pay(spending, spent)
    return spending


def pay(spending: Spending, amount: float) -> None:
    turn = Tally.__new__(Tally)
    spending.end(turn, entry(cost_usd=amount))


def asks(spending: Spending, load: Load = ASK) -> OverLimitError:
    with pytest.raises(OverLimitError) as caught:
        spending.check("openai/m", PRICE, load, local=False)
    return caught.value


def passes(spending: Spending, price: Price | None = PRICE, model: str = "openai/m", *, local: bool = False) -> None:
    spending.check(model, price, ASK, local=local)


def test_a_request_that_stays_below_the_limit_goes_out() -> None:
    passes(with_limits(session=1.0))
    passes(with_limits(spent=1.0))


def test_one_that_may_pass_it_asks_with_the_figures() -> None:
    needed = asks(with_limits(spent=1.5))
    assert needed.question == (
        "This may cost up to $1.00, which would pass your limit of $2.00 for this session ($1.50 spent). Send it?"
    )
    assert needed.note == "A yes allows up to $4.00 for this session."
    assert needed.refused().message == ("Nothing was sent. Raise the limit in Usage (F6), or send again and say yes.")


def test_a_yes_holds_until_the_next_multiple_of_the_limit() -> None:
    spending = with_limits(spent=1.5)
    spending.allow(asks(spending))
    passes(spending)
    pay(spending, 1.0)
    passes(spending)
    pay(spending, 1.0)
    assert "up to $6.00" in asks(spending).note


def test_both_limits_are_one_question() -> None:
    needed = asks(with_limits(session=2.0, day=2.0, spent=1.5))
    assert "your limits of $2.00 for this session ($1.50 spent) and $2.00 for today ($1.50 spent)" in needed.question


def test_the_day_counts_what_other_instances_spent_and_what_is_written_only_once() -> None:
    spending = with_limits(session=None, day=5.0)
    paid = entry(cost_usd=1.0)
    spending.end(Tally.__new__(Tally), paid)
    assert spending.spent_usd("day") == 1.0
    spending.written(paid)
    spending.learn(Limits(None, 5.0), 4.5)
    assert (spending.spent_usd("day"), spending.spent_usd("session")) == (4.5, 1.0)
    asks(spending)


def test_a_new_day_begins_at_nothing_and_an_old_yes_is_over() -> None:
    now = [today()]
    spending = Spending(lambda: now[0])
    spending.learn(Limits(None, 2.0), 1.5)
    spending.allow(asks(spending))
    passes(spending)
    now[0] = date(2999, 1, 1)
    assert spending.spent_usd("day") == 0
    spending.learn(Limits(None, 2.0), 1.5)
    asks(spending)


def test_a_limit_of_zero_asks_each_time() -> None:
    spending = with_limits(session=0.0)
    spending.allow(asks(spending))
    passes(spending)
    pay(spending, 0.5)
    asks(spending)


def test_what_costs_nothing_never_asks() -> None:
    passes(with_limits(session=0.0), Price(0, 0))


def test_without_any_limit_nothing_is_asked() -> None:
    spending = with_limits(session=None, day=None, spent=1000)
    passes(spending)
    passes(spending, None)


def test_an_unknown_price_asks_once_for_each_model() -> None:
    spending = with_limits()
    for model in ("a/one", "a/two"):
        with pytest.raises(UnknownPriceError, match=f"The price of {model} is not known"):
            passes(spending, None, model)
    with pytest.raises(UnknownPriceError) as caught:
        passes(spending, None, "a/one")
    spending.allow(caught.value)
    passes(spending, None, "a/one")
    with pytest.raises(UnknownPriceError):
        passes(spending, None, "a/two")


def test_an_unknown_price_on_this_machine_asks_nothing() -> None:
    passes(with_limits(), None, local=True)


def test_prices_of_the_settings_win_over_the_catalogue() -> None:
    assert price_of(LLM(), None) is None
    assert price_of(LLM(input_cost_per_token=1e308), row()) is None  # no sum of it would be finite
    assert price_of(LLM(), row(output_price=None)) is None
    assert price_of(LLM(), row(max_output=100)) == Price(1e-6, 2e-6, 100)
    own = LLM(input_cost_per_token=1, output_cost_per_token=2, max_output_tokens=7)
    assert price_of(own, row(max_output=100)) == Price(1, 2, 7)


@given(st.text(), st.text())
def test_the_guess_at_a_prompt_grows_with_it(one: str, two: str) -> None:
    short, long = load_of([Message("user", one)]), load_of([Message("user", one + two)])
    assert 0 < short.prompt_tokens <= long.prompt_tokens
    both = load_of([Message("user", one), Message("assistant", two)])
    assert both.prompt_tokens > long.prompt_tokens


amounts = st.floats(0, 1e6, allow_subnormal=False)


@given(amounts, amounts, amounts, st.floats(0, 1e3))
def test_a_yes_always_lets_the_same_request_go_out(session: float, day: float, spent: float, each: float) -> None:
    spending = with_limits(session, day, spent)
    price = Price(0, each, 10)
    try:
        spending.check("m", price, ASK, local=False)
    except OverLimitError as needed:
        spending.allow(needed)
    spending.check("m", price, ASK, local=False)


def test_the_moment_of_a_turn_decides_its_day() -> None:
    spending = with_limits()
    spending.end(Tally.__new__(Tally), entry(at=datetime(2020, 1, 1, tzinfo=UTC), cost_usd=3.0))
    assert (spending.spent_usd("session"), spending.spent_usd("day")) == (3.0, 0.0)
