"""What the screen works with, besides the file: whoever starts the app puts it together."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Protocol, TypeAlias

import msgspec

from tui.config.recovery import DraftKeeper
from tui.config.resolve import Resolved
from tui.config.schema import Value
from tui.screens.keys import Keys
from tui.screens.late_page import PageMaker
from tui.screens.live_models import Listing, LiveModels
from tui.screens.missing_fields import Lack

if TYPE_CHECKING:
    from tui.screens.advanced import Schedule
    from tui.widgets.chat_pane import ChatPane  # its imports are for after the first paint

ChatMaker: TypeAlias = "Callable[[Callable[[], Mapping[str, Resolved]]], ChatPane]"
"""Makes the chat pane over a function that gives the settings of the draft. Called once, after the first paint."""


class Lacks(Protocol):
    """Called on every change of the settings, so it has to be quick."""

    def __call__(self, resolved: Mapping[str, Resolved], *, has_key: bool) -> Lack:
        """What the chosen provider needs; `has_key` tells whether any source has a key for it."""


class Services(msgspec.Struct, frozen=True):
    """What the screen works with, besides the file."""

    keys: Keys
    models: Listing
    schedule: Schedule
    chat: ChatMaker
    pages: Mapping[str, PageMaker] = {}
    """Late pages by the name of their tab, besides those that need nothing but the screen."""
    lacking: Lacks | None = None
    """Tells what the chosen provider needs; None tells nothing."""
    live: LiveModels | None = None
    """Asks servers for their models; None asks nobody."""
    built_in: Callable[[], Mapping[str, Value]] | None = None
    """Settings with which the built-in model answers, for the first start; None offers nothing."""
    question: str = ""
    """What stands in the chat's prompt at the start, which is then in the chat."""
    import_late: Callable[[], Awaitable[None]] | None = None
    """Imports what `chat` and `keys` need, beside the event loop; None leaves that to them."""
    drafts: DraftKeeper | None = None
    """Keeps unsaved edits for the next start; None keeps none."""
