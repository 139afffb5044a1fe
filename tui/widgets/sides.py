"""The sides of a comparison: in columns where there is room, else one below the other with one of them in full."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from textual.containers import Container

from tui.chat.candidates import Contender
from tui.chat.results import Standing
from tui.widgets.shielded import shielded
from tui.widgets.side_pane import SidePane

_LEAST_COLUMNS: Final = 40
"""An answer in fewer is no pleasure to read."""


class Sides(Container):
    """Keeps its panes in the order in which they were given."""

    DEFAULT_CSS = """
    Sides {
        layout: horizontal;
        height: 1fr;
        &.-stacked { layout: vertical; }
        &.-stacked > SidePane { border-left: none; }
    }
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock` is in seconds."""
        super().__init__()
        self._clock = clock
        self._panes: dict[str, SidePane] = {}
        self._active = ""

    def on_resize(self) -> None:
        """Columns, or one below the other."""
        self._arrange()

    @property
    def names(self) -> tuple[str, ...]:
        """Who stands here."""
        return tuple(self._panes)

    @property
    def focused(self) -> str:
        """The side that has the focus; empty if it is elsewhere."""
        return next((name for name, pane in self._panes.items() if pane.has_focus_within), "")

    def stacked_in(self, width: int) -> bool:
        """Whether they stand one below the other in so many columns."""
        return width // max(1, len(self._panes)) < _LEAST_COLUMNS

    def __getitem__(self, name: str) -> SidePane:
        return self._panes[name]

    def page(self, direction: int) -> None:
        """Scroll all by a page; -1 is up."""
        for pane in self._panes.values():
            pane.page(direction)

    @shielded
    async def fill(self, contenders: Iterable[Contender]) -> None:
        """Put empty panes in the place of those there are."""
        given = tuple(contenders)
        self._panes = {one.name: SidePane(one, self._clock, len(given)) for one in given}
        self._active = next(iter(self._panes), "")
        await self.remove_children()
        await self.mount_all(self._panes.values())
        self._arrange()

    def show(self, contenders: Iterable[Contender]) -> None:
        """Say with which models the next prompt would be answered."""
        for one in contenders:
            if one.name in self._panes:
                self._panes[one.name].show(one)

    def tell(self, standings: Iterable[Standing], *, short: bool) -> None:
        """In the headings: who stands out, or in `short` all that matters, where there is no table."""
        for one in standings:
            self._panes[one.name].say(one.short if short else one.marks or "done")

    def activate(self, name: str) -> None:
        """Show this side in full."""
        if name in self._panes and name != self._active:
            self._active = name
            self._arrange()

    def _arrange(self) -> None:
        stacked = self.stacked_in(self.size.width)
        self.set_class(stacked, "-stacked")
        for at, (name, pane) in enumerate(self._panes.items()):
            pane.set_class(at > 0, "-later")
            pane.fold(stacked=stacked, folded=stacked and name != self._active)
