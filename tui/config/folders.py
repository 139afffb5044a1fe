"""The directories of this user that are the app's own. They need not be there; each is made by whoever writes first.

Asking where they are takes 40 ms the first time, which a command that reads nothing there saves.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from platformdirs.api import PlatformDirsABC

_APP: Final = "llm-backends"


def config_folder() -> Path:
    """For what the user edits."""
    return _folders().user_config_path


def data_folder() -> Path:
    """For what is worth keeping."""
    return _folders().user_data_path


def state_folder() -> Path:
    """For what one run leaves to the next."""
    return _folders().user_state_path


def cache_folder() -> Path:
    """For what can be fetched again."""
    return _folders().user_cache_path


def _folders() -> PlatformDirsABC:
    import platformdirs  # noqa: PLC0415  # see above

    return platformdirs.PlatformDirs(_APP, appauthor=False)
