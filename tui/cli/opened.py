"""What the group's options open: the configuration file and the table in it that a command works on."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import click
import msgspec

from tui.cli.exits import CommandFailed
from tui.config import storage
from tui.config.lookup import locate
from tui.config.workspace import Workspace


class Choice(msgspec.Struct, frozen=True):
    """The options that every command shares."""

    config: Path | None
    profile: str | None
    env: Mapping[str, str]

    @property
    def path(self) -> Path:
        """The file that these options choose."""
        return locate(self.config, Path.cwd())

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
        if workspace.snapshot.trouble:
            raise CommandFailed(workspace.snapshot.trouble)
        if workspace.problem:
            raise CommandFailed(f"{self.path}: {workspace.problem}") from workspace.problem
        return workspace


def chosen(context: click.Context) -> Choice:
    """The shared options of this call."""
    choice = context.find_object(Choice)
    return choice if choice is not None else Choice(None, None, os.environ)
