"""Which file is the configuration: the one that is named, the one of this directory, or the user's own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from tui.config.folders import config_folder

NAME: Final = "config.toml"


def locate(explicit: Path | None, cwd: Path) -> Path:
    """The file to edit; it need not exist.

    Args:
        explicit: the value of `--config`, if there is one.
        cwd: the directory that the command runs in.
    """
    if explicit is not None:
        return cwd / os.path.expanduser(explicit)  # noqa: PTH111  # unlike Path's, it leaves an unknown user's home alone
    if os.path.lexists(here := cwd / NAME):  # also a broken link: better an error than another file
        return here
    return config_folder() / NAME
