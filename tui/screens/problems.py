"""The Problems page: what OpenHands would not do as the draft says, by line, each with what to do about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tui.config.lint.found import Found, field_of, moves_key
from tui.config.lint.problem import Problem
from tui.config.lint.targets import TARGETS
from tui.screens.late_page import LatePage
from tui.text import visible_line
from tui.widgets.bindings import hidden
from tui.widgets.indented import Indented, Piece
from tui.widgets.row import Help

_ANY: Final = "any"
_CHOICES: Final = (_ANY, *TARGETS)
_INDENT: Final = 9
_COLOURS: Final = {"error": "$error", "warning": "$warning"}
_MOST: Final = 500
"""So many problems are listed; a file with more has been none of OpenHands' for long."""


def counted(found: Found) -> str:
    """The numbers in words: "1 error, 2 warnings"."""
    warnings = len(found.problems) - found.errors
    parts = [f"{found.errors} error{'s' if found.errors > 1 else ''}"] if found.errors else []
    parts += [f"{warnings} warning{'s' if warnings > 1 else ''}"] if warnings else []
    return ", ".join(parts) or "No problems"


class ProblemList(OptionList):
    """The problems; each key says what it does to the highlighted one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select", "Go there", id="problems.go", tooltip="Go to the field, or to the line in $EDITOR"),
        Binding("f", "page('fix')", "Fix", id="problems.fix", tooltip="Show the repair of this problem, and save it"),
        Binding("a", "page('fix_all')", "Fix all", id="problems.fix_all", tooltip="Show all safe repairs, and save"),
        Binding("t", "page('next')", "Version", id="problems.target", tooltip="Check for another version of OpenHands"),
        hidden("right", "page('next')", "problems.next", "Check for the next version of OpenHands"),
        hidden("left", "page('previous')", "problems.previous", "Check for the version before"),
    ]

    @dataclass
    class Asked(Message):
        """A key of the page was pressed."""

        what: str

    def action_page(self, what: str) -> None:
        """Tell the page."""
        self.post_message(self.Asked(what))


class ProblemsPage(Vertical, LatePage):
    """Shows a `Found`; whoever owns the draft makes it anew after each change."""

    DEFAULT_CSS = """
    ProblemsPage {
        & > Static { height: auto; padding: 0 1 0 2; }
        & > #problem-count { text-style: bold; }
        & > #problem-target { color: $quiet; margin-bottom: 1; }
        & > #problem-note { color: $warning; display: none; }
        & > #problem-note.-some { display: block; }
        & > ProblemList {
            height: 1fr; padding: 0; border: none; background: transparent;
            scrollbar-size-vertical: 1; scrollbar-gutter: stable;
            & > .option-list--option { padding: 0 1 0 2; }
            &:focus { border: none; }
        }
    }
    """

    ALONE = True

    @dataclass
    class LookAsked(Message):
        """The page was opened or another version was chosen: check now."""

        target: str | None

    @dataclass
    class GoAsked(Message):
        """The user wants to see where a problem is."""

        problem: Problem

    @dataclass
    class FixAsked(Message):
        """The user wants a problem put right; None asks for all that have a safe repair."""

        problem: Problem | None

    def __init__(self, file_name: Callable[[], str]) -> None:
        super().__init__(id="problems")
        self._file_name = file_name
        self._found: Found | None = None
        self._target = _ANY

    def compose(self) -> ComposeResult:
        """The count, the version, the list."""
        yield Static("Checking …", id="problem-count", markup=False)
        yield Static("", id="problem-target", markup=False)
        yield Static("", id="problem-note", markup=False)
        yield ProblemList(id="problem-list", markup=False)

    @property
    def help(self) -> Help:
        """For the strip at the bottom."""
        facts = ("the file as it stands here, saved or not, and the environment",)
        text = "Enter goes to the field, or to the line in $EDITOR. f repairs what has a safe repair; you see it first."
        return Help("problems", facts, text)

    async def enter(self) -> None:
        """Take the focus, and look anew."""
        self.screen.set_focus(self.query_one(ProblemList))
        self._ask()

    def show(self, found: Found) -> None:
        """Show what was found; the highlight stays where it was. Before the page is laid out it waits for `enter`."""
        if not self.query(ProblemList):
            return
        self._say(found)
        if self._found is not None and found.problems == self._found.problems:
            self._found = found
            return
        self._found = found
        listing = self.query_one(ProblemList)
        at = listing.highlighted or 0
        listing.clear_options()
        listing.add_options([Option(_told(problem)) for problem in found.problems[:_MOST]])
        if found.problems:
            listing.highlighted = min(at, listing.option_count - 1)

    def _say(self, found: Found) -> None:
        name = visible_line(self._file_name())
        more = len(found.problems) - _MOST
        rest = f"; the first {_MOST} are shown" if more > 0 else ""
        if found.problems:
            words, colour = counted(found), "$error" if found.errors else "$warning"
            title = Content.assemble((words, colour), f" in {name} and the environment{rest}")
        elif found.note:
            title = Content(f"{name} can't be checked")
        else:
            title = Content.assemble(("No problems", "$success"), f": {self._reader} does what {name} says")
        self.query_one("#problem-count", Static).update(title)
        self.query_one("#problem-target", Static).update(self._targets())
        note = self.query_one("#problem-note", Static)
        note.update(Content(visible_line(found.note)))
        note.set_class(bool(found.note), "-some")

    @property
    def _reader(self) -> str:
        return "every version of OpenHands" if self._target == _ANY else f"OpenHands {self._target}"

    def _targets(self) -> Content:
        words = [
            (f"[{name}]", "bold $primary") if name == self._target else (f" {name} ", "$faint") for name in _CHOICES
        ]
        return Content.assemble("for OpenHands ", *words)

    def _ask(self) -> None:
        self.post_message(self.LookAsked(None if self._target == _ANY else self._target))

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if (problem := self._highlighted) is not None:
            self.post_message(self.GoAsked(problem))

    @on(ProblemList.Asked)
    def _asked(self, event: ProblemList.Asked) -> None:
        event.stop()
        match event.what:
            case "fix" if (problem := self._highlighted) is not None:
                self.post_message(self.FixAsked(problem))
            case "fix_all" if self._found is not None and self._found.problems:
                self.post_message(self.FixAsked(None))
            case "next" | "previous":
                step = 1 if event.what == "next" else -1
                self._target = _CHOICES[(_CHOICES.index(self._target) + step) % len(_CHOICES)]
                self._ask()

    @property
    def _highlighted(self) -> Problem | None:
        at = self.query_one(ProblemList).highlighted
        return None if self._found is None or at is None else self._found.problems[at]


def _told(problem: Problem) -> Indented:
    """Line, severity, what is wrong; below it what will happen, and the repair."""
    where = "" if problem.in_environment else f"[{visible_line(problem.table)}] " if problem.table else ""
    place = f"line {problem.line}" if problem.line else "env" if problem.in_environment else "file"
    severity = (problem.severity, f"bold {_COLOURS[problem.severity]}")
    head = Content.assemble(severity, f"  {where}{visible_line(problem.title)}")
    effect = Content.styled(visible_line(problem.effect), "$quiet")
    lead = Content.styled(place, "$quiet")
    return Indented([Piece(head, _INDENT, lead), Piece(effect, _INDENT), Piece(_advice(problem), _INDENT)])


def _advice(problem: Problem) -> Content:
    if moves_key(problem):
        return Content.assemble("Move it to the keyring.", ("  f", "$primary"), " moves it")
    key = (("  f", "$primary"), " does it") if problem.can_fix else ()
    goes = (("  ⏎", "$primary"), " goes there") if not problem.can_fix and field_of(problem) is not None else ()
    return Content.assemble(visible_line(problem.fix), *key, *goes)
