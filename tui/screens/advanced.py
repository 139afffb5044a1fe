"""The Advanced page: every field that Settings leaves out, in groups, with a filter."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import ClassVar, Final, TypeAlias

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

from tui.config.resolve import Edit, Resolved, settings
from tui.config.schema import FIELDS, GROUPS, LLM, Field
from tui.screens.form import FormPage
from tui.widgets.field_row import FieldRow
from tui.widgets.line_input import LineInput
from tui.widgets.row import Row
from tui.widgets.status_line import Said

Schedule: TypeAlias = Callable[[LLM], tuple[float, ...]]
"""The waits in seconds before each retry that these settings produce."""

_MOST_WAITS: Final = 8
_RETRIES: Final = "Retries"


def say_schedule(waits: tuple[float, ...]) -> str:
    """The waits in words: "1 try + 4 retries: wait 5, 5, 8, 16 s; gives up after at most 34 s of waiting"."""
    if not waits:
        return "1 try, no retries: the first failure ends the turn"
    shown = ", ".join(f"{wait:g}" for wait in waits[:_MOST_WAITS]) + (", …" if len(waits) > _MOST_WAITS else "")
    retries = "1 retry" if len(waits) == 1 else f"{len(waits)} retries"
    return f"1 try + {retries}: wait {shown} s; gives up after at most {say_seconds(sum(waits))} of waiting"


def say_seconds(seconds: float) -> str:
    """Seconds as people say them: "34 s", "2 min 5 s", "3 h 20 min"."""
    whole = round(seconds)
    if whole < 120:  # noqa: PLR2004  # two minutes: up to there, seconds are easier
        return f"{seconds:g} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 120:  # noqa: PLR2004  # two hours
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


class _ScheduleLine(Said):
    """Tells when it takes more lines than before: the last may then be out of sight."""

    class Resized(Message):
        """It has another size."""

    def on_resize(self) -> None:
        """Tell it."""
        self.post_message(self.Resized())


class AdvancedPage(FormPage):
    """The rows are made when the page is first shown: the first paint of the app does not wait for them."""

    DEFAULT_CSS = """
    AdvancedPage {
        #filter-line { height: 1; padding: 0 1 0 0; color: $quiet; }
        #filter-line .slash { width: 4; padding: 0 0 0 2; color: $faint; }
        #filter-line:focus-within { background: $panel; & .slash { color: $primary; } }
        #filter-count { width: auto; padding: 0 0 0 1; color: $primary; }
        .heading { height: 1; padding: 0 2; color: $primary; text-style: bold; }
        #schedule { height: auto; padding: 0 1 0 2; color: $success; }
        #no-match { display: none; padding: 1 2; color: $quiet; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "show_all", "All fields", id="advanced.show_all", tooltip="Empty the filter"),
    ]

    def __init__(self, schedule: Schedule) -> None:
        super().__init__(id="advanced")
        self._schedule = schedule
        self._waits = _ScheduleLine(id="schedule")
        self._count = Said(id="filter-count")
        self._filter = LineInput(id="filter")
        self._filter.placeholder = "type to filter: name, title, help or variable"

    def compose(self) -> ComposeResult:
        """The filter, then a heading and the rows of each group."""
        with Horizontal(id="filter-line"):
            yield Static("/", classes="slash", markup=False)
            yield self._filter
            yield self._count
        for group, fields in _groups():
            yield Static(group, classes="heading", id=f"group-{group}", markup=False)
            yield from (FieldRow(field) for field in fields)
            if group == _RETRIES:
                yield self._waits
        yield Static("No field matches. Esc shows all of them again.", id="no-match", markup=False)

    def show(self, resolved: Mapping[str, Resolved], edits: Mapping[str, Edit], file_name: str, keep: str = "") -> None:
        """Show what holds now, and the schedule that it produces."""
        super().show(resolved, edits, file_name, keep)
        self._waits.say(say_schedule(self._schedule(settings(resolved))))

    @on(events.DescendantFocus)
    @on(events.Resize)
    @on(_ScheduleLine.Resized)
    def _show_schedule(self) -> None:
        """Who edits what the schedule is made of sees the schedule."""
        row = next((row for row in self.query(FieldRow) if row.has_focus_within), None)
        if row is not None and row.field.group == _RETRIES:
            self.call_after_refresh(self.scroll_to_widget, self._waits, animate=False, immediate=True, force=True)

    def focus_filter(self) -> None:
        """Go to the filter."""
        self.scroll_home(animate=False)
        self.screen.set_focus(self._filter)  # at once, for what is typed next

    def reveal(self, name: str) -> None:
        """Go to the field's row, whatever the filter says."""
        self._filter.value = ""
        self.narrow("")
        self.go_to(self.query_one(f"#field-{name}", Row))

    def narrow(self, text: str) -> None:
        """Show only the rows that all words of `text` match, and the headings above them."""
        words = text.casefold().split()
        count = 0
        for group, fields in _groups():
            rows = [self.query_one(f"#field-{field.name}", FieldRow) for field in fields]
            in_group = bool(words) and all(word in group.casefold() for word in words)
            for row in rows:
                row.display = in_group or row.matches(words)
            some = [row for row in rows if row.display]
            count += len(some)
            self.query_one(f"#group-{group}").display = bool(some)
            if group == _RETRIES:
                self._waits.display = bool(some)
        self.query_one("#no-match").display = not count
        self._count.say(f"{count} of {len(self.query(FieldRow))}" if words else "")
        self.refresh_bindings()

    @on(Input.Changed, "#filter")
    def _filter_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.narrow(event.value)

    @on(Input.Submitted, "#filter")
    def _filter_done(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_step(1)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  # Textual's signature
        """Esc is ours only while the filter hides something."""
        return bool(self._filter.value) if action == "show_all" else True

    def action_show_all(self) -> None:
        """Empty the filter."""
        self._filter.value = ""


def _groups() -> Iterator[tuple[str, list[Field]]]:
    """The groups of this page; the one with the Base URL is declared first among them."""
    for group in GROUPS:
        if fields := [field for field in FIELDS.values() if field.group == group and field.screen == "advanced"]:
            yield group, fields
