"""The tabs in their order, and the pages that need nothing but the screen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tui.screens.late_page import LatePage, PageHost, PageMaker
from tui.widgets.lines import Tab

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


def guide(screen: PageHost) -> LatePage:
    """The guides, that of the chosen provider first."""
    from tui.screens.guide import GuidePage  # noqa: PLC0415  # its imports are for who asks for it

    return GuidePage(lambda: screen.provider)


def problems(screen: PageHost) -> LatePage:
    """What OpenHands would not do as the draft says."""
    from tui.screens.problems import ProblemsPage  # noqa: PLC0415  # the same

    return ProblemsPage(lambda: screen.workspace.snapshot.path.name)


def profiles(screen: PageHost) -> LatePage:
    """`[llm]` and the profiles of the file."""
    from tui.screens.profiles import ProfilesPage  # noqa: PLC0415  # the same

    return ProfilesPage(screen.workspace)


OWN_PAGES: Final[Mapping[str, PageMaker]] = {"guide": guide, "problems": problems, "profiles": profiles}
"""Pages that need nothing but the screen."""
