"""A key that was typed in the wrong place: the message that says that something is wrong does not repeat it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Final

import click

from tui.chat.key_shaped import key_shaped
from tui.cli.exits import CommandFailed, Exit

NOT_REPEATED: Final = "That did not work, and it is not repeated here: a part of it looks like a key."
_ELSEWHERE: Final = (
    "The shell may have kept it in its history. `llm-backends keys set` asks for keys and does not show them."
)


def repeats_key(typed: str, message: str) -> bool:
    """Whether a message may repeat a key, or a part of one, that was typed."""
    return key_shaped(typed) and key_shaped(message)


def discreet(error: click.ClickException, words: Iterable[str]) -> click.ClickException:
    """The error, or in place of one that may repeat a key from the command line, one that does not.

    The path of something that is there is no key, whatever its shape.
    """
    typed = " ".join(word for word in words if not _is_there(word.rpartition("=")[2]))
    if not repeats_key(typed, error.format_message()):
        return error
    return CommandFailed(f"{NOT_REPEATED} {_ELSEWHERE}", Exit(error.exit_code))


def _is_there(path: str) -> bool:
    return os.path.exists(path)  # noqa: PTH110  # Path's own raises if the word is longer than a name may be
