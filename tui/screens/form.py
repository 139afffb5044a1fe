"""What the pages with fields share: the arrows go from row to row, enter goes on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.containers import VerticalScroll

from tui.config.resolve import Edit, Resolved
from tui.screens.missing_fields import Lack
from tui.widgets.bindings import hidden
from tui.widgets.field_row import FieldRow
from tui.widgets.picker import Picker
from tui.widgets.row import Row


class FormPage(VerticalScroll, can_focus=False):
    """A column of rows."""

    DEFAULT_CSS = """
    FormPage { scrollbar-size-vertical: 1; padding: 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        hidden("down", "step(1)", "form.next", "Go to the next field"),
        hidden("up", "step(-1)", "form.previous", "Go to the previous field"),
        hidden("pagedown", "step(8)", "form.page_down", "Go eight fields down"),
        hidden("pageup", "step(-8)", "form.page_up", "Go eight fields up"),
    ]

    last_row: Row | None = None
    """The row that had the focus last: coming back to the page goes there."""

    _fields: list[FieldRow] | None = None

    @property
    def field_rows(self) -> list[FieldRow]:
        """The rows of fields. They are looked for once: a page keeps its rows, and every key that is typed asks."""
        if not self._fields:
            self._fields = list(self.query(FieldRow))
        return self._fields

    @property
    def rows(self) -> list[Row]:
        """The rows that can take the focus, from top to bottom."""
        return [row for row in self.query(Row) if row.display and not row.disabled]

    def show(self, resolved: Mapping[str, Resolved], edits: Mapping[str, Edit], file_name: str, keep: str = "") -> None:
        """Show what holds now; the field named `keep` is being typed into and keeps its text."""
        for row in self.field_rows:
            name = row.field.name
            row.show(resolved[name], edits.get(name), file_name, keep_text=name == keep)

    def show_needs(self, lack: Lack) -> None:
        """Mark the fields that the chosen provider needs."""
        for row in self.field_rows:
            row.need(lack.by if row.field.name in lack.fields else "")

    def show_found(self, found: Mapping[str, str]) -> None:
        """Mark the fields whose values will not work; `found` says why, by the field's name."""
        for row in self.field_rows:
            row.show_found(found.get(row.field.name, ""))

    def enter(self) -> None:
        """Take the focus, at the row that had it last."""
        rows = self.rows
        row = self.last_row if self.last_row in rows else next(iter(rows), None)
        if row is not None:
            self.go_to(row)

    def go_to(self, row: Row) -> None:
        """Focus the control of `row`."""
        control = row.control.input if isinstance(row.control, Picker) else row.control
        self.screen.set_focus(control)  # at once, for what is typed next

    def action_step(self, step: int) -> None:
        """Go `step` rows down, round the ends by single steps."""
        rows = self.rows
        if not rows:
            return
        at = next((index for index, row in enumerate(rows) if row.has_focus_within), -1)
        to = (at + step) % len(rows) if abs(step) == 1 else max(0, min(len(rows) - 1, at + step))
        self.go_to(rows[to])

    @on(FieldRow.Left)
    @on(Picker.Left)
    def _go_on(self) -> None:
        self.action_step(1)
