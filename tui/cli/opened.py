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
        """The workspace for the app: a file with problems, or one that can't be read, opens as well and shows them."""
        return Workspace(storage.opened(self.path), self.env, self.profile)

    def workspace(self) -> Workspace:
        """The workspace for a command; raises `CommandFailed` for a file that can't be parsed or an unknown profile."""
        workspace = self.open()
        if workspace.snapshot.trouble:
            raise CommandFailed(workspace.snapshot.trouble)
        if workspace.problem:
            raise CommandFailed(f"{self.path}: {workspace.problem}") from workspace.problem
        if self.profile is not None and self.profile not in workspace.profiles:
            known = ", ".join(workspace.profiles) or "none"
            raise CommandFailed(f"{self.path} has no profile [llm.{self.profile}]. It has: {known}.")
        return workspace


def chosen(context: click.Context) -> Choice:
    """The shared options of this call."""
    choice = context.find_object(Choice)
    return choice if choice is not None else Choice(None, None, os.environ)
