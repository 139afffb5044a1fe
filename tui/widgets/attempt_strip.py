"""What a turn is waiting for, in words and live: the worker, the model's file, the first token, the next attempt."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import msgspec
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

from tui.format import seconds
from tui.llm.events import Retrying
from tui.text import visible_line

_TICK_S: Final = 0.25
_BAR_CELLS: Final = 16
_STOP: Final = "esc stop"
_RETRY: Final = "^r now   esc give up"


class _Waiting(msgspec.Struct, frozen=True):
    words: str
    since: float
    fraction: float | None = None
    timed: bool = False
    """Whether the time since is shown."""
    keys: str = _STOP


class AttemptStrip(Static):
    """Two lines: what is awaited, with a countdown, a clock or a bar; and the keys that end it. Hidden when quiet."""

    DEFAULT_CSS = """
    AttemptStrip { height: auto; display: none; }
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__()
        self._clock = clock
        self._state: _Waiting | Retrying | None = None
        self._since = 0.0
        self._timer: Timer | None = None

    def on_mount(self) -> None:
        """Tick while something is awaited."""
        self._timer = self.set_interval(_TICK_S, self._paint, pause=self._state is None)
        self._paint()

    @property
    def retrying(self) -> bool:
        """Whether a wait before the next attempt is shown."""
        return isinstance(self._state, Retrying)

    def wait_for(self, words: str, *, fraction: float | None = None, timed: bool = False) -> None:
        """Say what is awaited.

        Args:
            words: such as "waiting for the first token…".
            fraction: how much is done, 0 to 1, where that is known; draws a bar.
            timed: whether to show how long it has taken so far.
        """
        self._show(_Waiting(words, self._clock(), fraction, timed))

    def progress(self, words: str, fraction: float | None) -> None:
        """Say what is being done."""
        self.wait_for(words, fraction=fraction)

    def count_down(self, event: Retrying) -> None:
        """Say what failed and count down to the next attempt."""
        self._show(event)

    def quiet(self) -> None:
        """Nothing is awaited."""
        self._show(None)

    def words(self) -> str:
        """What the strip says now, without its keys."""
        match self._state:
            case None:
                return ""
            case Retrying() as event:
                return _retry_words(event, event.wait_s - (self._clock() - self._since))
            case _Waiting(words=words, fraction=fraction, timed=timed, since=since):
                clock = f" {seconds(self._clock() - since)}" if timed else ""
                return _bar(fraction) + words + clock

    def _show(self, state: _Waiting | Retrying | None) -> None:
        was_retrying = self.retrying
        self._state, self._since = state, self._clock()
        self.display = state is not None
        if self.retrying != was_retrying:
            self.refresh_bindings()
        if self._timer is not None:
            (self._timer.pause if state is None else self._timer.resume)()
        self._paint()

    def _paint(self) -> None:
        if self._state is None or not self.is_mounted:
            return
        retrying = isinstance(self._state, Retrying)
        keys = _RETRY if retrying else _STOP
        style = "$text-warning" if retrying else "$text-accent"
        self.update(Content.assemble((self.words(), style), "\n", (f"  {keys}", "dim")))


def _retry_words(event: Retrying, left_s: float) -> str:
    when = f"in {_left(left_s)}" if left_s > 0 else "now"
    asked = f" (the provider asks for {seconds(event.asked_s)})" if event.asked_s is not None else ""
    return f"⟳ {visible_line(event.reason)}: attempt {event.attempt} of {event.of} {when}{asked}"


def _left(left_s: float) -> str:
    whole = math.ceil(left_s)
    return f"{whole} s" if whole < 120 else f"{whole // 60} min {whole % 60} s"  # noqa: PLR2004  # two minutes


def _bar(fraction: float | None) -> str:
    if fraction is None:
        return ""
    filled = round(max(0.0, min(1.0, fraction)) * _BAR_CELLS)
    return "━" * filled + "╌" * (_BAR_CELLS - filled) + " "
