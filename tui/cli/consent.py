"""The option `--send-key-to`: without a screen nobody can be asked whether a key may go to another address."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from tui.chat.backend import ApprovalNeededError
from tui.cli.exits import CommandFailed, Exit
from tui.llm.events import Cause
from tui.vault.places import BadURLError, canonical_origin

T = TypeVar("T")


class NoConsentError(CommandFailed):
    """The key would go to an address that nobody has allowed."""

    cause: Final[Cause] = "key"
    field: Final = "api_key"


async def with_consent(ask: Callable[[ApprovalNeededError | None], Awaitable[T]], send_key_to: str | None) -> T:
    """What `ask` gives; it is called again with the question as approved, if the option names that very origin.

    Raises:
        NoConsentError: the option names another origin or none; nothing was sent.
        CommandFailed: the option names no origin at all.
    """
    try:
        return await ask(None)
    except ApprovalNeededError as needed:
        allowed = needed.wanted.place.origin
        if send_key_to is None or named_origin(send_key_to) != allowed:
            raise NoConsentError(
                f"{needed.question} Nothing was sent. If it may go there, add --send-key-to {allowed}", Exit.KEY
            ) from needed
        return await ask(needed)


def named_origin(text: str) -> str:
    """The canonical origin that the option names; raises `CommandFailed` if it is no address."""
    try:
        return canonical_origin(text)
    except BadURLError as error:
        raise CommandFailed(f"--send-key-to: {error}", Exit.USAGE) from error
