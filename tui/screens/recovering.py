"""The screen's care for unsaved edits: written down after each one, offered when a cut-off session left some."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from tui.config.draft_file import KeptDraft, KeptEdit, fingerprint, kept
from tui.config.recovery import DraftKeeper, LeftDraft
from tui.config.resolve import DEFAULT_TABLE
from tui.config.schema import FIELDS
from tui.config.workspace import Workspace
from tui.screens.answer import Answer
from tui.threads import aside

if TYPE_CHECKING:
    from tui.screens.dialog import Dialog  # it comes when there is something to ask

_PAUSE_S: Final = 0.3
"""Edits that come faster than this are written down together."""
_BOUND_S: Final = 5.0
_MOST_LINES: Final = 8
_TAKE: Final = Answer("take", "Take them")
_FORGET: Final = Answer("forget", "Forget them")


class Teller(Protocol):
    """Whoever shows dialogs and notices."""

    async def ask(self, dialog: Dialog) -> str:
        """The answer; "" for going back."""

    def tell(self, text: str, *, serious: bool = False) -> None:
        """Show a notice."""


class Recovering:
    """Knows the draft's place on the disk; without a keeper it does nothing."""

    def __init__(self, workspace: Workspace, keeper: DraftKeeper | None, teller: Teller) -> None:
        self._workspace = workspace
        self._keeper = keeper
        self._teller = teller
        self._writing = False
        self._failed = False

    def note(self, typed_key: str = "") -> bool:
        """The draft may have changed; whether the caller has to `write`. `typed_key` names a key that is not kept."""
        if self._keeper is None:
            return False
        edits, secret = kept(self._workspace.all_edits)
        self._keeper.note(self._workspace.snapshot, edits, (*secret, *((typed_key,) if typed_key else ())))
        due = self._keeper.behind and not self._writing
        self._writing = self._writing or due
        return due

    async def write(self) -> None:
        """Write the draft down, until nothing is left to write; a disk that refuses is told of once."""
        try:
            while self._keeper is not None and self._keeper.behind:
                await asyncio.sleep(_PAUSE_S)
                if not await self._did(self._keeper.write, "Unsaved edits can't be kept in case the connection drops"):
                    return
        finally:
            self._writing = False

    async def offer(self, taken: Callable[[], None]) -> None:
        """Ask about each draft that was left behind; calls `taken` when one went into the draft of this session."""
        if self._keeper is None or self._workspace.problem is not None:
            return
        more = True
        while more and (left := await self._next(self._keeper)) is not None:
            try:
                more = await self._settled(left, self._keeper, taken)
            finally:
                left.release()

    async def _settled(self, left: LeftDraft, keeper: DraftKeeper, taken: Callable[[], None]) -> bool:
        """Whether the user said what is to become of it, and that was done; else it waits for the next start."""
        answer = await self._teller.ask(_question(left.draft, self._workspace))
        if answer == _TAKE.value:
            for entry in left.draft.edits:
                self._workspace.adopt(entry.table, entry.name, entry.edit)
            taken()
            if not await self._did(keeper.write, "The edits could not be written down again"):
                return False
        return bool(answer) and await self._did(left.remove, "The old edits can't be removed")

    async def _next(self, keeper: DraftKeeper) -> LeftDraft | None:
        try:
            left = await aside(keeper.left, _BOUND_S)
        except OSError as error:
            self._teller.tell(f"Edits of earlier sessions can't be looked for: {_reason(error)}.", serious=True)
            return None
        if keeper.damaged:
            keeper.damaged = 0
            self._teller.tell("Unsaved edits of an earlier session were damaged and have been removed.", serious=True)
        return left

    async def _did(self, step: Callable[[], None], trouble: str) -> bool:
        try:
            await aside(step, _BOUND_S)
        except (OSError, ValueError) as error:
            if not self._failed:
                self._teller.tell(f"{trouble}: {_reason(error)}. Save (^s) what you want to keep.", serious=True)
            self._failed = True
            return False
        return True


def _question(draft: KeptDraft, workspace: Workspace) -> Dialog:
    from tui.screens.dialog import Dialog  # noqa: PLC0415  # as above

    count = len(draft.edits)
    what = "1 edit" if count == 1 else f"{count} edits"
    were, them = ("was", "it") if count == 1 else ("were", "them")
    lines = [_line(entry) for entry in draft.edits[:_MOST_LINES]]
    if count > _MOST_LINES:
        lines.append(f"… and {count - _MOST_LINES} more")
    lines.append("")
    if draft.not_kept:
        lines.append(f"Not kept, because keys are not written down: {', '.join(draft.not_kept)}. Enter that again.")
    if draft.base != fingerprint(workspace.snapshot):
        lines.append("The file was changed since; the edits go on top of it as it is now.")
    lines.append(f"Nothing is written to {Path(workspace.snapshot.path).name} before you save.")
    answers = [Answer(answer.value, answer.label.replace("them", them)) for answer in (_TAKE, _FORGET)]
    return Dialog(f"{what} from {_when(draft.at_s)} {were} not saved", "\n".join(lines), answers)


def _line(entry: KeptEdit) -> str:
    table = "" if entry.table == DEFAULT_TABLE else f"[{'.'.join(entry.table)}] "
    title = FIELDS[entry.name].title
    if entry.value is None:
        return f"{table}{title}: back to its default"
    value = str(entry.value).lower() if isinstance(entry.value, bool) else str(entry.value)
    return f"{table}{title}: {value}"


def _when(at_s: float) -> str:
    at, now = time.localtime(at_s), time.localtime()
    return time.strftime("%H:%M" if at[:3] == now[:3] else "%d %B, %H:%M", at)


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else "") or "their text can't be written"
