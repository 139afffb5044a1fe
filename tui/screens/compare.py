"""The Compare page: one prompt to two or more profiles side by side, and their figures below."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import aclosing
from typing import ClassVar, Final

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container

from tui.chat.candidates import LEAST, MOST, Contender, contenders, filled, name_shown
from tui.chat.comparison import Comparison
from tui.chat.results import markdown
from tui.clipboard import Clipboard
from tui.config.workspace import Workspace
from tui.request.backend import Backend
from tui.screens.alone import Alone
from tui.screens.late_page import LatePage
from tui.text import visible_line
from tui.usage.question import NeedsYesError
from tui.widgets.approval import Approval
from tui.widgets.candidates import Contenders
from tui.widgets.consent import Consent
from tui.widgets.copying import copy
from tui.widgets.hint import Hint
from tui.widgets.markdown.prose import Prose
from tui.widgets.prompt import Prompt
from tui.widgets.results_table import StandingsTable
from tui.widgets.row import Help
from tui.widgets.sides import Sides

_ROOMY: Final = 20
"""From so many lines on there is room for the table below sides that stand one below the other."""


class ComparePage(Container, LatePage):
    """Works by itself: needs a backend and the file with its draft. Whoever shows it calls `enter`."""

    ALONE = True
    UNDER = "chat"
    DEFAULT_CSS = """
    ComparePage {
        &.-cramped > StandingsTable.-some { display: none; }
        &.-choosing > StandingsTable, &.-choosing > Prompt { display: none; }
        &.-empty > Alone { display: block; }
        &.-empty > Sides, &.-empty > Prompt { display: none; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "escape", "stop", "Stop", id="compare.stop", tooltip="Stop all answers; on one side, that side's alone"
        ),
        Binding(
            "ctrl+r", "retry", "Retry", id="compare.retry", tooltip="Retry now, or send again what has no whole answer"
        ),
        Binding("ctrl+t", "choose", "Profiles", id="compare.choose", tooltip="Choose who takes part, two to four"),
        Binding(
            "ctrl+o", "copy", "Copy", id="compare.copy", tooltip="Copy the figures as a table; on one side, its answer"
        ),
        Binding("ctrl+l", "clear", "Clear", id="compare.clear", tooltip="Empty all conversations; stops answers first"),
    ]

    sides = getters.query_one(Sides)
    prompt = getters.query_one(Prompt)
    _table = getters.query_one(StandingsTable)
    _chooser = getters.query_one(Contenders)

    def __init__(
        self,
        backend: Backend,
        workspace: Workspace,
        *,
        clock: Callable[[], float] = time.monotonic,
        clipboard: Clipboard | None = None,
        profiles_page: bool = False,
    ) -> None:
        """`workspace` gives each profile's settings, with the draft, anew for each prompt.

        Args:
            backend: sends the prompts.
            workspace: the file with its draft.
            clock: in seconds.
            clipboard: the desktop's, which gets copies besides the terminal's; found in the environment unless given.
            profiles_page: whether there is a page that makes profiles.
        """
        super().__init__(id="compare")
        self._alone = Alone(profiles_page=profiles_page)
        self._workspace = workspace
        self._clock = clock
        self._comparison = Comparison(backend, self._ask)
        self._busy = self._retrying = False
        self._hint = Hint()
        self._consent = Consent(lambda: self.prompt, self._hint.say, clock)
        self._clipboard = clipboard or Clipboard(workspace.env)

    def compose(self) -> ComposeResult:
        """Chooser, sides, figures, hint, prompt; or what to do where there is nobody to compare."""
        yield Contenders(LEAST, MOST)
        yield Sides(self._clock)
        yield self._alone
        yield StandingsTable()
        yield self._hint
        yield Prompt("Ask all of them…")

    def on_resize(self) -> None:
        """Leave the table out where the answers need its place; the headings tell the most of it."""
        cramped = self.size.height < _ROOMY and self.sides.stacked_in(self.size.width)
        self.set_class(cramped, "-cramped")
        self.sides.tell(self._table.standings, short=self.has_class("-cramped"))

    @property
    def busy(self) -> bool:
        """Whether a round is under way."""
        return self._busy

    @property
    def help(self) -> Help:
        """For the strip at the bottom."""
        if self.has_class("-empty"):
            return Help("compare", ("two to four profiles answer the same prompt",), "F4 goes back to the chat.")
        facts = (" · ".join(map(visible_line, self.sides.names)) or "two to four profiles",)
        text = "Enter asks all of them. ^t chooses who takes part, tab goes to an answer, F4 back to the chat."
        return Help("compare", facts, text)

    async def enter(self) -> None:
        """Take the focus, and show who can take part now."""
        if not self._busy:
            given = contenders(self._workspace)
            self.set_class(len(given) < LEAST, "-empty")
            self._alone.say(unreadable=bool(self._workspace.problem))
            wanted = self.sides.names or (name_shown(self._workspace),)
            await self._take_part(filled(wanted, given))
        self.screen.set_focus(self._alone if self.has_class("-empty") else self.prompt)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  # Textual's signature
        """Each key works only while there is something for it to do."""
        match action:
            case "stop":
                return self._busy
            case "retry":
                return self._comparison.retrying if self._busy else bool(self._comparison.unanswered)
            case "copy":
                return bool(self._table.standings) or bool(self._last_reply(self.sides.focused))
            case "clear":
                return bool(self._comparison.prompt)
            case "choose":
                return not self._busy and not self.has_class("-empty")
            case _:
                return True

    @on(Prompt.Submitted)
    async def _send(self, event: Prompt.Submitted) -> None:
        event.stop()
        if self._busy:
            self._hint.say("Answers are still coming: wait for their end, or press esc to stop them.")
            return
        self.prompt.accept(event.text)
        await self._begin(event.text, self.sides.names)

    @on(Prompt.Paged)
    def _page(self, event: Prompt.Paged) -> None:
        event.stop()
        self.sides.page(event.direction)

    @on(Contenders.Chosen)
    async def _contenders_chosen(self, event: Contenders.Chosen) -> None:
        event.stop()
        self.remove_class("-choosing")
        await self._take_part(event.names)
        self.prompt.focus()

    @on(Approval.Answered)
    def _answered(self, event: Approval.Answered) -> None:
        event.stop()
        self._consent.answer(yes=event.yes)

    @on(Prose.LinkClicked)
    def _show_link(self, event: Prose.LinkClicked) -> None:
        event.stop()
        self._hint.say(f"Links are not opened from here: {visible_line(event.href)}")

    def on_descendant_focus(self) -> None:
        """The side that has the focus is the one in full."""
        self.sides.activate(self.sides.focused)

    def action_stop(self) -> None:
        """Stop the side that has the focus, or all."""
        self._comparison.stop(self.sides.focused)

    async def action_retry(self) -> None:
        """Send now what waits to be retried; else send the last prompt again where its answer is not complete."""
        if self._busy:
            self._comparison.retry_now(self.sides.focused)
        elif names := self._comparison.unanswered:
            await self._begin(self._comparison.prompt, names)

    def action_choose(self) -> None:
        """Open the list of profiles."""
        given = contenders(self._workspace)
        if len(given) > LEAST:
            self.add_class("-choosing")
            self._chooser.open(given, self.sides.names)
        else:
            self._hint.say("There are only these two. More profiles in the file give more to choose from.")

    @work(exclusive=True, group="copy")
    async def action_copy(self) -> None:
        """Copy the answer of the side that has the focus, or the figures of the round."""
        text = self._last_reply(self.sides.focused) or markdown(self._comparison.prompt, self._table.standings)
        await copy(text, self, self._clipboard, self._hint.say)

    async def action_clear(self) -> None:
        """Empty every side."""
        self.workers.cancel_group(self, "round")
        self._busy = False
        await self._start_anew(self.sides.names)

    async def _begin(self, prompt: str, names: Sequence[str]) -> None:
        asked = [one for one in contenders(self._workspace) if one.name in names]
        self._busy = True
        self._hint.say("")
        self._table.standings = ()
        self.sides.show(asked)
        for contender in asked:
            await self.sides[contender.name].begin(prompt)
        self.refresh_bindings()
        self._run(prompt, asked)

    @work(exclusive=True, group="round")
    async def _run(self, prompt: str, asked: Sequence[Contender]) -> None:
        async with aclosing(self._comparison.ask(prompt, asked)) as events:
            async for event in events:
                await self.sides[event.side].take(event)
                self._offer_retry()
        self._busy = False
        self._table.standings = self._comparison.standings()
        self.sides.tell(self._table.standings, short=self.has_class("-cramped"))
        self.refresh_bindings()

    async def _ask(self, side: str, needed: NeedsYesError) -> bool:
        self.sides.activate(side)
        return await self._consent.ask(needed, self.sides[side].ask)

    async def _take_part(self, names: tuple[str, ...]) -> None:
        """Show these sides; others than before begin without a history, so that all have the same."""
        if names != self.sides.names:
            await self._start_anew(names)
        self.sides.show(contenders(self._workspace))

    async def _start_anew(self, names: tuple[str, ...]) -> None:
        self._comparison.clear()
        self._table.standings = ()
        self._hint.say("")
        await self.sides.fill(one for one in contenders(self._workspace) if one.name in names)
        self.on_resize()
        self.refresh_bindings()

    def _offer_retry(self) -> None:
        """The key line shows "retry" only while somebody waits for it."""
        if self._retrying != self._comparison.retrying:
            self._retrying = self._comparison.retrying
            self.refresh_bindings()

    def _last_reply(self, name: str) -> str:
        side = self._comparison.side(name) if name else None
        return side.conversation.last_reply if side else ""
