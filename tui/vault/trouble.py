"""The states in which the keyring can't be used, each with what to say about it.

KeyringError
├── NoKeyringError        nothing there to keep keys: no bus, no service, or a backend that is not allowed
├── NeverUnlockedError    a service is there, but no keyring has been made in it yet
├── KeyringLockedError    a keyring is there, and locked
├── KeyringTimeoutError   no answer within the bound; often a prompt that waits on another screen
└── KeyringFailedError    anything else, with the keyring's own words
"""

from __future__ import annotations

from typing import ClassVar, Final, Literal, TypeAlias

INSTEAD: Final = "keep the key for this session only, or set an env variable"
"""What works without a keyring, to end a sentence with."""

_NO_PROMPT: Final = "the prompt was dismissed, or could not be shown here"

State: TypeAlias = Literal["no bus", "no service", "not allowed", "never unlocked", "locked", "timed out", "failed"]


class KeyringError(Exception):
    """The keyring can't be used now: the message says in which state it is, and what to do."""

    state: State
    can_unlock: ClassVar[bool] = False
    """Whether `unlock` may help."""


class NoKeyringError(KeyringError):
    """There is nothing to keep keys in."""

    def __init__(self, state: Literal["no bus", "no service", "not allowed"], reason: str, instead: str = "") -> None:
        super().__init__(f"{reason} {instead or INSTEAD.capitalize()}.")
        self.state = state


class NeverUnlockedError(KeyringError):
    """The service has no keyring yet: one is made when it is unlocked for the first time."""

    state = "never unlocked"
    can_unlock = True

    def __init__(self, *, tried: bool = False) -> None:
        if tried:
            super().__init__(f"No keyring was made: {_NO_PROMPT}. Make one at the desktop, {INSTEAD}.")
        else:
            super().__init__(f"The keyring has never been unlocked. Unlock it to set its password, {INSTEAD}.")


class KeyringLockedError(KeyringError):
    """The keyring is locked."""

    state = "locked"
    can_unlock = True

    def __init__(self, *, tried: bool = False) -> None:
        if tried:
            super().__init__(f"The keyring is still locked: {_NO_PROMPT}. Unlock it at the desktop, {INSTEAD}.")
        else:
            super().__init__(f"The keyring is locked. Unlock it, {INSTEAD}.")


class KeyringTimeoutError(KeyringError):
    """The keyring did not answer in time; what was asked may still happen."""

    state = "timed out"

    def __init__(self, bound_s: float, *, again: bool = False) -> None:
        fact = "still does not answer" if again else f"did not answer within {bound_s:g} s"
        super().__init__(
            f"The keyring {fact}; a prompt may wait on another screen. Answer it and try again, {INSTEAD}."
        )


class KeyringFailedError(KeyringError):
    """The keyring answered with an error that has no state of its own."""

    state = "failed"

    def __init__(self, reason: str) -> None:
        super().__init__(f"The keyring failed: {reason.rstrip('. ')}. Try again, {INSTEAD}.")
