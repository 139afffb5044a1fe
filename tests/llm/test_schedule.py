"""The formula of the waits, and that hostile settings can't break it."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tenacity import AsyncRetrying, RetryCallState
from tenacity.wait import wait_exponential

from tui.config.schema import LLM
from tui.llm.retry import RetryPolicy, schedule

pytestmark = pytest.mark.contract

SECONDS = st.integers(0, 10_000)
MULTIPLIERS = st.floats(0, 1e6)


def test_the_default_settings_wait_5_5_8_and_16_seconds() -> None:
    assert schedule(LLM()) == (5, 5, 8, 16)


@given(least=SECONDS, most=SECONDS, multiplier=MULTIPLIERS, retries=st.integers(0, 60))
def test_every_wait_follows_the_formula(least: int, most: int, multiplier: float, retries: int) -> None:
    settings = LLM(num_retries=retries, retry_min_wait=least, retry_max_wait=most, retry_multiplier=multiplier)
    formula = [max(least, min(multiplier * 2 ** (n - 1), most)) for n in range(1, retries + 1)]
    assert schedule(settings) == tuple(formula)


@given(least=SECONDS, most=SECONDS, multiplier=MULTIPLIERS, retry=st.integers(1, 60))
def test_every_wait_is_tenacitys_own(least: int, most: int, multiplier: float, retry: int) -> None:
    policy = RetryPolicy(retries=retry, min_wait_s=least, max_wait_s=most, multiplier_s=multiplier)
    state = RetryCallState(AsyncRetrying(), None, (), {})
    state.attempt_number = retry
    assert policy.wait_s(retry) == wait_exponential(multiplier=multiplier, min=least, max=most)(state)


@given(
    retries=st.integers(-(10**30), 10**30),
    least=st.integers(-5, 10**30),
    most=st.integers(-5, 10**30),
    multiplier=st.floats(),
)
def test_no_settings_at_all_break_the_schedule(retries: int, least: int, most: int, multiplier: float) -> None:
    settings = LLM(num_retries=retries, retry_min_wait=least, retry_max_wait=most, retry_multiplier=multiplier)
    waits = schedule(settings)
    assert len(waits) == min(max(retries, 0), 1_000)
    assert all(math.isfinite(wait) and wait >= 0 for wait in waits)


def test_a_shortest_wait_above_the_longest_wins() -> None:
    assert schedule(LLM(num_retries=2, retry_min_wait=60, retry_max_wait=30)) == (60, 60)
