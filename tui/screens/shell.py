"""The frame of the one screen: the form on the left, the chat on the right or as a tab, lines and strip around them."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Final

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal
from textual.reactive import reactive
from textual.screen import Screen

from tui.config.resolve import Resolved
from tui.config.schema import FIELDS
from tui.config.workspace import Workspace
from tui.screens.banner import Banner
from tui.screens.draft import Draft
from tui.screens.form import FormPage
from tui.screens.pages import OWN_PAGES, TABS, LatePage
from tui.screens.services import Services
from tui.screens.settings import SettingsPage
from tui.widgets.also_set import AlsoSet
from tui.widgets.bindings import hidden
from tui.widgets.help_strip import HelpStrip
from tui.widgets.lines import KeyLine, TabLine, Title, TitleLine, short_path
from tui.widgets.row import Help, Row
from tui.widgets.status_line import Said

if TYPE_CHECKING:
    from tui.screens.advanced import AdvancedPage  # it is made when it is first shown
    from tui.widgets.chat_pane import ChatPane  # its imports are for after the first paint

_AT_ONCE: Final = ("settings", "advanced", "chat")
"""Tabs whose pages the screen has by itself."""
_CHAT_HELP: Final = Help(
    "chat",
    ("uses the settings as they stand here, saved or not",),
    "Enter sends.",
    keys=(
        ("↑", "earlier prompts"),
        ("^n", "another answer"),
        ("^b", "copy code"),
        ("^y", "save, load, system prompt, …"),
    ),
)
WIDE: Final = 110
"""From this many columns the chat stands beside the form."""


class Shell(Screen[None]):
    """Knows pages, tabs, lines and strip; what an edit does is for the subclass to say."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012  # Textual's declaration
    VERTICAL_BREAKPOINTS = [(0, "-low"), (24, "-high"), (30, "-tall")]  # noqa: RUF012  # Textual's declaration
    AUTO_FOCUS = "#provider LineInput"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+f", "filter", "Filter", id="main.filter", tooltip="Filter the fields of Advanced", priority=True),
        hidden("slash", "filter", "main.slash", "Filter the fields of Advanced, where no text is typed"),
        Binding("escape", "stop", "Stop", id="main.stop", tooltip="Stop what is under way: an answer, an unlocking"),
        Binding("ctrl+r", "retry", "Retry", id="main.retry", tooltip="Retry now, or send the last prompt again"),
        hidden("f2", "tab('settings')", "main.settings", "Provider, model, key, profile", priority=True),
        hidden("f3", "tab('advanced')", "main.advanced", "All other fields", priority=True),
        hidden("f4", "tab('chat')", "main.chat", "Try the settings in a chat", priority=True),
        hidden("f5", "tab('checkup')", "main.checkup", "Test the backend in stages", priority=True),
        hidden("f6", "tab('usage')", "main.usage", "What requests have used and cost", priority=True),
        hidden("f7", "tab('guide')", "main.guide", "What to enter for each provider, what goes wrong", priority=True),
        hidden("f8", "tab('problems')", "main.problems", "What will not happen as the file says", priority=True),
        hidden("f9", "tab('profiles')", "main.profiles", "Profiles: switch, add, rename, copy, delete", priority=True),
    ]

    tab: reactive[str] = reactive("settings")

    def __init__(self, workspace: Workspace, services: Services) -> None:
        super().__init__()
        self.workspace = workspace
        self.draft = Draft(workspace)
        self._services = services
        self._title_line = TitleLine()
        self._makers = {**OWN_PAGES, **services.pages}
        self.tabs = tuple(tab for tab in TABS if tab.name in _AT_ONCE or tab.name in self._makers)
        self._tab_line = TabLine(self.tabs)
        self._strip = HelpStrip()
        self._banner = Banner()
        self._settings = SettingsPage(services.models)
        self._advanced: AdvancedPage | None = None
        self._chat: ChatPane | None = None
        self._chat_making = asyncio.Lock()
        self._late: dict[str, LatePage] = {}
        self._todo = Said(id="todo")
        self._stands = asyncio.Event()  # the first paint is done, and what comes after it is imported
        self._loaded = False  # whether the catalogue has been read
        self._page: FormPage = self._settings
        self._question = services.question  # what the prompt shall hold when the chat is there

    def compose(self) -> ComposeResult:
        """The page Advanced and the chat come later."""
        self._fit_terminal()
        yield self._title_line
        yield self._tab_line
        with Horizontal(id="body"):
            with Container(id="pages"):
                yield self._banner
                yield self._settings
            yield Container(id="side")
        yield self._todo
        yield self._strip
        yield KeyLine()

    def _fit_terminal(self) -> None:
        """Set the classes of the terminal's size at once; Textual does it after the first paint, and paints again."""
        for cells, points in zip(self.app.size, (self.HORIZONTAL_BREAKPOINTS, self.VERTICAL_BREAKPOINTS), strict=True):
            self.add_class(max(point for point in points if cells >= point[0])[1], update=False)

    @abstractmethod
    def refresh_form(self, keep: str = "") -> None:
        """Show what holds now everywhere; the field named `keep` keeps the text that is being typed."""

    @property
    def unsaved(self) -> int:
        """How many edits and typed keys would be lost."""
        return self.workspace.unsaved + bool(self._services.keys.waiting(self.workspace.resolved()))

    def _show_title(self, model: str) -> None:
        workspace = self.workspace
        unsaved = self.unsaved
        state = f"{unsaved} unsaved" if unsaved else "saved" if workspace.snapshot.raw is not None else "new file"
        if workspace.problem:
            state = "can't be read"
        table = f"[{'.'.join(workspace.table)}]"
        calm = not unsaved and not workspace.problem
        self._title_line.title = Title(short_path(workspace.snapshot.path), table, model, state, calm=calm)

    def _show_help(self) -> None:
        row = self._focused_row()
        if row is not None:
            self._strip.help_ = row.help
        elif self.tab == "chat":
            self._strip.help_ = _CHAT_HELP
        elif self.tab in self._late:
            self._strip.help_ = self._late[self.tab].help

    def _show_needs(self, resolved: Mapping[str, Resolved]) -> None:
        """Mark what the provider needs, and say what is missing, with the words in which the chat would refuse."""
        lacking = self._services.lacking
        if lacking is None or not self._loaded or self.workspace.problem:
            return
        lack = lacking(resolved, has_key=self._settings.key_row.state.kind != "none")
        for page in self._pages():
            page.show_needs(lack)
        self._todo.say(f"! {lack.told}" if lack.told else "")
        self._todo.set_class(bool(lack.told), "-some")

    def _focused_row(self) -> Row | None:
        focused = self.focused
        if focused is None:
            return None
        return next((node for node in focused.ancestors_with_self if isinstance(node, Row)), None)

    def _pages(self) -> list[FormPage]:
        return [self._settings] if self._advanced is None else [self._settings, self._advanced]

    def has_page(self, name: str) -> bool:
        """Whether there is such a page, with a tab or without."""
        return name in _AT_ONCE or name in self._makers

    def watch_tab(self, before: str, tab: str) -> None:
        """Classes decide what is shown: the chat is never moved or made again."""
        self._tab_line.active = self._under(tab) or tab
        self.set_class(tab == "chat", "-chat")
        if tab != "chat":
            self._show_page(tab)
        elif self._under(before) == tab:  # a page of the chat's own does not stay beside it
            self._show_page(self._page.id or "settings")

    def _under(self, name: str) -> str:
        return self._late[name].UNDER if name in self._late else ""

    def _show_page(self, name: str) -> None:
        self.set_class(name == "advanced", "-advanced")
        self.set_class(name in self._makers, "-late")
        self.set_class(name in self._late and self._late[name].ALONE, "-alone")
        for late, page in self._late.items():
            page.display = late == name

    @on(events.DescendantFocus)
    def _focus_moved(self) -> None:
        row = self._focused_row()
        focused = self.focused
        if row is not None and row.parent is not None:
            page = next((node for node in row.ancestors if isinstance(node, FormPage)), self._page)
            page.last_row = row
            self.tab = page.id or "settings"
        elif focused is not None and any(node.id == "side" for node in focused.ancestors):
            self.tab = "chat"
        elif focused is not None:
            late = next((node for node in focused.ancestors_with_self if isinstance(node, LatePage)), None)
            self.tab = (late and late.id) or self.tab
        self._show_help()

    def _look_at_file(self) -> None:
        """A file that can't be read is shown as such, and the form waits."""
        problem = self.workspace.problem
        self._banner.show(self.workspace.snapshot.path.name, problem)
        for page in self._pages():
            page.disabled = problem is not None
        self.query_one("#pages").set_class(problem is not None, "-unreadable")
        if problem:
            self._strip.help_ = Help("the file", ("nothing is written over it",), "", f"{problem}")
            self._banner.enter()

    async def action_tab(self, name: str) -> None:
        """Show a page, or go to the chat."""
        if name == "chat":
            chat = await self._ensure_chat()
            self.tab = name
            self._focus_prompt(chat)
            return
        self._question = ""  # who goes elsewhere is not fetched back when the chat is there
        late = await self._ensure_late(name) if name in self._makers else None
        self.tab = name
        if late is not None:
            await late.enter()
            self._show_help()
            return
        self._page = self._settings if name == "settings" else await self._ensure_advanced()
        self._page.enter()
        self._show_help()

    @on(TabLine.Picked)
    async def _tab_picked(self, event: TabLine.Picked) -> None:
        await self.action_tab(event.name)

    @on(AlsoSet.Picked)
    async def _also_picked(self, event: AlsoSet.Picked) -> None:
        await self.go_to_field(event.name)

    async def action_filter(self) -> None:
        """Go to the filter of Advanced."""
        self.tab = "advanced"
        self._page = page = await self._ensure_advanced()
        page.focus_filter()

    async def go_to_field(self, name: str) -> None:
        """Show the field and focus it."""
        if FIELDS[name].screen == "settings":
            await self.action_tab("settings")
            self._settings.go_to(self._settings.key_row if FIELDS[name].secret else self._settings.model_row)
        else:
            await self.action_tab("advanced")
            (await self._ensure_advanced()).reveal(name)

    async def _ensure_advanced(self) -> AdvancedPage:
        if self._advanced is None:
            from tui.screens.advanced import AdvancedPage  # noqa: PLC0415  # as above

            page = AdvancedPage(self._services.schedule)
            await self.query_one("#pages").mount(page)
            self._advanced = page
            page.disabled = self.workspace.document is None
            self.refresh_form()
        return self._advanced

    async def _ensure_chat(self) -> ChatPane:
        """The chat, with its prompt in place. Whoever goes there before it is made waits for it, and so do later keys.

        A wish that is only noted would be lost: the form takes the focus first, and takes the tab along.
        """
        await self._stands.wait()
        async with self._chat_making:
            if self._chat is None:
                chat = self._services.chat(self.workspace.resolved)
                await self.query_one("#side").mount(chat)
                self._chat = chat
            return self._chat

    async def _ensure_late(self, name: str) -> LatePage:
        if name not in self._late:
            self._late[name] = page = self._makers[name](self)
            page.display = False
            await self.query_one("#pages").mount(page)
        return self._late[name]

    @property
    def provider(self) -> tuple[str, str]:
        """The provider that is chosen, as LiteLLM names it and in words."""
        provider = self._settings.model_row.provider
        return provider, self._services.models.title(provider)

    def leave_page(self) -> None:
        """Go back from a late page to the form."""
        self.call_next(self.action_tab, self._page.id or "settings")

    async def guide_in_short(self) -> str:
        """The chosen provider's guide in short, as Markdown, while the focus is where it is chosen; "" elsewhere."""
        row = self._focused_row()
        if row not in (self._settings.provider_row, self._settings.model_row, self._settings.key_row):
            return ""
        from tui.screens.guide import in_short  # noqa: PLC0415  # its imports are for who asks for it

        return await in_short(self._settings.model_row.provider)

    def _focus_prompt(self, chat: ChatPane) -> None:
        if self._question:
            chat.prompt.suggest(self._question)
            self._question = ""
        chat.focus_prompt()

    def tell(self, text: str, *, serious: bool = False) -> None:
        """Show a notice."""
        self._say(text, serious=serious)

    def _say(self, text: str, *, serious: bool = False) -> None:
        self.notify(text, severity="warning" if serious else "information", markup=False, timeout=8 if serious else 4)
