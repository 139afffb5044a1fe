"""The page of profiles: `[llm]` and every `[llm.NAME]`, with model, number of own fields and users of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final, Literal, TypeAlias

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui.config.profiles import Profile, overview
from tui.config.workspace import Workspace
from tui.screens.late_page import LatePage
from tui.text import visible_line
from tui.widgets.row import Help
from tui.widgets.status_line import Said

Ask: TypeAlias = Literal["new", "rename", "copy", "delete"]

_EMPTY: Final = (
    "No profiles yet. A profile is a second set of settings under a name, [llm.NAME]: a cheaper model for summaries, "
    "say. It holds what differs from [llm] and inherits the rest. OpenHands uses it where a table says "
    'llm_config = "NAME"; here, --profile NAME opens it. n makes the first one.'
)
_SOME: Final = "A profile, [llm.NAME], holds what differs from [llm] and inherits the rest."


class ProfileList(OptionList):
    """The profiles, two lines each."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select", "Switch", id="profiles.switch", tooltip="Show and edit this profile in the form"),
    ]


class ProfilesPage(Vertical, LatePage):
    """Shows the workspace; sends up what should happen."""

    DEFAULT_CSS = """
    ProfilesPage {
        & > Said { height: auto; padding: 0 2; color: $quiet; margin-bottom: 1; }
        & > ProfileList {
            height: 1fr;
            margin: 0 1;
            border: none;
            background: transparent;
            scrollbar-size-vertical: 1;
            text-wrap: nowrap;
            text-overflow: ellipsis;
        }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "ask('new')", "New", id="profiles.new", tooltip="Add a profile"),
        Binding("r", "ask('rename')", "Rename", id="profiles.rename", tooltip="Rename this profile"),
        Binding("d", "ask('copy')", "Duplicate", id="profiles.copy", tooltip="Add a copy of this profile"),
        Binding("delete,backspace", "ask('delete')", "Delete", id="profiles.delete", tooltip="Delete this profile"),
        Binding("escape", "leave", "Back", id="profiles.back", tooltip="Back to the form"),
    ]
    UNDER = "settings"

    @dataclass
    class Switched(Message):
        """Another table should be shown."""

        profile: str | None

    @dataclass
    class Asked(Message):
        """A profile should be made, or this one changed."""

        what: Ask
        profile: str

    @dataclass
    class Moved(Message):
        """Another profile is highlighted."""

    @dataclass
    class Left(Message):
        """The user wants to go back to the form."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(id="profiles")
        self._workspace = workspace
        self._listed: tuple[Profile, ...] = ()
        self._text = Said()
        self._list = ProfileList(markup=False, compact=True)

    def compose(self) -> ComposeResult:
        """What profiles are, and the list."""
        yield self._text
        yield self._list

    @property
    def help(self) -> Help:
        """For the strip at the bottom."""
        at = self._list.highlighted
        if at is None or at >= len(self._listed):
            return Help("profiles", (), "esc goes back.")
        profile = self._listed[at]
        if profile.name is None:
            return Help("[llm]", ("what profiles inherit", "LLM_* variables count for it alone"), "esc goes back.")
        sets = f"sets {', '.join(profile.own)}" if profile.own else "sets nothing yet"
        return Help(f"[llm.{profile.name}]", ("del deletes it, esc goes back", sets, _used(profile)))

    async def enter(self) -> None:
        """Take the focus, at the profile that is shown."""
        self.show()
        names = [profile.name for profile in self._listed]
        if self._workspace.profile in names:
            self._list.highlighted = names.index(self._workspace.profile)
        self.screen.set_focus(self._list)

    def show(self) -> None:
        """Show what there is now; the line that was highlighted stays so."""
        workspace, at = self._workspace, self._list.highlighted or 0
        self._listed = overview(workspace) if workspace.document else ()
        self._text.say("" if not self._listed else _SOME if len(self._listed) > 1 else _EMPTY)
        self._list.clear_options()
        self._list.add_options([Option(_lines(profile, workspace.profile)) for profile in self._listed])
        self._list.highlighted = min(at, len(self._listed) - 1) if self._listed else None
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """`[llm]` itself can't be renamed, copied or deleted."""
        return action != "ask" or "new" in parameters or self._highlighted is not None

    def action_ask(self, what: Ask) -> None:
        """Ask for a change."""
        self.post_message(self.Asked(what, self._highlighted or ""))

    def action_leave(self) -> None:
        """Back to the form."""
        self.post_message(self.Left())

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(self.Switched(self._listed[event.option_index].name))

    @on(OptionList.OptionHighlighted)
    def _gone_to(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self.refresh_bindings()
        self.post_message(self.Moved())

    @property
    def _highlighted(self) -> str | None:
        at = self._list.highlighted
        return self._listed[at].name if at is not None and at < len(self._listed) else None


def _lines(profile: Profile, shown: str | None) -> Content:
    """Name and whether it is shown now, then model, number of own fields and users."""
    here = profile.name == shown
    name = visible_line(profile.name or "default")
    first = Content.assemble(
        ("● " if here else "  ", "$primary"), (name, "bold"), ("  [llm]" if profile.name is None else "", "$quiet"),
        ("  shown now" if here else "", "$primary"),
    )  # fmt: skip
    inherited = " (inherited)" if profile.inherits_model else ""
    own = len(profile.own)
    fields = f"{own} {'field' if own == 1 else 'fields'} {'set' if profile.name is None else 'of its own'}"
    facts = [f"{visible_line(profile.model)}{inherited}", fields]
    facts += [_used(profile)] if profile.users else []
    return Content("\n").join([first, Content.styled("  " + " · ".join(facts), "$quiet")])


def _used(profile: Profile) -> str:
    return f"used by {', '.join(profile.users)}" if profile.users else "no table names it"
