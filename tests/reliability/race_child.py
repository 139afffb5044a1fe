"""A second instance of the app in a race: for each line on standard input it changes one field and saves.

`python -m tests.reliability.race_child FILE FIELD`; a line holds the value and a delay in seconds between reading and
saving. It answers with how often the file had changed on disk when it saved, each time merging and trying again.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from tui.config.storage import ChangedOnDiskError, read, write
from tui.config.toml.document import BadFileError
from tui.config.workspace import Workspace

MOST_TRIES = 200


def save(path: Path, name: str, value: int, delay_s: float) -> int:
    """Edit, wait, save; merge as often as somebody else was faster. Gives how often that was."""
    workspace = Workspace(read(path), {})
    workspace.edit(name, value)
    time.sleep(delay_s)
    for lost in range(MOST_TRIES):
        try:
            preview = workspace.preview()
            workspace.saved(write(preview.snapshot, preview.after))
        except (ChangedOnDiskError, BadFileError):  # bad: an editor was half-way through its own write
            workspace.reload(read(path))
        else:
            return lost
    raise TimeoutError(f"{name} could not be saved in {MOST_TRIES} tries")


def main() -> None:
    """Answer each line."""
    path, name = Path(sys.argv[1]), sys.argv[2]
    for line in sys.stdin:
        value, delay_s = line.split()
        sys.stdout.write(f"{save(path, name, int(value), float(delay_s))}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
