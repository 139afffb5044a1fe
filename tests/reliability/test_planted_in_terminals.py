"""The long chat and the windows on an app that does wrong on purpose: each finds what was planted."""

from __future__ import annotations

import random

import msgspec
import pytest

from tests.reliability import windows
from tests.reliability.long_chat import Sample, judged

START = "from tui.cli.main import main\nmain()\n"
FRAGILE = f"""
from textual import events
from tui.app import LLMBackendsApp
real = LLMBackendsApp.on_event
async def on_event(self, event):
    assert not (isinstance(event, events.Resize) and event.size.width < 2)
    await real(self, event)
LLMBackendsApp.on_event = on_event
{START}"""
"""Crashes in a very narrow window."""
DEAF = f"""
import signal
real = signal.signal
signal.signal = lambda number, handler: None if number == signal.SIGCONT else real(number, handler)
{START}"""
"""Does not notice that it goes on after a stop."""
FLAT = [
    Sample(turns=at, app_mb=80, worker_mb=200, app_descriptors=20, worker_descriptors=12, key_s=0.02)
    for at in range(100, 1_001, 100)
]


def chance() -> random.Random:
    return random.Random(4)  # noqa: S311  # no secret


def test_an_app_that_crashes_in_a_narrow_window_is_caught() -> None:
    figure = windows.of_sizes(2, chance(), ("-c", FRAGILE))
    assert not figure.passed
    assert "gone at" in figure.result


def test_an_app_that_is_not_drawn_again_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "_PATIENCE_S", 5.0)
    figure = windows.of_stops(2, chance(), ("-c", DEAF))
    assert not figure.passed
    assert "missing on the screen" in figure.result


def test_a_chat_that_takes_no_more_with_each_turn_is_fine() -> None:
    assert judged(FLAT) == []


@pytest.mark.parametrize(
    ("what", "each"),
    [("app_mb", 2.0), ("worker_mb", 2.0), ("app_descriptors", 1), ("worker_descriptors", 1), ("key_s", 0.01)],
)
def test_what_grows_with_each_turn_is_caught(what: str, each: float) -> None:
    growing = [msgspec.structs.replace(one, **{what: getattr(one, what) + at * each}) for at, one in enumerate(FLAT)]
    assert len(judged(growing)) == 1
