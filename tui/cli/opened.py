"""What the group's options open: the configuration file and the table in it that a command works on."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import click
import msgspec

from tui.cli.exits import CommandFailed
from tui.config import storage
from tui.config.lookup import NoDirectoryError, locate
from tui.config.storage import Snapshot
from tui.config.workspace import Workspace
from tui.text import visible_line


class Choice(msgspec.Struct, frozen=True):
    """The options that every command shares."""

    config: Path | None
    profile: str | None
    env: Mapping[str, str]

    @property
    def path(self) -> Path:
        """The file that these options choose. Raises `CommandFailed` if that depends on a directory that is gone."""
        try:
            return locate(self.config)
        except NoDirectoryError as error:
            raise CommandFailed(str(error)) from error

    def open(self) -> Workspace:
        """The workspace for the app: a file with problems, or one that can't be read, opens as well and shows them.

        Raises `CommandFailed` for a profile that the file does not have.
        """
        workspace = Workspace(storage.opened(self.path), self.env, self.profile)
        if self.profile is not None and workspace.document and self.profile not in workspace.profiles:
            from tui.config.profiles import not_there  # noqa: PLC0415  # only a wrong name needs it

            raise CommandFailed(f"{self.path} has {not_there(self.profile, workspace.profiles)}")
        return workspace

    def workspace(self) -> Workspace:
        """The workspace for a command; raises `CommandFailed` for a file that can't be parsed or an unknown profile."""
        workspace = self.open()
        tell_of_cut_off(workspace.snapshot)
        if workspace.snapshot.trouble:
            raise CommandFailed(workspace.snapshot.trouble)
        if workspace.problem:
            raise CommandFailed(f"{self.path}: {workspace.problem}") from workspace.problem
        return workspace


def tell_of_cut_off(snapshot: Snapshot) -> None:
    """Name the copy of what the file held, on standard error, if a write in place was cut off."""
    if snapshot.before is None:
        return
    import shlex  # noqa: PLC0415  # such a write is rare

    copy, path = (shlex.quote(str(one)) for one in (snapshot.before, snapshot.path))
    click.echo(
        visible_line(
            f"llm-backends: a save of {path} was cut off, so it may hold only a part of the change. What it held "
            f"before: cp {copy} {path} restores it; rm {copy} keeps the file as it is."
        ),
        err=True,
    )


def chosen(context: click.Context) -> Choice:
    """The shared options of this call."""
    choice = context.find_object(Choice)
    return choice if choice is not None else Choice(None, None, os.environ)
