"""The user's own editor, while the app is put aside."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path

from textual.app import App, SuspendNotSupported


def editor_command(env: Mapping[str, str]) -> list[str]:
    """What to run: $VISUAL, else $EDITOR, else the system's plainest editor."""
    chosen = env.get("VISUAL") or env.get("EDITOR") or ("notepad" if os.name == "nt" else "vi")
    return shlex.split(chosen)


def edit_by_hand(app: App[object], path: Path, env: Mapping[str, str]) -> str:
    """Open `path` in the editor and wait for it; the reason in words if that was not possible, else ""."""
    try:
        with app.suspend():
            subprocess.run([*editor_command(env), str(path)], check=False)
    except SuspendNotSupported:
        return "This terminal can't put the app aside. Quit, edit the file, and start again."
    except (OSError, ValueError) as error:
        return f"The editor did not start: {error}. Set $EDITOR to a command that works."
    return ""
