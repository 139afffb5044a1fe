"""The screen's work with profiles: adding, renaming, copying and deleting them, and their commands in the palette."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Final, cast

from textual.app import SystemCommand
from textual.worker import Worker

from tui.screens.file_controller import FileController
from tui.screens.host import Host
from tui.screens.page_stack import PageStack
from tui.text import visible_line

if TYPE_CHECKING:
    from tui.screens.profiles import Ask, ProfilesPage  # its imports are for who asks for it

_SHOWN: Final = "It is the one that the form shows"
_CHANGES: Final[tuple[tuple[str, Ask], ...]] = (("Rename", "rename"), ("Copy", "copy"), ("Delete", "delete"))


class ProfilesController:
    """Every change of whole tables goes through the diff, as a save does."""

    def __init__(self, file: FileController, stack: PageStack, host: Host) -> None:
        self._workspace = file.workspace
        self._file = file
        self._stack = stack
        self._host = host
        self._changing: Worker[None] | None = None

    def follow(self) -> None:
        """Show what there is now, if the page is there."""
        if page := self._stack.made("profiles"):
            cast("ProfilesPage", page).show()

    def change(self, what: Ask, name: str = "") -> None:
        """Ask what there is to ask, and change the file; `name` is the profile that is meant."""
        if self._changing is None or self._changing.is_finished:
            self._host.settle()
            stopped = self._host.stopped_by_problem()
            self._changing = None if stopped else self._host.start(partial(self._change, what, name), "profiles")

    async def _change(self, what: Ask, name: str) -> None:
        from tui.screens.profile_changes import ProfileChanges  # noqa: PLC0415  # only who changes profiles pays

        shown, changes = self._workspace.profile, ProfileChanges(self._workspace, self._file)
        match what:
            case "new" | "copy":
                if made := await (changes.create() if what == "new" else changes.duplicate(name)):
                    self._host.choose_profile(made)
                    self._host.tell(visible_line(f"{made} is added, and shown. What you set now holds for it alone."))
                    await self._host.go_to_field("model")
            case "rename":
                if new := await changes.rename(name):
                    self._host.choose_profile(new if shown == name else shown)
                    self._host.tell(visible_line(f"{name} is called {new} now. ^z takes it back."))
            case "delete":
                if await changes.delete(name):
                    self._host.tell(visible_line(f"{name} is deleted. ^z brings it back."))
        self.follow()

    def commands(self) -> Iterator[SystemCommand]:
        """What can be done with profiles, for the palette."""
        host = self._host
        yield SystemCommand("Profiles", "F9 · all of them, and who uses which", partial(host.action_tab, "profiles"))
        yield SystemCommand("New profile", "Another set of settings, under a name", partial(self.change, "new"))
        shown = self._workspace.profile
        for name in (None, *self._workspace.profiles):
            if name != shown:
                title = f"Switch to the profile {name}" if name else "Switch to the default profile"
                yield SystemCommand(title, "Show and edit its settings", partial(host.choose_profile, name))
        if shown is not None and shown in self._workspace.profiles:
            for title, what in _CHANGES:
                yield SystemCommand(f"{title} the profile {shown}", _SHOWN, partial(self.change, what, shown))
