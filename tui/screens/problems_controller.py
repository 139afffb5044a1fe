"""The screen's work with problems: finding them whenever the draft changes, going to one, putting one right."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Final

from tui.config.resolve import Resolved
from tui.screens.file_controller import FileController
from tui.screens.form_pages import FormPages
from tui.screens.host import Host
from tui.screens.key_controller import KeyController
from tui.screens.page_stack import PageStack
from tui.threads import StalledError, aside

if TYPE_CHECKING:
    from tui.config.lint.found import Found  # the rules are for after the first paint
    from tui.config.lint.problem import Problem

_PAUSE_S: Final = 0.2
"""Whoever types changes the draft with each letter; problems are looked for when the typing rests."""
_BOUND_S: Final = 10.0
_SLOW: Final = "The file is too large to be checked here in time. Run `llm-backends check`."


class ProblemsController:
    """Checks beside the event loop; the last check is the one that counts."""

    def __init__(
        self, file: FileController, key: KeyController, forms: FormPages, stack: PageStack, host: Host
    ) -> None:
        self.found: Found | None = None
        """What the last check found; None before the first."""
        self._workspace = file.workspace
        self._file = file
        self._key = key
        self._forms = forms
        self._stack = stack
        self._host = host
        self._target: str | None = None

    def follow(self, resolved: Mapping[str, Resolved], *, check: bool) -> None:
        """The draft or the table that is shown has changed; `check` looks for problems soon."""
        self._mark_fields(resolved)
        if check:
            self._check_after(_PAUSE_S)

    def look(self, target: str | None) -> None:
        """Look now, for this version of OpenHands."""
        self._target = target
        self._check_after(0)

    def go_to(self, problem: Problem) -> None:
        """Go to the problem's field, else to its line in the editor."""
        self._host.start(partial(self._go_to, problem), "file", exclusive=True)

    def fix(self, problem: Problem | None) -> None:
        """Put a problem right; None: all that can be."""
        self._host.start(partial(self._fix, problem), "save")

    def _check_after(self, pause_s: float) -> None:
        self._host.start(partial(self._check, pause_s), "lint", exclusive=True)

    async def _check(self, pause_s: float) -> None:
        await asyncio.sleep(pause_s)
        draft, raw = self._workspace.pending(), self._workspace.snapshot.raw
        env, target = self._workspace.env, self._target

        def checked() -> Found:
            from tui.config.lint.found import look  # noqa: PLC0415  # in the thread: the first paint needs no rules

            return look(draft, raw, env, target)

        try:
            found = await aside(checked, _BOUND_S)
        except StalledError:
            from tui.config.lint.found import Found  # noqa: PLC0415  # as above

            found = Found(note=_SLOW)
        self._show(found)

    def _show(self, found: Found) -> None:
        self.found = found
        self._host.count_problems(len(found.problems), serious=bool(found.errors))
        self._mark_fields(self._workspace.resolved())
        self._host.refresh_help()
        if (page := self._stack.made("problems")) is not None:
            from tui.screens.problems import ProblemsPage  # noqa: PLC0415  # it is there, so it is imported

            assert isinstance(page, ProblemsPage)  # noqa: S101  # a slip in the table of pages, not user input
            page.show(found)

    def _mark_fields(self, resolved: Mapping[str, Resolved]) -> None:
        """Say at the fields of the table that is shown which of their values will not work."""
        if self.found is None:
            return
        from tui.config.lint.found import failing  # noqa: PLC0415  # as above

        self._forms.show_found(failing(self.found, self._workspace.profile, resolved))

    async def _go_to(self, problem: Problem) -> None:
        from tui.config.lint.found import field_of  # noqa: PLC0415  # as above

        spot = field_of(problem)
        if spot is not None and self._workspace.problem is None and spot[0] in (None, *self._workspace.profiles):
            self._host.choose_profile(spot[0])
            await self._host.go_to_field(spot[1])
        elif problem.line:
            await self._file.open_editor(self._line_on_disk(problem))
        else:
            self._host.tell(f"{problem.key or 'This'} is not set in the file. {problem.fix}")

    async def _fix(self, problem: Problem | None) -> None:
        from tui.config.lint import check, targets  # noqa: PLC0415  # as above
        from tui.config.lint.found import moves_key  # noqa: PLC0415

        name = self._workspace.snapshot.path.name
        env, versions = self._workspace.env, targets.chosen(self._target)
        if problem is None:
            if await self._file.save_change(lambda raw: check.fixed(raw, env, versions), f"Repair {name}?"):
                self._host.tell("Repaired. What is left is for you to decide.")
        elif moves_key(problem):
            self._host.choose_profile(problem.table.partition(".")[2] or None)
            self._key.move()
        elif problem.can_fix:
            change = partial(check.fixed_one, env=env, targets=versions, problem=problem)
            if await self._file.save_change(change, f"Repair line {problem.line} of {name}?"):
                self._host.tell(f"Saved {name}. ^z restores it as it was.")
        else:
            self._host.tell(f"No repair of this is surely right, so it is yours. {problem.fix}")

    def _line_on_disk(self, problem: Problem) -> int:
        """The problem's line in the saved file, which differs from the draft's below an edit that adds a line."""
        document = self._workspace.document
        if document is None or not problem.key:
            return problem.line
        return document.lines(tuple(problem.table.split(".", 1)) if problem.table else ()).get(
            problem.key, problem.line
        )
