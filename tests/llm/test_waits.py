"""How long a provider asks to wait, in all the spellings there are."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tui.llm.retry_after import asked_wait_s, moment_s, reset_wait_s, wait_in_words_s

NOW = datetime(2026, 11, 30, 12, 0, 0, tzinfo=UTC)
EPOCH_S = int(NOW.timestamp())


@pytest.mark.parametrize(
    ("text", "wait_s"),
    [
        ("1.5", 1.5),
        ("20ms", 0.02),
        ("7.66s", 7.66),
        ("6m0s", 360),
        ("1h2m3s", 3_723),
        ("1d2h", 93_600),
        (str(EPOCH_S + 60), 60),
        (str((EPOCH_S + 60) * 1000), 60),
        ("2026-11-30T12:00:30Z", 30),
        ("2026-11-30T13:00:30+01:00", 30),
        ("Mon, 30 Nov 2026 12:01:00 GMT", 60),
        ("Mon, 30 Nov 2026 11:59:00 GMT", 0),
        ("-1", None),
        ("nan", None),
        ("soon", None),
        ("", None),
    ],
)
def test_a_header_may_hold_seconds_a_span_an_epoch_or_a_date(text: str, wait_s: float | None) -> None:
    assert moment_s(text, NOW) == (wait_s if wait_s is None else pytest.approx(wait_s))


@pytest.mark.parametrize(
    ("text", "wait_s"),
    [
        ("Limit 3, Used 3, Requested 1. Please try again in 20s. Visit", 20),
        ("Please try again in 1m2.5s.", 62.5),
        ("Please try again in 86ms.", 0.086),
        ("Please retry after 1 seconds. See", 1),
        ("Please retry in 25.59s.", 25.59),
        ("please try again after 1 seconds", 1),
        ("Please wait 13 seconds before retrying.", 13),
        ("Try again in 1 minute and 30 seconds", 90),
        ("Please try again later.", None),
        ("Could not retry 3 messages", None),
        ("wait before the next request. 5 s", None),
    ],
)
def test_a_sentence_may_hold_the_wait(text: str, wait_s: float | None) -> None:
    assert wait_in_words_s(text) == (wait_s if wait_s is None else pytest.approx(wait_s))


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ({"retry-after": "7"}, 7),
        ({"retry-after-ms": "250", "retry-after": "7"}, 0.25),
        ({"retry-after": "Mon, 30 Nov 2026 12:00:09 GMT", "date": "Mon, 30 Nov 2026 12:00:00 GMT"}, 9),
        ({"x-ratelimit-reset-tokens": "6m0s"}, None),
    ],
)
def test_retry_after_is_read_in_its_forms(headers: dict[str, str], wait_s: float | None) -> None:
    assert asked_wait_s(headers) == wait_s


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ({"x-ratelimit-reset-tokens": "6m0s"}, 360),
        ({"x-ratelimit-reset-tokens": "6m0s", "x-ratelimit-reset-requests": "1s"}, 1),
        (
            {
                "x-ratelimit-reset-tokens": "6m0s",
                "x-ratelimit-remaining-tokens": "0",
                "x-ratelimit-reset-requests": "1s",
                "x-ratelimit-remaining-requests": "59",
            },
            360,
        ),
        ({"ratelimit-reset": "30"}, 30),
        ({"x-ratelimit-limit-tokens": "30"}, None),
    ],
)
def test_the_limit_that_is_used_up_decides_when_to_come_back(headers: dict[str, str], wait_s: float | None) -> None:
    assert reset_wait_s(headers, NOW) == wait_s
