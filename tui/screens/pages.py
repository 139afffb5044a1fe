"""The pages that are made when they are first asked for: what the screen expects of them, and where each stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, ClassVar, Final, TypeAlias

from textual.widget import Widget

from tui.widgets.lines import Tab
from tui.widgets.row import Help

if TYPE_CHECKING:
    from tui.screens.shell import Shell  # it imports this module

TABS: Final = (
    Tab("settings", "F2", "Settings", "Set"),
    Tab("advanced", "F3", "Advanced", "Adv"),
    Tab("chat", "F4", "Chat", "Chat"),
    Tab("checkup", "F5", "Check-up", "Check"),
    Tab("usage", "F6", "Usage", "Use"),
    Tab("guide", "F7", "Guide", "Guide"),
    Tab("problems", "F8", "Problems", "Fix"),
)
"""Every tab in order; a late page that nobody makes has none."""


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


PageMaker: TypeAlias = "Callable[[Shell], LatePage]"
"""Makes a page for the screen that will show it. Called once, when the page is first asked for."""


def guide(screen: Shell) -> LatePage:
    """The guides, that of the chosen provider first."""
    from tui.screens.guide import GuidePage  # noqa: PLC0415  # its imports are for who asks for it

    return GuidePage(lambda: screen.provider)


def problems(screen: Shell) -> LatePage:
    """What OpenHands would not do as the draft says."""
    from tui.screens.problems import ProblemsPage  # noqa: PLC0415  # the same

    return ProblemsPage(lambda: screen.workspace.snapshot.path.name)


def profiles(screen: Shell) -> LatePage:
    """`[llm]` and the profiles of the file."""
    from tui.screens.profiles import ProfilesPage  # noqa: PLC0415  # the same

    return ProfilesPage(screen.workspace)


OWN_PAGES: Final[Mapping[str, PageMaker]] = {"guide": guide, "problems": problems, "profiles": profiles}
"""Pages that need nothing but the screen."""
