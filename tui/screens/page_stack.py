"""The pages beside the form that are made when they are first asked for: which there are, and which is shown."""

from __future__ import annotations

from collections.abc import Mapping

from textual.containers import Container

from tui.screens.late_page import LatePage, PageHost, PageMaker
from tui.widgets.row import Help


class PageStack:
    """Makes each page once, in `box`."""

    def __init__(self, box: Container, makers: Mapping[str, PageMaker], host: PageHost) -> None:
        self._box = box
        self._makers = makers
        self._host = host
        self._pages: dict[str, LatePage] = {}

    def __contains__(self, name: object) -> bool:
        """Whether it can be asked for."""
        return name in self._makers

    def made(self, name: str) -> LatePage | None:
        """The page, if somebody has asked for it."""
        return self._pages.get(name)

    def under(self, name: str) -> str:
        """The tab that the page belongs to, if it has none of its own."""
        return self._pages[name].UNDER if name in self._pages else ""

    def is_alone(self, name: str) -> bool:
        """Whether the page wants the chat's place too."""
        return name in self._pages and self._pages[name].ALONE

    def help(self, name: str) -> Help | None:
        """The page's help, if it is there."""
        return self._pages[name].help if name in self._pages else None

    def show(self, name: str) -> None:
        """Show this page and hide the others."""
        for own, page in self._pages.items():
            page.display = own == name

    async def ensure(self, name: str) -> LatePage:
        """The page, made if it is not there yet."""
        if name not in self._pages:
            self._pages[name] = page = self._makers[name](self._host)
            page.display = False
            await self._box.mount(page)
        return self._pages[name]
