"""The Guide page: a page for each provider, that of the chosen one first."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Final

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Markdown, OptionList
from textual.widgets.option_list import Option

from tui.providers.guides import Guide, all_guides, guide_for
from tui.screens.late_page import LatePage
from tui.threads import aside
from tui.widgets.bindings import hidden
from tui.widgets.row import Help

_BOUND_S: Final = 10.0


async def in_short(provider: str) -> str:
    """What to enter for the provider, and where to get a key, as Markdown; "" if there is no guide for it."""
    try:
        guide = await aside(lambda: guide_for(provider), _BOUND_S)
    except OSError:
        return ""
    return f"{guide.short}\n\nF7 shows the whole guide." if guide else ""


class GuideList(OptionList):
    """The titles. Going to one shows its page; the page can be scrolled and entered from here."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,enter", "read", "Read", id="guide.read", tooltip="Go into the page, to scroll it"),
        hidden("pagedown", "page(1)", "guide.page_down", "Scroll the page down"),
        hidden("pageup", "page(-1)", "guide.page_up", "Scroll the page up"),
    ]

    class ReadAsked(Message):
        """The user wants to go into the page."""

    class Paged(Message):
        """The page should scroll."""

        def __init__(self, direction: int) -> None:
            super().__init__()
            self.direction = direction

    def action_read(self) -> None:
        """Ask for the page."""
        self.post_message(self.ReadAsked())

    def action_page(self, direction: int) -> None:
        """Ask for a scroll of the page; -1 is up."""
        self.post_message(self.Paged(direction))


class GuideText(VerticalScroll, can_focus=True):
    """The page; the arrows scroll it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,left", "app.focus('guides')", "List", id="guide.list", tooltip="Back to the list of guides"),
    ]


class GuidePage(Horizontal, LatePage):
    """Whoever shows it calls `enter`."""

    DEFAULT_CSS = """
    GuidePage {
        height: 1fr;
        & > GuideList { width: 28; height: 1fr; padding: 0; border: none; background: transparent; }
        & > GuideText { width: 1fr; height: 1fr; padding: 0 1; scrollbar-size-vertical: 1; }
        & Markdown { padding: 0; margin: 0; max-width: 100; background: transparent; }
        & MarkdownH1 { content-align: left top; margin: 0 0 1 0; }
        & MarkdownH2 { margin: 1 0; }
    }
    """

    ALONE = True

    def __init__(self, chosen: Callable[[], tuple[str, str]]) -> None:
        """`chosen` gives the provider that is chosen, as LiteLLM names it and in words."""
        super().__init__(id="guide")
        self._chosen = chosen
        self._guides: tuple[Guide, ...] = ()
        self._note = ""

    def compose(self) -> ComposeResult:
        """The list, and the page beside it or below it."""
        yield GuideList(id="guides", markup=False, compact=True)
        with GuideText(id="guide-text"):
            yield Markdown(open_links=False)

    @property
    def help(self) -> Help:
        """For the strip at the bottom."""
        facts = ("what to enter where, where to get a key, what goes wrong",)
        return Help("guide", facts, f"Up and down choose a page, right goes into it. {self._note}".rstrip())

    async def enter(self) -> None:
        """Take the focus, at the chosen provider's page."""
        provider, title = self._chosen()
        await self._fill()
        if not self._guides:
            return
        at = next((at for at, guide in enumerate(self._guides) if provider in guide.providers), None)
        self._note = f"There is no page for {title}." if at is None and title else ""
        listing = self.query_one(GuideList)
        if at is not None or listing.highlighted is None:
            listing.highlighted = at or 0
        self.screen.set_focus(listing)

    async def _fill(self) -> None:
        if self._guides:
            return
        try:
            self._guides = await aside(all_guides, _BOUND_S)
        except OSError:
            self._note = "The guides could not be read in time: come back to try again."
            return
        self.query_one(GuideList).add_options([Option(Content(guide.title)) for guide in self._guides])

    @on(OptionList.OptionHighlighted)
    def _gone_to(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self._show(self._guides[event.option_index])

    @work(exclusive=True, group="guide")
    async def _show(self, guide: Guide) -> None:
        await self.query_one(Markdown).update(guide.markdown)
        self.query_one(GuideText).scroll_home(animate=False)

    @on(OptionList.OptionSelected)
    @on(GuideList.ReadAsked)
    def _read(self, event: Message) -> None:
        event.stop()
        self.query_one(GuideText).focus()

    @on(GuideList.Paged)
    def _page(self, event: GuideList.Paged) -> None:
        event.stop()
        text = self.query_one(GuideText)
        (text.scroll_page_up if event.direction < 0 else text.scroll_page_down)(animate=False)

    @on(Markdown.LinkClicked)
    def _no_link(self, event: Markdown.LinkClicked) -> None:
        event.stop()
