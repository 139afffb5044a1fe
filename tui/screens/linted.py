"""The screen's work with problems: finding them whenever the draft changes, going to one, putting one right."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Final

from textual import work

from tui.config.resolve import Resolved
from tui.config.workspace import Workspace
from tui.screens.answer import Answer
from tui.screens.chatting import ChattingScreen
from tui.screens.saving import SAVE, Change
from tui.screens.services import Services
from tui.threads import aside

if TYPE_CHECKING:
    from tui.config.lint.found import Found  # the rules are for after the first paint
    from tui.config.lint.problem import Problem
    from tui.screens.problems import ProblemsPage

_PAUSE_S: Final = 0.2
"""Whoever types changes the draft with each letter; problems are looked for when the typing rests."""
_BOUND_S: Final = 10.0
_SLOW: Final = "The file is too large to be checked here in time. Run `llm-backends check`."


class LintedScreen(ChattingScreen):
    """Checks beside the event loop; the last check is the one that counts."""

    def __init__(self, workspace: Workspace, services: Services) -> None:
        super().__init__(workspace, services)
        self._target: str | None = None
        self.found: Found | None = None
        """What the last check found; None before the first."""

    @abstractmethod
    def choose_profile(self, profile: str | None) -> None:
        """Show and edit another table."""

    @abstractmethod
    async def save_change(self, change: Change, title: str, note: str = "", answer: Answer = SAVE) -> bool:
        """Show what the draft with `change` makes of the file, and write it; whether that was done."""

    @abstractmethod
    async def open_editor(self, line: int = 0) -> None:
        """Let the user edit the file by hand, then read it again."""

    def follow_problems(self, resolved: Mapping[str, Resolved]) -> None:
        """Look for problems soon: the draft or the table that is shown has changed."""
        self._mark_fields(resolved)
        if self._loaded:
            self._check(_PAUSE_S)

    @work(exclusive=True, group="lint")
    async def _check(self, pause_s: float) -> None:
        await asyncio.sleep(pause_s)
        draft, raw = self.workspace.pending(), self.workspace.snapshot.raw
        env, target = self.workspace.env, self._target

        def checked() -> Found:
            from tui.config.lint.found import look  # noqa: PLC0415  # in the thread: the first paint needs no rules

            return look(draft, raw, env, target)

        try:
            found = await aside(checked, _BOUND_S)
        except TimeoutError:
            from tui.config.lint.found import Found  # noqa: PLC0415  # as above

            found = Found(note=_SLOW)
        self._show_found(found)

    def _show_found(self, found: Found) -> None:
        self.found = found
        self._tab_line.count("problems", len(found.problems), serious=bool(found.errors))
        self._mark_fields(self.workspace.resolved())
        self._show_help()
        if (page := self._late.get("problems")) is not None:
            from tui.screens.problems import ProblemsPage  # noqa: PLC0415  # it is there, so it is imported

            assert isinstance(page, ProblemsPage)  # noqa: S101  # a slip in the table of pages, not user input
            page.show(found)

    def _mark_fields(self, resolved: Mapping[str, Resolved]) -> None:
        """Say at the fields of the table that is shown which of their values will not work."""
        if self.found is None:
            return
        from tui.config.lint.found import failing  # noqa: PLC0415  # as above

        reasons = failing(self.found, self.workspace.profile, resolved)
        for page in self._pages():
            page.show_found(reasons)

    def on_problems_page_look_asked(self, event: ProblemsPage.LookAsked) -> None:
        """Look now."""
        event.stop()
        self._target = event.target
        self._check(0)

    @work(exclusive=True, group="file")
    async def on_problems_page_go_asked(self, event: ProblemsPage.GoAsked) -> None:
        """Go to the field, else to the line."""
        from tui.config.lint.found import field_of  # noqa: PLC0415  # as above

        event.stop()
        problem, spot = event.problem, field_of(event.problem)
        if spot is not None and self.workspace.problem is None and spot[0] in (None, *self.workspace.profiles):
            self.choose_profile(spot[0])
            await self.go_to_field(spot[1])
        elif problem.line:
            await self.open_editor(self._line_on_disk(problem))
        else:
            self._say(f"{problem.key or 'This'} is not set in the file. {problem.fix}")

    @work(group="save")
    async def on_problems_page_fix_asked(self, event: ProblemsPage.FixAsked) -> None:
        """Put a problem right, or all that can be."""
        from tui.config.lint import check, targets  # noqa: PLC0415  # as above
        from tui.config.lint.found import moves_key  # noqa: PLC0415

        event.stop()
        problem, name = event.problem, self.workspace.snapshot.path.name
        env, versions = self.workspace.env, targets.chosen(self._target)
        if problem is None:
            if await self.save_change(lambda raw: check.fixed(raw, env, versions), f"Repair {name}?"):
                self._say("Repaired. What is left is for you to decide.")
        elif moves_key(problem):
            self.choose_profile(problem.table.partition(".")[2] or None)
            self.action_move_key()
        elif problem.can_fix:
            change = partial(check.fixed_one, env=env, targets=versions, problem=problem)
            if await self.save_change(change, f"Repair line {problem.line} of {name}?"):
                self._say(f"Saved {name}. ^z restores it as it was.")
        else:
            self._say(f"No repair of this is surely right, so it is yours. {problem.fix}")

    def _line_on_disk(self, problem: Problem) -> int:
        """The problem's line in the saved file, which differs from the draft's below an edit that adds a line."""
        document = self.workspace.document
        if document is None or not problem.key:
            return problem.line
        return document.lines(tuple(problem.table.split(".", 1)) if problem.table else ()).get(
            problem.key, problem.line
        )
