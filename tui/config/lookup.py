"""Which file is the configuration: the one that is named, the one of this directory, or the user's own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from tui.config.errors import StorageError
from tui.config.folders import config_folder
from tui.text import visible_line

NAME: Final = "config.toml"


class NoDirectoryError(StorageError):
    """The current directory was deleted or can't be reached, and a path depends on it."""


def here(path: str | Path, cwd: Path | None = None) -> Path:
    """The path, absolute; a relative one starts at `cwd`, by default the current directory; `~` is the home directory.

    Raises:
        NoDirectoryError: the path is relative, and the current directory is gone.
    """
    plain = os.path.expanduser(path)  # noqa: PTH111  # unlike Path's, it leaves an unknown user's home alone
    if os.path.isabs(plain):  # noqa: PTH117  # the current directory is looked up only if it is needed
        return Path(plain)
    try:
        return (cwd or Path.cwd()) / plain
    except OSError as error:
        raise NoDirectoryError(
            f"{visible_line(str(plain))} can't be found: the current directory was deleted or can't be reached. "
            "Change to another one (cd), or give the whole path."
        ) from error


def locate(explicit: Path | None, cwd: Path | None = None) -> Path:
    """The file to edit; it need not exist.

    Args:
        explicit: the value of `--config`, if there is one.
        cwd: the directory that the command runs in; asked for only if it matters, unless given.

    Raises:
        NoDirectoryError: the current directory is gone, and no absolute path is given.
    """
    found = here(NAME if explicit is None else explicit, cwd)
    if explicit is not None or os.path.lexists(found):  # also a broken link: better an error than another file
        return found
    return config_folder() / NAME


def directory_for_children() -> str | None:
    """Where to start another program: None, which is here, or the root directory if the current one is gone.

    Python, pip and LiteLLM don't start in a directory that was deleted.
    """
    try:
        Path.cwd()
    except OSError:
        return os.path.abspath(os.sep)  # noqa: PTH100  # with its drive, where there are drives
    return None
