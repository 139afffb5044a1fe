"""The screen's work with profiles: the page that lists them, switching, and the changes of the file."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Final, cast

from textual import work
from textual.app import SystemCommand
from textual.worker import Worker

from tui.config.workspace import Workspace
from tui.screens.filed import FiledScreen
from tui.screens.services import Services
from tui.screens.settings import ProfileOptions
from tui.text import visible_line

if TYPE_CHECKING:
    from tui.screens.profiles import Ask, ProfilesPage  # its imports are for who asks for it


_SHOWN: Final = "It is the one that the form shows"
_CHANGES: Final[tuple[tuple[str, Ask], ...]] = (("Rename", "rename"), ("Copy", "copy"), ("Delete", "delete"))


class ProfiledScreen(FiledScreen):
    """Every change of whole tables goes through the diff, as a save does."""

    def __init__(self, workspace: Workspace, services: Services) -> None:
        super().__init__(workspace, services)
        self._changing: Worker[None] | None = None

    @abstractmethod
    def _stopped_by_problem(self) -> bool: ...

    def follow_profiles(self) -> None:
        """Show what there is now, if the page is there."""
        if page := self._late.get("profiles"):
            cast("ProfilesPage", page).show()

    async def on_profile_options_opened(self, event: ProfileOptions.Opened) -> None:
        """Enter on the row of the profile."""
        event.stop()
        await self.action_tab("profiles")

    async def on_profiles_page_switched(self, event: ProfilesPage.Switched) -> None:
        """Show the table, in the form."""
        event.stop()
        self.choose_profile(event.profile)
        await self.action_tab("settings")

    def on_profiles_page_moved(self, event: ProfilesPage.Moved) -> None:
        """The strip says more of the one that is highlighted."""
        event.stop()
        self._show_help()

    def on_profiles_page_left(self, event: ProfilesPage.Left) -> None:
        """Back to the form."""
        event.stop()
        self.leave_page()

    def on_profiles_page_asked(self, event: ProfilesPage.Asked) -> None:
        """A profile should be made, renamed, copied or deleted."""
        event.stop()
        self.change_profile(event.what, event.profile)

    def change_profile(self, what: Ask, name: str = "") -> None:
        """Ask what there is to ask, and change the file; `name` is the profile that is meant."""
        if self._changing is None or self._changing.is_finished:
            self._settle()
            self._changing = None if self._stopped_by_problem() else self._change(what, name)

    @work(group="profiles")
    async def _change(self, what: Ask, name: str) -> None:
        from tui.screens.profile_changes import ProfileChanges  # noqa: PLC0415  # only who changes profiles pays

        shown, changes = self.workspace.profile, ProfileChanges(self.workspace, self)
        match what:
            case "new" | "copy":
                if made := await (changes.create() if what == "new" else changes.duplicate(name)):
                    self.choose_profile(made)
                    self._say(visible_line(f"{made} is added, and shown. What you set now holds for it alone."))
                    await self.action_tab("settings")
                    self._settings.go_to(self._settings.model_row)
            case "rename":
                if new := await changes.rename(name):
                    self.choose_profile(new if shown == name else shown)
                    self._say(visible_line(f"{name} is called {new} now. ^z takes it back."))
            case "delete":
                if await changes.delete(name):
                    self._say(visible_line(f"{name} is deleted. ^z brings it back."))
        self.follow_profiles()

    def profile_commands(self) -> Iterator[SystemCommand]:
        """What can be done with profiles, for the palette."""
        yield SystemCommand("Profiles", "F9 · all of them, and who uses which", partial(self.action_tab, "profiles"))
        yield SystemCommand("New profile", "Another set of settings, under a name", partial(self.change_profile, "new"))
        shown = self.workspace.profile
        for name in (None, *self.workspace.profiles):
            if name != shown:
                title = f"Switch to the profile {name}" if name else "Switch to the default profile"
                yield SystemCommand(title, "Show and edit its settings", partial(self.choose_profile, name))
        if shown is not None and shown in self.workspace.profiles:
            for title, what in _CHANGES:
                yield SystemCommand(f"{title} the profile {shown}", _SHOWN, partial(self.change_profile, what, shown))
