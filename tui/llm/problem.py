"""One way in which an attempt can fail, in words, and the event that a turn ends with because of it."""

from __future__ import annotations

from typing import Final

import msgspec

from tui.llm.events import Cause, Failed, Usage

ADVANCED: Final = "(Advanced, F3)"
SETTINGS: Final = "(Settings, F2)"
SHOW_RETRIES_FROM: Final = 2


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    """What went wrong and what to do about it."""

    cause: Cause
    happened: str
    """A clause that starts with a capital and has no full stop: "Rate limited (429)"."""
    advice: str
    """The next step, in full sentences."""
    field: str = ""
    status: int | None = None
    detail: str = ""
    may_pass: bool = False
    """Whether the same request may succeed a little later."""
    asked_s: float | None = None
    """The wait that the provider asks for."""

    @property
    def reason(self) -> str:
        """`happened` as it stands in the middle of a line."""
        first = self.happened.split(maxsplit=1)[0]
        return self.happened if first.isupper() or "." in first else self.happened[0].lower() + self.happened[1:]

    def failed(self, turn_id: str, usage: Usage, *, partial: bool) -> Failed:
        """The event that ends a turn."""
        tries = f" after {usage.attempts} requests" if self.may_pass and usage.attempts >= SHOW_RETRIES_FROM else ""
        return Failed(
            id=turn_id,
            cause=self.cause,
            message=f"{self.happened}{tries}. {_KEPT if partial else self.advice}",
            advice=_KEPT if partial else self.advice,
            detail=self.detail,
            status=self.status,
            field=self.field,
            partial=partial,
            usage=usage,
        )


_KEPT: Final = "What came before that is kept. Send the message again for a whole answer."


class AttemptError(Exception):
    """An attempt failed."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.happened)
        self.trouble = trouble
