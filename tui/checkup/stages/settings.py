"""The stage "Settings complete": what has to be true before a request, and who says yes where a yes is needed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

from tui.checkup.budget import MOST
from tui.checkup.outcome import Verdict, failed, passed
from tui.config.resolve import Resolved
from tui.request.backend import Backend, Progress
from tui.text import visible_line
from tui.usage.prepared import Prepared
from tui.usage.question import NeedsYesError, NotReadyError

Approve: TypeAlias = Callable[[NeedsYesError], Awaitable[str]]
"""Asks the user. Gives "" for a yes, which it remembers; else what to do instead."""


async def prepare(
    backend: Backend, resolved: Mapping[str, Resolved], approve: Approve, progress: Progress
) -> Prepared | Verdict:
    """What to send with, or why nothing can be sent."""
    approved: NeedsYesError | None = None
    while True:
        try:
            return await backend.prepare(resolved, progress, approved=approved, load=MOST)
        except NotReadyError as error:
            return failed(error.message, "", cause=error.cause, field=error.field, ends=True)
        except NeedsYesError as needed:
            if instead := await approve(needed):
                reason = f"{needed.happened} {needed.question}"
                return failed(reason, instead, cause=needed.cause, field=needed.field, ends=True)
            approved = needed


def complete(prepared: Prepared) -> Verdict:
    """What the requests will be sent with."""
    key = "with a key" if prepared.key else "with credentials from the environment" if prepared.env else "without a key"
    return passed(f"{visible_line(prepared.settings.model)}, provider {prepared.provider.title}, {key}.")
