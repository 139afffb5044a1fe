"""Answers where there may be no screen to ask on: the options `--send-key-to` and `--over-limit`, or the terminal."""

from __future__ import annotations

import signal
import sys
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import click
import msgspec

from tui.cli.exits import BY_CAUSE, CommandFailed, Exit
from tui.llm.events import Cause
from tui.request.backend import Backend
from tui.request.consent import ApprovalNeededError
from tui.text import visible
from tui.usage.question import NeedsYesError, SpendingError
from tui.vault.places import BadURLError, canonical_origin

T = TypeVar("T")

_OVER: Final = "If it may, add --over-limit"


class Consent(msgspec.Struct, frozen=True):
    """What the user has allowed on the command line."""

    send_key_to: str | None = None
    """The origin that the key may go to although it came from elsewhere."""
    over_limit: bool = False
    """Whether a request may pass the spending limits, or have no price."""
    may_ask: bool = False
    """Whether a question about money may be put to the terminal, if there is one."""

    def instead(self, needed: NeedsYesError) -> str:
        """What to do for a yes; "" if the user has said it."""
        match needed:
            case ApprovalNeededError():
                origin = needed.wanted.place.origin
                allowed = self.send_key_to is not None and named_origin(self.send_key_to) == origin
                return "" if allowed else f"If it may go there, add --send-key-to {origin}"
            case SpendingError():
                return "" if self.over_limit or (self.may_ask and _asked(needed)) else _OVER
            case _:
                return f"{needed.instead}."


class NoConsentError(CommandFailed):
    """Something would be sent that nobody has allowed."""

    def __init__(self, needed: NeedsYesError, instead: str) -> None:
        super().__init__(f"{needed.question} Nothing was sent. {instead}", BY_CAUSE.get(needed.cause, Exit.PROBLEM))
        self.cause: Cause = needed.cause
        self.field = "api_key" if isinstance(needed, ApprovalNeededError) else needed.field


async def with_consent(backend: Backend, ask: Callable[[NeedsYesError | None], Awaitable[T]], consent: Consent) -> T:
    """What `ask` gives; it is called again with each question that the user has allowed.

    Args:
        backend: told of a yes to spend money.
        ask: called with the question about the key that was answered with yes, or None.
        consent: what the user has allowed.

    Raises:
        NoConsentError: a question was not; nothing was sent.
        CommandFailed: the option for the key names no origin at all.
    """
    approved: NeedsYesError | None = None
    while True:
        try:
            return await ask(approved)
        except NeedsYesError as needed:
            if instead := consent.instead(needed):
                raise NoConsentError(needed, instead) from needed
            if isinstance(needed, SpendingError):
                await backend.approve(needed)
            else:
                approved = needed  # for this once: the option is not remembered


def named_origin(text: str) -> str:
    """The canonical origin that the option names; raises `CommandFailed` if it is no address."""
    try:
        return canonical_origin(text)
    except BadURLError as error:
        raise CommandFailed(f"--send-key-to: {error}", Exit.USAGE) from error


def _asked(needed: NeedsYesError) -> bool:
    """The terminal's answer; False without one. Ctrl+C ends the command, as it does elsewhere."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # the loop's own would not reach the prompt
    try:
        return click.confirm(visible(needed.question), default=False, err=True)
    except click.Abort as error:
        raise KeyboardInterrupt from error
    finally:
        signal.signal(signal.SIGINT, before)
