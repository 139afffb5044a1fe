"""How a command saves: the options for a file that a new one can't simply replace, and how a failure is worded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from tui.cli.exits import CommandFailed
from tui.config.errors import ConfigError, InPlaceNeededError, StorageError
from tui.text import visible_line

F = TypeVar("F", bound=Callable[..., Any])


def in_place_option(command: F) -> F:
    """`--in-place` and `--replace`, as the argument `in_place`: True, False, or None if neither is given."""
    return click.option(
        "--in-place/--replace",
        default=None,
        help="For a file that is mounted by itself, has hard links, or is in a directory that can't be written: write "
        "into it, which is not atomic, or replace it, which leaves its other names the old content.",
    )(command)


def not_done(path: Path, error: ConfigError) -> CommandFailed:
    """The failure of a command; its message names the file once, and the options that would help."""
    if not isinstance(error, StorageError):
        return CommandFailed(f"{visible_line(str(path))}: {error}")
    return CommandFailed(f"{error}{_options(error)}")


def _options(error: StorageError) -> str:
    if not isinstance(error, InPlaceNeededError):
        return ""
    instead = ", or --replace to leave the other names as they are" if error.replaceable else ""
    return f" Add --in-place to do that{instead}."
