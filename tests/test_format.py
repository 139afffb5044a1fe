"""How usage reads."""

from __future__ import annotations

import pytest

from tui.format import dollars, seconds
from tui.llm.events import Usage
from tui.usage.totals import Totals, answered_by, cost_words, totals_words, usage_words


@pytest.mark.parametrize(
    ("duration_s", "words"),
    [
        (0, "0 s"),
        (0.04, "under 0.1 s"),
        (1.23, "1.2 s"),
        (5, "5 s"),
        (9.96, "10 s"),
        (119.4, "119 s"),
        (185, "3 min 5 s"),
    ],
)
def test_durations_read_naturally(duration_s: float, words: str) -> None:
    assert seconds(duration_s) == words


@pytest.mark.parametrize(
    ("cost_usd", "words"), [(0, "$0"), (0.00001, "under $0.0001"), (0.0031, "$0.0031"), (1.5, "$1.50")]
)
def test_small_amounts_are_not_rounded_to_nothing(cost_usd: float, words: str) -> None:
    assert dollars(cost_usd) == words


def test_a_usage_line_has_speed_tokens_and_cost() -> None:
    usage = Usage(output_tokens=412, cost_usd=0.0031, first_token_s=1.2, total_s=1.2 + 411 / 61)
    assert usage_words(usage) == "1.2 s to first token · 61 tok/s · 412 tok · $0.0031"


def test_unknown_cost_is_never_zero() -> None:
    assert usage_words(Usage(output_tokens=1)) == "1 tok · cost unknown"
    assert usage_words(Usage(output_tokens=1), local=True) == "1 tok · local"
    assert usage_words(Usage(output_tokens=1, cost_usd=0.0), local=True) == "1 tok · local"
    assert usage_words(Usage()) == "tokens unknown · cost unknown"


def test_estimates_and_tries_are_told() -> None:
    usage = Usage(output_tokens=9, cost_usd=0.5, tokens_estimated=True, attempts=3, waited_s=10)
    assert usage_words(usage) == "~9 tok · ~$0.50 · 3 tries, waited 10 s"


@pytest.mark.parametrize(
    ("totals", "words"),
    [
        (Totals(), ""),
        (Totals(tokens=1240, cost_usd=0.0031, cost_known=2), "1,240 tok · $0.0031"),
        (Totals(tokens=1240, cost_usd=0.0031, cost_known=2, cost_unknown=1), "1,240 tok · $0.0031 + unknown"),
        (Totals(tokens=5, tokens_unknown=1, cost_unknown=2), "5 tok + unknown · cost unknown"),
        (Totals(tokens_unknown=1, cost_unknown=1), "tokens unknown · cost unknown"),
        (Totals(tokens=5, cost_local=1), "5 tok · local"),
        (Totals(tokens=5, cost_local=1, cost_known=1), "5 tok · local"),
    ],
)
def test_totals_say_what_they_do_not_know(totals: Totals, words: str) -> None:
    assert totals_words(totals) == words


def test_the_cost_can_stand_alone() -> None:
    assert cost_words(Totals(tokens=5, cost_usd=2, cost_known=1)) == "$2.00"


@pytest.mark.parametrize(
    ("asked", "named", "words"),
    [
        ("openrouter/auto", "anthropic/claude-sonnet-5", "answered by anthropic/claude-sonnet-5"),
        ("azure/my-deployment", "gpt-4o-2024-08-06", "answered by gpt-4o-2024-08-06"),
        ("openai/gpt-4o", "gpt-4o-2024-08-06", ""),
        ("openrouter/deepseek/deepseek-r1:free", "deepseek/deepseek-r1:free", ""),
        ("gemini/gemini-2.5-flash", "models/gemini-2.5-flash", ""),
        ("openai/m", "", ""),
    ],
)
def test_the_model_that_answered_is_named_where_it_is_another(asked: str, named: str, words: str) -> None:
    assert answered_by(asked, named) == words
