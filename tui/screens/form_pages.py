"""The pages of the form, Settings and Advanced, as far as something holds for the rows of both."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from textual.containers import Container

from tui.config.resolve import Resolved
from tui.config.workspace import Workspace
from tui.screens.form import FormPage
from tui.screens.missing_fields import Lack
from tui.screens.settings import SettingsPage
from tui.widgets.field_row import FieldRow
from tui.widgets.row import Row

if TYPE_CHECKING:
    from tui.screens.advanced import AdvancedPage, Schedule  # Advanced is made when it is first shown


class FormPages:
    """Settings is there from the start; Advanced once somebody asked for it."""

    def __init__(self, settings: SettingsPage, schedule: Schedule) -> None:
        self.settings = settings
        self.current: FormPage = settings
        """The page of the form that was shown last."""
        self._advanced: AdvancedPage | None = None
        self._schedule = schedule

    def __iter__(self) -> Iterator[FormPage]:
        yield self.settings
        if self._advanced is not None:
            yield self._advanced

    @property
    def field_rows(self) -> Iterator[FieldRow]:
        """The rows of fields on all pages."""
        return (row for page in self for row in page.query(FieldRow))

    @property
    def wrong_row(self) -> Row | None:
        """The first row that can't be saved as it is."""
        return next((row for page in self for row in page.query(Row) if row.problem), None)

    def page_of(self, row: Row) -> FormPage:
        """The page that the row is on."""
        return next((node for node in row.ancestors if isinstance(node, FormPage)), self.current)

    def show(self, workspace: Workspace, resolved: Mapping[str, Resolved], keep: str) -> None:
        """Show what holds now; the field named `keep` keeps its text."""
        for page in self:
            page.show(resolved, workspace.edits, workspace.snapshot.path.name, keep)
        self.settings.profile_row.show(workspace.profiles, workspace.profile)

    def show_needs(self, lack: Lack) -> None:
        """Mark the fields that the chosen provider needs."""
        for page in self:
            page.show_needs(lack)

    def show_found(self, reasons: Mapping[str, str]) -> None:
        """Mark the fields whose values will not work."""
        for page in self:
            page.show_found(reasons)

    def disable(self, *, disabled: bool) -> None:
        """Whether the form waits, since the file can't be read."""
        for page in self:
            page.disabled = disabled

    def forget_text(self) -> None:
        """Whatever was typed and does not fit goes."""
        for row in self.field_rows:
            row.forget_text()

    async def advanced(self, box: Container, made: Callable[[AdvancedPage], None]) -> AdvancedPage:
        """The page Advanced; the first time it is made and put into `box`, and `made` is called with it."""
        if self._advanced is None:
            from tui.screens.advanced import AdvancedPage  # noqa: PLC0415  # only who asks for it pays for it

            page = AdvancedPage(self._schedule)
            await box.mount(page)
            self._advanced = page
            made(page)
        return self._advanced
