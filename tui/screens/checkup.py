"""The check-up page: what it will cost, the stages as they run, what failed and what to do, a summary to paste."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import aclosing
from typing import ClassVar, Final, TypeAlias

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

from tui.checkup.budget import LIMIT
from tui.checkup.outcome import TITLES, StageEnded, StageEvent, StageName, StageNews, StageStarted
from tui.checkup.runner import Checkup
from tui.clipboard import SENT
from tui.config.resolve import Resolved
from tui.request.backend import Backend
from tui.screens.late_page import LatePage
from tui.text import visible
from tui.usage.question import NeedsYesError
from tui.widgets.approval import Approval
from tui.widgets.row import Help
from tui.widgets.stage_row import StageRow

Settings: TypeAlias = Callable[[], Mapping[str, Resolved]]

_TICK_S: Final = 0.25
_ROOMY: Final = 44
"""From this many lines on, passed stages say what they found."""
_INCOMPLETE: Final = "The settings are not complete yet; the first stage tells what is missing, and sends nothing."
_UNKNOWN: Final = "What it will send and cost is not known: the disk does not answer."


class CheckupPage(VerticalScroll, LatePage, can_focus=True):
    """Works by itself: needs a backend and the settings. Whoever shows it calls `enter`."""

    DEFAULT_CSS = """
    CheckupPage {
        scrollbar-size-vertical: 1;
        & > Static { height: auto; padding: 0 1; }
        & > #notice { margin-bottom: 1; }
        & > #outcome { margin-top: 1; }
        & > Approval { margin: 0 1; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "run", "Run", id="checkup.run", tooltip="Run the check-up with the settings as they stand"),
        Binding("escape", "stop", "Stop", id="checkup.stop", tooltip="Stop the check-up; what was found stays"),
        Binding("ctrl+r", "retry", "Retry now", id="checkup.retry", tooltip="End the wait before the next attempt"),
        Binding("ctrl+o", "copy", "Copy summary", id="checkup.copy", tooltip="Copy a summary without any key in it"),
    ]

    def __init__(
        self,
        backend: Backend,
        settings: Settings,
        env: Mapping[str, str],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`settings` gives the effective settings with the draft; `env` is the app's environment."""
        super().__init__(id="checkup")
        self._backend = backend
        self._settings = settings
        self._env = env
        self._clock = clock
        self._checkup: Checkup | None = None
        self._tested: Mapping[str, Resolved] | None = None
        self._ended: dict[StageName, StageEnded] = {}
        self._now: StageName | None = None
        self._since = 0.0
        self._words = ""
        self._retrying = False
        self._busy = False
        self._answer: asyncio.Future[bool] | None = None
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """Notice, stages, outcome."""
        yield Static("", id="notice", markup=False)
        for stage in TITLES:
            yield StageRow(stage)
        yield Static("", id="outcome", markup=False)

    def on_mount(self) -> None:
        """Tick while a stage runs."""
        self._timer = self.set_interval(_TICK_S, self._tick, pause=True)

    def on_resize(self) -> None:
        """Say more where there is room for it."""
        self._show_ended()

    @property
    def busy(self) -> bool:
        """Whether a check-up is under way."""
        return self._busy

    @property
    def help(self) -> Help:
        """For the strip at the bottom."""
        facts = ("uses the settings as they stand here, saved or not", f"fewer than {LIMIT:,} tokens")
        return Help("check-up", facts, "Enter runs it, esc stops it.")

    async def enter(self) -> None:
        """Take the focus, and say what a run would cost now."""
        self.focus()
        if not self._busy:
            self._say_cost()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  # Textual's signature
        """Each key works only while there is something for it to do."""
        match action:
            case "run":
                return not self._busy
            case "stop":
                return self._busy
            case "retry":
                return self._busy and self._retrying
            case "copy":
                return bool(self._ended)
            case _:
                return True

    def action_run(self) -> None:
        """Start a check-up of the settings as they stand."""
        self._tested = dict(self._settings())
        self._checkup = Checkup(self._backend, self._tested, self._env, self._approve, clock=self._clock)
        self._busy = True
        self._ended.clear()
        for row in self.query(StageRow):
            row.wait()
        self._outcome("")
        self.refresh_bindings()
        self._run(self._checkup)

    def action_stop(self) -> None:
        """Stop; the stage under way is given up."""
        self.workers.cancel_node(self)
        if self._now is not None:
            self._row(self._now).stop()
        self._close("Stopped")

    def action_retry(self) -> None:
        """End the wait before the next attempt."""
        if self._checkup is not None:
            self._checkup.retry_now()

    def action_copy(self) -> None:
        """Put the summary on the clipboard, as far as the terminal plays along."""
        if self._checkup is not None:
            self.app.copy_to_clipboard(self._checkup.report.text())
            self.notify(SENT, markup=False)

    @work(exclusive=True, group="checkup")
    async def _run(self, checkup: Checkup) -> None:
        self._notice(await _cost(checkup))
        async with aclosing(checkup.events()) as events:
            async for event in events:
                self._take(event)
        self._close("Done")

    def _take(self, event: StageEvent) -> None:
        match event:
            case StageStarted(stage=stage):
                self._now, self._since, self._words = stage, self._clock(), ""
                self._set_retrying(on=False)
                self._resume()
                self._tick()
                self._row(stage).scroll_visible(animate=False)
            case StageNews(words=words, retrying=retrying):
                self._words = f"{words} (^r now)" if retrying else words
                self._set_retrying(on=retrying)
                self._tick()
            case StageEnded(stage=stage):
                self._ended[stage] = event
                self._now = None
                self._row(stage).end(event, in_full=self._in_full)
                self._row(stage).scroll_visible(animate=False)

    async def _approve(self, needed: NeedsYesError) -> str:
        self._answer = asyncio.get_running_loop().create_future()
        approval = Approval(needed, self._clock)
        try:
            await self.mount(approval, after=self._row("settings"))
            if self.has_focus:
                approval.take_focus()
            yes = await self._answer
        finally:
            self._answer = None
            if approval.has_focus_within:
                self.focus()
            approval.remove()
        if yes:
            await self._backend.approve(needed)
        return "" if yes else f"{needed.instead}, or run the check-up again and say yes."

    @on(Approval.Answered)
    def _answered(self, event: Approval.Answered) -> None:
        event.stop()
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(event.yes)

    @work(exclusive=True, group="cost")
    async def _say_cost(self) -> None:
        settings = self._settings()
        words = await _cost(Checkup(self._backend, settings, self._env, self._approve))
        again = "again " if self._ended else ""
        changed = "The settings have changed since the last run. " if self._ended and settings != self._tested else ""
        self._notice(f"{changed}{words} Enter runs it {again}with the settings as they stand, saved or not.")

    def _close(self, how: str) -> None:
        self._busy, self._now = False, None
        self._set_retrying(on=False)
        if self._timer is not None:
            self._timer.pause()
        if self._checkup is not None:
            report = self._checkup.report
            failed = sum(stage.outcome == "fail" for stage in report.stages)
            count = f"{failed} {'stage' if failed == 1 else 'stages'} failed" if failed else "nothing failed"
            self._outcome(f"{how}: {count} · {report.total_words} · Enter runs it again, ^o copies a summary")
        self.refresh_bindings()

    def _tick(self) -> None:
        if self._now is not None:
            self._row(self._now).run(self._clock() - self._since, self._words)

    def _resume(self) -> None:
        if self._timer is not None:
            self._timer.resume()

    def _set_retrying(self, *, on: bool) -> None:
        if on != self._retrying:
            self._retrying = on
            self.refresh_bindings()

    @property
    def _in_full(self) -> bool:
        return self.size.height >= _ROOMY

    def _show_ended(self) -> None:
        for stage, event in self._ended.items():
            self._row(stage).end(event, in_full=self._in_full)

    def _row(self, stage: StageName) -> StageRow:
        return self.query_one(f"#stage-{stage}", StageRow)

    def _notice(self, words: str) -> None:
        self.query_one("#notice", Static).update(Content(visible(words)))

    def _outcome(self, words: str) -> None:
        outcome = self.query_one("#outcome", Static)
        outcome.update(Content(visible(words)))
        if words:
            self.call_after_refresh(self.scroll_end, animate=False)


async def _cost(checkup: Checkup) -> str:
    """What it will use at most, in words."""
    try:
        bounds = await checkup.estimate()
    except OSError:
        return _UNKNOWN
    return _INCOMPLETE if bounds is None else bounds.words
