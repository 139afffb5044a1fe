"""`completion`: the script that teaches a shell the commands, options, fields and values."""

from __future__ import annotations

import os
from typing import Final

import click
from click.shell_completion import get_completion_class

from tui.cli.manual import Manual
from tui.config.lookup import directory_for_children

VARIABLE: Final = "_LLM_BACKENDS_COMPLETE"
"""The variable in which the shell asks; click reads it before any command runs."""


@click.command("completion", cls=Manual)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion_command(context: click.Context, shell: str) -> None:
    """Print the script that makes a shell complete commands, options, fields, their values, models and profiles.

    The script asks llm-backends itself at each Tab, so it needs no renewal. Nothing is written anywhere.
    """
    maker = get_completion_class(shell)
    assert maker is not None  # noqa: S101  # click has all three
    if (folder := directory_for_children()) is not None:
        os.chdir(folder)  # click asks bash for its version, which complains of a directory that is gone
    click.echo(maker(context.find_root().command, {}, "llm-backends", VARIABLE).source())
