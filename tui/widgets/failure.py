"""Why a turn failed: what happened and what to do, the field to change and its screen, the provider's own words."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from tui.config.schema import FIELDS
from tui.llm.events import Failed
from tui.request.prepare import screen_of
from tui.text import visible
from tui.widgets.fold import Fold

_SHORT_CHARS = 160


class Failure(Vertical):
    """Words first; the colour only repeats them."""

    DEFAULT_CSS = """
    Failure {
        height: auto;
        border-left: outer $error;
        padding: 0 0 0 1;
        & > Static { height: auto; }
        & > .failure--detail { color: $text-muted; }
    }
    """

    def __init__(self, failed: Failed) -> None:
        super().__init__()
        self._failed = failed

    def compose(self) -> ComposeResult:
        """The message, the next step, the provider's words."""
        failed = self._failed
        yield Static(Content.styled(visible(failed.message), "$text-error"))
        yield Static(Content.styled(_next_step(failed), "bold"))
        detail = visible(failed.detail).strip()
        if not detail:
            return
        if len(detail) <= _SHORT_CHARS and "\n" not in detail:
            yield Static(Content(f"{_speaker(failed)}: {detail}"), classes="failure--detail")
        else:
            yield Fold(f"{_speaker(failed).lower()}:", detail, preview=True)


def _speaker(failed: Failed) -> str:
    """Without a status nothing was said: the words are those of the connection."""
    return "In detail" if failed.status is None else "The provider says"


def _next_step(failed: Failed) -> str:
    resend = "^r sends it again"
    if failed.field in FIELDS and not failed.partial:
        return f"Change {FIELDS[failed.field].title}: {screen_of(failed.field)} · {resend}"
    return resend
