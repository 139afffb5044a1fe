"""Exit codes of every command, and the errors that carry them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import IO, Any, Final

import click

from tui.text import visible


class Exit(IntEnum):
    """What a script can tell from the exit code."""

    FINE = 0
    PROBLEM = 1
    USAGE = 2
    KEY = 3
    RATE = 4
    NETWORK = 5
    PROVIDER = 6
    INTERRUPTED = 130


BY_CAUSE: Final[Mapping[str, Exit]] = {
    "key": Exit.KEY,
    "rate_limit": Exit.RATE,
    "quota": Exit.RATE,
    "limit": Exit.RATE,
    "network": Exit.NETWORK,
    "settings": Exit.PROBLEM,
    "setup": Exit.PROBLEM,
    "worker": Exit.PROBLEM,
}
"""Exit code of a turn that failed with this cause; any other cause is `Exit.PROVIDER`."""


class CommandFailed(click.ClickException):
    """The command could not do its job; the message goes to standard error."""

    def __init__(self, message: str, code: Exit = Exit.PROBLEM) -> None:
        super().__init__(visible(message))
        self.exit_code = code  # type: ignore[misc]  # click reads it from the instance, as its own subclasses set it

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the message by itself: what happened, then what to do."""
        click.echo(f"llm-backends: {self.message}", err=True, file=file)
