"""What the screen expects of a page that is made when first asked for, and what such a page may ask of the screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Protocol, TypeAlias

from textual.widget import Widget

from tui.config.workspace import Workspace
from tui.widgets.row import Help


class LatePage(Widget):
    """A page beside the form. Its `id` is the name of its tab, or, without one, the name it is asked for by."""

    ALONE: ClassVar[bool] = False
    """Whether it wants the chat's place too, on a wide terminal."""
    UNDER: ClassVar[str] = ""
    """The tab that it belongs to, if it has none of its own."""

    @property
    def help(self) -> Help:
        """For the strip at the bottom, while the page has the focus."""
        raise NotImplementedError

    async def enter(self) -> None:
        """Take the focus, and show what holds now. Called each time the user comes to the page."""
        raise NotImplementedError


class PageHost(Protocol):
    """The screen, as a page sees it."""

    workspace: Workspace

    @property
    def provider(self) -> tuple[str, str]:
        """The chosen provider, as LiteLLM names it and in words."""

    def has_page(self, name: str) -> bool:
        """Whether there is such a page, with a tab or without."""


PageMaker: TypeAlias = Callable[[PageHost], LatePage]
"""Makes a page for the screen that will show it. Called once, when the page is first asked for."""
