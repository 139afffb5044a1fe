"""One stage of a check-up on the screen: outcome in words, time and cost; below it the reason and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from tui.checkup.outcome import TITLES, Outcome, StageEnded, StageName
from tui.format import seconds
from tui.text import visible
from tui.usage.totals import totals_words

State: TypeAlias = Literal["waiting", "running", "stopped"] | Outcome

SIGNS: Final[Mapping[State, tuple[str, str]]] = {
    "waiting": ("○", "$faint"),
    "running": ("●", "$primary"),
    "stopped": ("■", "$warning"),
    "pass": ("✓", "$success"),
    "fail": ("✗", "$error"),
    "not supported": ("-", "$warning"),
    "skipped": ("·", "$quiet"),
}
"""The sign and the colour; both only repeat the word."""

_TITLE_WIDTH: Final = max(map(len, TITLES.values())) + 1
_WORD_WIDTH: Final = max(map(len, SIGNS)) + 1


class StageRow(Vertical):
    """Waits, runs, ends; the same row is used again by the next check-up."""

    DEFAULT_CSS = """
    StageRow {
        height: auto;
        & > .stage--line { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
        & > .stage--below { height: auto; padding: 0 1 0 3; display: none; }
    }
    """

    def __init__(self, stage: StageName) -> None:
        super().__init__(id=f"stage-{stage}")
        self.stage = stage
        self.state: State = "waiting"
        self._line = Static(classes="stage--line")
        self._below = Static(classes="stage--below")

    def compose(self) -> ComposeResult:
        """The line, and what is said below it."""
        yield self._line
        yield self._below

    def on_mount(self) -> None:
        """Nothing has happened yet."""
        self.wait()

    def wait(self) -> None:
        """The stage has not begun."""
        self._show("waiting", "", Content(""))

    def run(self, elapsed_s: float, words: str) -> None:
        """The stage is under way; `words` say what it waits for."""
        self._show("running", seconds(elapsed_s) if elapsed_s else "", Content.styled(visible(words), "$quiet"))

    def stop(self) -> None:
        """The stage was under way when the user stopped the check-up."""
        self._show("stopped", "", Content(""))

    def end(self, event: StageEnded, *, in_full: bool) -> None:
        """The stage is over. `in_full` shows what is found out where nothing is wrong, too."""
        took = "" if event.time_s is None else seconds(event.time_s)
        facts = " · ".join(filter(None, (took, totals_words(event.spent))))
        below = _below(event) if in_full or event.outcome != "pass" else Content("")
        self._show(event.outcome, facts, below)

    def _show(self, state: State, facts: str, below: Content) -> None:
        self.state = state
        sign, colour = SIGNS[state]
        title = f" {TITLES[self.stage]:<{_TITLE_WIDTH}}"
        faint = "$faint" if state == "waiting" else ""
        line = Content.assemble((sign, colour), (title, faint), (f"{state:<{_WORD_WIDTH}}", colour), (facts, "$quiet"))
        self._line.update(line)
        self._below.update(below)
        self._below.display = bool(below.plain)


def _below(event: StageEnded) -> Content:
    if not event.reached:
        return Content("")
    failed = event.outcome == "fail"
    lines = [Content.styled(visible(event.reason), "" if failed else "$quiet")] if event.reason else []
    lines += [Content.styled(visible(event.next_step), "bold" if failed else "$quiet")] if event.next_step else []
    lines += [Content.styled(visible(event.said), "$quiet")] if event.said else []
    return Content("\n").join(lines)
