"""The one screen: every key, action and message of it, and who handles each. The work is done by its controllers.

The form stands on the left, the chat on the right or as a tab; lines and a help strip are around them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from textual import events, on, work
from textual.app import ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal
from textual.message import Message
from textual.reactive import reactive
from textual.screen import Screen
from textual.worker import Worker

from tui.config.schema import FIELDS, shown
from tui.config.workspace import Workspace
from tui.screens.banner import Banner
from tui.screens.chat_controller import ChatController
from tui.screens.commands import commands
from tui.screens.draft import Draft
from tui.screens.editor import edit_by_hand
from tui.screens.file_controller import FileController
from tui.screens.form_pages import FormPages
from tui.screens.key_controller import KeyController
from tui.screens.late_page import LatePage
from tui.screens.models_controller import ModelsController
from tui.screens.page_stack import PageStack
from tui.screens.pages import OWN_PAGES, TABS
from tui.screens.problems_controller import ProblemsController
from tui.screens.profiles_controller import ProfilesController
from tui.screens.services import Services
from tui.screens.settings import ProfileOptions, SettingsPage
from tui.widgets.also_set import AlsoSet
from tui.widgets.bindings import hidden
from tui.widgets.field_row import FieldRow
from tui.widgets.help_strip import HelpStrip
from tui.widgets.key_row import KeyRow
from tui.widgets.line_input import LineInput
from tui.widgets.lines import KeyLine, TabLine, Title, TitleLine, short_path
from tui.widgets.model_rows import ModelRow
from tui.widgets.row import Help, Row
from tui.widgets.status_line import Said

if TYPE_CHECKING:
    from tui.screens.advanced import AdvancedPage  # what is made later is imported later
    from tui.screens.dialog import Dialog
    from tui.screens.problems import ProblemsPage
    from tui.screens.profiles import ProfilesPage
    from tui.widgets.chat_pane import ChatPane

FIRST_QUESTION: Final = "What is the capital of France?"
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


class MainScreen(Screen[None]):
    """Owns the draft, the pages and the controllers."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012  # Textual's declaration
    VERTICAL_BREAKPOINTS = [(0, "-flat"), (16, "-low"), (24, "-high"), (30, "-tall")]  # noqa: RUF012  # Textual's declaration
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
        Binding("ctrl+s", "save", "Save", id="main.save", tooltip="Show the change of the file and save it"),
        Binding(
            "ctrl+z", "undo", "Undo", id="main.undo", tooltip="Take the last edit back; after a save, restore the file"
        ),
        Binding(
            "ctrl+g", "editor", "Editor", id="main.editor", tooltip="Open the file in $EDITOR, at the field's line"
        ),
        hidden("f12", "export", "main.export", "Show the settings for a shell, .env, docker, compose; copy them"),
    ]

    tab: reactive[str] = reactive("settings")

    @dataclass
    class Ready(Message):
        """What is typed from now on arrives in the form."""

    def __init__(self, workspace: Workspace, services: Services) -> None:
        super().__init__()
        self.workspace = workspace
        self.draft = Draft(workspace)
        self._services = services
        makers = {**OWN_PAGES, **services.pages}
        self.tabs = tuple(tab for tab in TABS if tab.name in _AT_ONCE or tab.name in makers)
        self._title_line = TitleLine()
        self._tab_line = TabLine(self.tabs)
        self._banner = Banner()
        self._todo = Said(id="todo")
        self._strip = HelpStrip()
        self._pages_box = Container(id="pages")
        self._side = Container(id="side")
        self._started = asyncio.Event()  # the first paint is done, and what comes after it is imported
        self._refreshing = False  # as soon as what was typed is on the screen
        self.settings = SettingsPage(services.models)
        self.forms = FormPages(self.settings, services.schedule)
        self.stack = PageStack(self._pages_box, makers, self)
        self.key = KeyController(self.draft, services.keys, self.settings, self, self._started)
        self.models = ModelsController(services.models, services.live, self.settings, self, workspace.resolved)
        self.chat = ChatController(self._side, services.chat, workspace.resolved, self, self._started)
        self.chat.question = services.question
        self.file = FileController(
            self.draft,
            self,
            keeper=services.drafts,
            key=self.key,
            remember=self.models.remember,
            forms=self.forms,
            started=self._started,
        )
        self.problems = ProblemsController(self.file, self.key, self.forms, self.stack, host=self)
        self.profiles = ProfilesController(self.file, self.stack, self)

    def compose(self) -> ComposeResult:
        """Advanced, the late pages and the chat come later."""
        self._fit_terminal()
        yield self._title_line
        yield self._tab_line
        with Horizontal(id="body"):
            with self._pages_box:
                yield self._banner
                yield self.settings
            yield self._side
        yield self._todo
        yield self._strip
        yield KeyLine()

    def _fit_terminal(self) -> None:
        """Set the classes of the terminal's size at once; Textual does it after the first paint, and paints again."""
        for cells, points in zip(self.app.size, (self.HORIZONTAL_BREAKPOINTS, self.VERTICAL_BREAKPOINTS), strict=True):
            self.add_class(max(point for point in points if cells >= point[0])[1], update=False)

    # The start

    def on_mount(self) -> None:
        """Show the file, then look for what takes longer."""
        self.refresh_form()
        self.refresh_file_state()
        if self._is_new:
            self._welcome()
        else:
            self.call_after_refresh(self.file.offer_left)
        self.post_message(self.Ready())
        self.call_after_refresh(self._after_first_paint)

    @property
    def _is_new(self) -> bool:
        """Whether nothing is set anywhere; others are in the form already."""
        if not self._services.built_in or self.workspace.snapshot.raw is not None or self.workspace.unsaved:
            return False
        return all(item.origin.kind == "default" for item in self.workspace.resolved().values())

    @work(group="left")
    async def _welcome(self) -> None:
        """Greet a newcomer, after the edits that a session without a save may have left: who takes them is none."""
        if self._services.drafts is not None:
            await self.file.offered()
        if not self._is_new or not self.is_current:
            return
        from tui.screens.welcome import Welcome  # noqa: PLC0415  # only a first start pays for it

        wish = await self.app.push_screen_wait(Welcome(self.workspace.snapshot.path.name))
        if wish == "try":
            self._take_built_in()
            self.chat.question = FIRST_QUESTION
            await self.action_tab("chat")
        elif wish == "set up":
            self.settings.go_to(self.settings.provider_row)
            self.settings.provider_row.open()

    @work(group="start")
    async def _after_first_paint(self) -> None:
        if self._services.import_late is not None:
            await self._services.import_late()
        self._started.set()
        await self.chat.ensure()
        if self.chat.question:
            await self.action_tab("chat")
        await self.models.load()
        row = self._focused_row()
        self.refresh_form(keep=row.field.name if isinstance(row, FieldRow) else "")
        self.settings.catalogue_came()

    # What is shown

    @on(SettingsPage.BuiltInChosen)
    def _built_in_chosen(self, event: SettingsPage.BuiltInChosen) -> None:
        event.stop()
        self._take_built_in()

    def _take_built_in(self) -> None:
        """Put the settings with which the built-in model answers into the draft."""
        if self._services.built_in is None:
            return
        for name, value in self._services.built_in().items():
            self.draft.put(name, value)
        self.draft.rest()
        self.refresh_form()

    def refresh_form(self, keep: str = "") -> None:
        """Show what holds now everywhere; the field named `keep` keeps the text that is being typed."""
        resolved = self.workspace.resolved()
        self.forms.show(self.workspace, resolved, keep)
        self._show_title()
        self.refresh_help()
        self.refresh_needs()
        self.chat.settings_changed()
        self.models.follow(resolved)
        self.key.follow(resolved, typing=isinstance(self.focused, LineInput))
        self.problems.follow(resolved, check=self.models.loaded)
        self.profiles.follow()
        self.file.follow(resolved)

    def _refresh_soon(self) -> None:
        """Show what holds once the letter that was typed is on the screen; keys come in bursts."""
        if not self._refreshing:
            self._refreshing = True
            self.call_after_refresh(self._refresh_now)

    def _refresh_now(self) -> None:
        self._refreshing = False
        row = self._focused_row()
        self.refresh_form(keep=row.field.name if isinstance(row, FieldRow) and row.types_text else "")

    def _show_title(self) -> None:
        workspace, unsaved = self.workspace, self.unsaved
        model = workspace.resolved()["model"]
        state = f"{unsaved} unsaved" if unsaved else "saved" if workspace.snapshot.raw is not None else "new file"
        if workspace.problem:
            state = "can't be read"
        table = f"[{'.'.join(workspace.table)}]"
        calm = not unsaved and not workspace.problem
        path = short_path(workspace.snapshot.path)
        self._title_line.title = Title(path, table, shown(model.field, model.value), state, calm=calm)

    def refresh_help(self) -> None:
        """Show the help of whatever has the focus."""
        row = self._focused_row()
        help_ = row.help if row is not None else _CHAT_HELP if self.tab == "chat" else self.stack.help(self.tab)
        if help_ is not None:
            self._strip.help_ = help_

    def refresh_needs(self) -> None:
        """Mark what the provider needs, and say what is missing, with the words in which the chat would refuse."""
        lacking = self._services.lacking
        if lacking is None or not self.models.loaded or self.workspace.problem:
            return
        lack = lacking(self.workspace.resolved(), has_key=self.key.has_key)
        self.forms.show_needs(lack)
        self._todo.say(f"! {lack.told}" if lack.told else "")
        self._todo.set_class(bool(lack.told), "-some")

    def refresh_file_state(self) -> None:
        """A file that can't be read is shown as such, and the form waits."""
        problem = self.workspace.problem
        self._banner.show(self.workspace.snapshot.path.name, problem)
        self.forms.disable(disabled=problem is not None)
        self._pages_box.set_class(problem is not None, "-unreadable")
        if problem:
            self._strip.help_ = Help("the file", ("nothing is written over it",), "", f"{problem}")
            self._banner.enter()

    def count_problems(self, count: int, *, serious: bool) -> None:
        """Show on the tab how many problems there are."""
        self._tab_line.count("problems", count, serious=serious)

    def tell(self, text: str, *, serious: bool = False) -> None:
        """Show a notice."""
        self.notify(text, severity="warning" if serious else "information", markup=False, timeout=8 if serious else 4)

    async def ask(self, dialog: Dialog) -> str:
        """Show a dialog and wait for its answer; "" for going back."""
        return await self.app.push_screen_wait(dialog) or ""

    def start(
        self, work: Callable[[], Coroutine[None, None, None]], group: str, *, exclusive: bool = False
    ) -> Worker[None]:
        """Run a coroutine function beside the handlers; `exclusive` ends what the same group was doing."""
        return self.run_worker(work, group=group, exclusive=exclusive)

    def cancel(self, group: str) -> None:
        """End what the group is doing."""
        self.workers.cancel_group(self, group)

    # Where the focus is

    def _focused_row(self) -> Row | None:
        focused = self.focused
        if focused is None:
            return None
        return next((node for node in focused.ancestors_with_self if isinstance(node, Row)), None)

    def focused_field(self) -> str:
        """The field that has the focus; "" if none has."""
        row = self._focused_row()
        return row.field.name if isinstance(row, (FieldRow, KeyRow)) else ""

    @on(events.DescendantFocus)
    def _focus_moved(self) -> None:
        row = self._focused_row()
        focused = self.focused
        if row is not None and row.parent is not None:
            page = self.forms.page_of(row)
            page.last_row = row
            self.tab = page.id or "settings"
        elif focused is not None and self._side in focused.ancestors:
            self.tab = "chat"
        elif focused is not None:
            late = next((node for node in focused.ancestors_with_self if isinstance(node, LatePage)), None)
            self.tab = (late and late.id) or self.tab
        self.refresh_help()

    @on(events.DescendantBlur)
    def _focus_left(self) -> None:
        self.draft.rest()

    # Pages

    def has_page(self, name: str) -> bool:
        """Whether there is such a page, with a tab or without."""
        return name in _AT_ONCE or name in self.stack

    def watch_tab(self, before: str, tab: str) -> None:
        """Classes decide what is shown: the chat is never moved or made again."""
        self._tab_line.active = self.stack.under(tab) or tab
        self.set_class(tab == "chat", "-chat")
        if tab != "chat":
            self._show_page(tab)
        elif self.stack.under(before) == tab:  # a page of the chat's own does not stay beside it
            self._show_page(self.forms.current.id or "settings")

    def _show_page(self, name: str) -> None:
        self.set_class(name == "advanced", "-advanced")
        self.set_class(name in self.stack, "-late")
        self.set_class(self.stack.is_alone(name), "-alone")
        self.stack.show(name)

    async def action_tab(self, name: str) -> None:
        """Show a page, or go to the chat."""
        if name == "chat":
            pane = await self.chat.ensure()
            self.tab = name
            self.chat.enter(pane)
            return
        self.chat.question = ""  # who goes elsewhere is not fetched back when the chat is there
        if name in self.stack:
            late = await self.stack.ensure(name)
            self.tab = name
            await late.enter()
        else:
            self.tab = name
            self.forms.current = self.settings if name == "settings" else await self._advanced()
            self.forms.current.enter()
        self.refresh_help()

    async def _advanced(self) -> AdvancedPage:
        def made(page: AdvancedPage) -> None:
            page.disabled = self.workspace.document is None
            self.refresh_form()

        return await self.forms.advanced(self._pages_box, made)

    async def action_filter(self) -> None:
        """Go to the filter of Advanced."""
        self.tab = "advanced"
        self.forms.current = page = await self._advanced()
        page.focus_filter()

    async def go_to_field(self, name: str) -> None:
        """Show the field and focus it."""
        if FIELDS[name].screen == "settings":
            await self.action_tab("settings")
            self.settings.go_to(self.settings.key_row if FIELDS[name].secret else self.settings.model_row)
        else:
            await self.action_tab("advanced")
            (await self._advanced()).reveal(name)

    def leave_page(self) -> None:
        """Go back from a late page to the form."""
        self.call_next(self.action_tab, self.forms.current.id or "settings")

    @property
    def provider(self) -> tuple[str, str]:
        """The provider that is chosen, as LiteLLM names it and in words."""
        provider = self.settings.model_row.provider
        return provider, self._services.models.title(provider)

    async def guide_in_short(self) -> str:
        """The chosen provider's guide in short, as Markdown, while the focus is where it is chosen; "" elsewhere."""
        if self._focused_row() not in (self.settings.provider_row, self.settings.model_row, self.settings.key_row):
            return ""
        from tui.screens.guide import in_short  # noqa: PLC0415  # its imports are for who asks for it

        return await in_short(self.settings.model_row.provider)

    # The draft

    @property
    def unsaved(self) -> int:
        """How many edits and typed keys would be lost."""
        return self.file.unsaved

    def settle(self) -> None:
        """Take what was typed and not entered yet, as leaving the field would."""
        if (model := self.settings.model_row.take()) is not None:
            self.draft.put("model", model or None)
            self.refresh_form()
        if (secret := self.settings.key_row.take()) is not None:
            self.key.hold(secret)
        for row in self.forms.field_rows:
            if (typed := row.take_secret()) is not None:
                self.draft.put(row.field.name, typed)
        self.draft.rest()

    def stopped_by_problem(self) -> bool:
        """Whether the file or a field is in the way of a save; the user is told which, and taken there."""
        if self.workspace.problem:
            self.tell("The file can't be read, so it is not written over. Repair it first.", serious=True)
            return True
        wrong = self.forms.wrong_row
        if wrong is None:
            return False
        self.tell(f"Not saved. {wrong.problem}", serious=True)
        page = self.forms.page_of(wrong)
        self.tab, self.forms.current = page.id or "settings", page
        page.go_to(wrong)
        return True

    def choose_profile(self, profile: str | None) -> None:
        """Show and edit another table."""
        if profile != self.workspace.profile:
            self.draft.rest()
            self.forms.forget_text()
            self.workspace.profile = profile
            self.refresh_form()

    # Actions

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Esc and ^r reach the chat from the form, while there is something for them to do."""
        match action:
            case "stop":
                return self.key.unlocking or self.chat.busy
            case "retry":
                return self.chat.can_retry
            case "tab":
                return all(self.has_page(str(name)) for name in parameters)
            case _:
                return super().check_action(action, parameters)

    async def action_stop(self) -> None:
        """Stop waiting for the keyring's password; else the chat's answer or wait."""
        if not self.key.stop_unlocking():
            await self.chat.stop()

    async def action_retry(self) -> None:
        """Send now what the chat waits to send, or what it could not get an answer to."""
        await self.chat.retry()

    def action_save(self) -> None:
        """Show the change and write it; a typed key goes to the keyring with it."""
        self.file.save()

    def action_undo(self) -> None:
        """Take back text that does not fit, else the last edit; after a save, offer the file as it was."""
        self.file.undo()

    @on(Banner.EditorAsked)
    def action_editor(self) -> None:
        """Open the file in the user's editor, at the line of the focused field."""
        self.file.edit()

    @on(Banner.ReloadAsked)
    def action_reload(self) -> None:
        """Read the file again and keep the edits on top of it."""
        self.file.reload()

    def action_export(self) -> None:
        """Show the settings in the formats that OpenHands can be started with."""
        from tui.screens.export import ExportScreen  # noqa: PLC0415  # only who asks for it pays for it

        self.settle()
        table = f"[{'.'.join(self.workspace.table)}]"
        self.app.push_screen(ExportScreen(self.workspace.resolved(), self.workspace.env, table))

    def commands(self) -> Iterator[SystemCommand]:
        """The actions of this screen, for the palette."""
        yield from commands(self)

    # Messages of the form

    @on(FieldRow.Edited)
    def _edited(self, event: FieldRow.Edited) -> None:
        event.stop()
        self.draft.put(event.row.field.name, event.value)
        self._refresh_soon()

    @on(FieldRow.Rejected)
    def _rejected(self, event: FieldRow.Rejected) -> None:
        event.stop()
        self.draft.hold(event.row.field.name)
        self._refresh_soon()

    @on(FieldRow.BackAsked)
    def _back_asked(self, event: FieldRow.BackAsked) -> None:
        event.stop()
        self.draft.back(event.row.field.name)
        event.row.forget_text()
        self.refresh_form()

    @on(KeyRow.Given)
    def _key_given(self, event: KeyRow.Given) -> None:
        event.stop()
        self.key.hold(event.secret)

    @on(KeyRow.ForgetAsked)
    def _key_forgotten(self, event: KeyRow.ForgetAsked) -> None:
        event.stop()
        self.key.forget()

    @on(KeyRow.MoveAsked)
    def _move_asked(self, event: KeyRow.MoveAsked) -> None:
        event.stop()
        self.key.move()

    @on(KeyRow.UnlockAsked)
    def _unlock_asked(self, event: KeyRow.UnlockAsked) -> None:
        event.stop()
        self.key.unlock()

    @on(ModelRow.Opened)
    def _list_opened(self, event: ModelRow.Opened) -> None:
        event.stop()
        self.models.list_opened(event.provider)

    @on(SettingsPage.ProfileChosen)
    def _profile_chosen(self, event: SettingsPage.ProfileChosen) -> None:
        event.stop()
        self.choose_profile(event.profile)

    @on(ProfileOptions.Opened)
    async def _profiles_wanted(self, event: ProfileOptions.Opened) -> None:
        event.stop()
        await self.action_tab("profiles")

    @on(TabLine.Picked)
    async def _tab_picked(self, event: TabLine.Picked) -> None:
        await self.action_tab(event.name)

    @on(AlsoSet.Picked)
    async def _also_picked(self, event: AlsoSet.Picked) -> None:
        await self.go_to_field(event.name)

    # Messages of the chat and of late pages, whose classes are imported when they are made

    def on_chat_pane_answered(self, event: ChatPane.Answered) -> None:
        """A model that answered is worth remembering."""
        event.stop()
        self.models.remember(event.model)

    def on_chat_pane_wanted(self, event: ChatPane.Wanted) -> None:
        """The chat has no dialogs of its own."""
        event.stop()
        self.chat.use_tool(event.what)

    def on_problems_page_look_asked(self, event: ProblemsPage.LookAsked) -> None:
        """Look now."""
        event.stop()
        self.problems.look(event.target)

    def on_problems_page_go_asked(self, event: ProblemsPage.GoAsked) -> None:
        """Go to the field, else to the line."""
        event.stop()
        self.problems.go_to(event.problem)

    def on_problems_page_fix_asked(self, event: ProblemsPage.FixAsked) -> None:
        """Put a problem right, or all that can be."""
        event.stop()
        self.problems.fix(event.problem)

    async def on_profiles_page_switched(self, event: ProfilesPage.Switched) -> None:
        """Show the table, in the form."""
        event.stop()
        self.choose_profile(event.profile)
        await self.action_tab("settings")

    def on_profiles_page_moved(self, event: ProfilesPage.Moved) -> None:
        """The strip says more of the one that is highlighted."""
        event.stop()
        self.refresh_help()

    def on_profiles_page_left(self, event: ProfilesPage.Left) -> None:
        """Back to the form."""
        event.stop()
        self.leave_page()

    def on_profiles_page_asked(self, event: ProfilesPage.Asked) -> None:
        """A profile should be made, renamed, copied or deleted."""
        event.stop()
        self.profiles.change(event.what, event.profile)

    # What only a screen can do for a controller

    def edit_by_hand(self, line: int) -> str:
        """Open the file in the user's editor and wait for it; the reason in words if that was not possible, else ""."""
        return edit_by_hand(self.app, self.workspace.snapshot.path, self.workspace.env, line)
