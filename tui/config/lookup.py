"""Which file is the configuration: the one that is named, the one of this directory, or the user's own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

NAME: Final = "config.toml"
APP: Final = "llm-backends"


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
    import platformdirs  # noqa: PLC0415  # most calls are answered above

    return platformdirs.user_config_path(APP, appauthor=False) / NAME
