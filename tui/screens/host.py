"""What the controllers of the one screen ask of it; tests give them something smaller."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Protocol

from textual.worker import Worker

if TYPE_CHECKING:
    from tui.screens.dialog import Dialog  # it comes when there is something to ask


class Host(Protocol):
    """The screen. Whatever it shows is shown at once; what waits is a coroutine."""

    @property
    def is_attached(self) -> bool:
        """Whether the screen is still there."""

    def tell(self, text: str, *, serious: bool = False) -> None:
        """Show a notice."""

    async def ask(self, dialog: Dialog) -> str:
        """Show a dialog and wait for its answer; "" for going back. Call it within `start`."""

    def start(
        self, work: Callable[[], Coroutine[None, None, None]], group: str, *, exclusive: bool = False
    ) -> Worker[None]:
        """Run a coroutine function beside the handlers; `exclusive` ends what the same group was doing."""

    def cancel(self, group: str) -> None:
        """End what the group is doing."""

    def refresh_form(self, keep: str = "") -> None:
        """Show what holds now everywhere; the field named `keep` keeps the text that is being typed."""

    def refresh_help(self) -> None:
        """Show the help of whatever has the focus."""

    def refresh_needs(self) -> None:
        """Mark what the provider needs, and say what is missing."""

    def refresh_bindings(self) -> None:
        """Show which keys have an effect now."""

    def refresh_file_state(self) -> None:
        """Show whether the file can be read."""

    def count_problems(self, count: int, *, serious: bool) -> None:
        """Show on the tab how many problems there are."""

    def settle(self) -> None:
        """Take what was typed and not entered yet, as leaving the field would."""

    def stopped_by_problem(self) -> bool:
        """Whether the file or a field is in the way of a save; the user is told which."""

    def focused_field(self) -> str:
        """The field that has the focus; "" if none has."""

    async def action_tab(self, name: str) -> None:
        """Show a page, or go to the chat."""

    async def go_to_field(self, name: str) -> None:
        """Show the field and focus it."""

    def choose_profile(self, profile: str | None) -> None:
        """Show and edit another table; None is `[llm]`."""

    def edit_by_hand(self, line: int) -> str:
        """Open the file in the user's editor and wait for it; the reason in words if that was not possible, else ""."""
