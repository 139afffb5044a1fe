"""The user's own editor, while the app is put aside: which command, and how it is told the line."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath
from typing import Final

from textual.app import App, SuspendNotSupported

from tui.config.workspace import Workspace

_PLUS: Final = frozenset({
    "vi", "vim", "nvim", "view", "gvim", "mvim", "vim.basic", "vim.tiny", "elvis", "nvi", "nano", "pico", "rnano",
    "emacs", "emacsclient", "emacs-nox", "jmacs", "mg", "jed", "zile", "micro", "joe", "jstar", "jpico", "ne", "kak",
    "mcedit", "gedit", "ee",
})  # fmt: skip
"""Editors that take `+LINE` before the file."""
_COLON: Final = frozenset({"hx", "helix", "subl", "zed", "zeditor"})
"""Editors that take `FILE:LINE`."""
_GOTO: Final = frozenset({"code", "code-insiders", "codium", "vscodium", "code-oss", "cursor", "windsurf"})
"""Editors that take `--goto FILE:LINE`."""
_WINDOWS: Final = _GOTO | {"subl", "zed", "zeditor", "gedit"}
"""Editors that come back at once and leave the file to a window, unless they are told to wait."""


def editor_command(env: Mapping[str, str]) -> list[str]:
    """What to run: $VISUAL, else $EDITOR, else the system's plainest editor."""
    chosen = env.get("VISUAL") or env.get("EDITOR") or ("notepad" if os.name == "nt" else "vi")
    return shlex.split(chosen)


def at_line(command: Sequence[str], path: Path, line: int) -> list[str]:
    """The command with the file, opened at `line` (from 1; 0 for no line) where the editor is known to take one."""
    name = PurePath(command[0]).name.lower().removesuffix(".exe").removesuffix(".cmd") if command else ""
    words = list(command)
    if name in _WINDOWS and not {"--wait", "-w"} & set(words):
        words.append("--wait")
    if line and name in _PLUS:
        return [*words, f"+{line}", str(path)]
    if line and name in _COLON:
        return [*words, f"{path}:{line}"]
    if line and name in _GOTO:
        return [*words, "--goto", f"{path}:{line}"]
    return [*words, str(path)]


def line_of(workspace: Workspace, name: str) -> int:
    """Where the field stands in the saved file; else where its table begins, else where [llm] does; 0 if nowhere."""
    if workspace.document is None:
        return workspace.problem.line if workspace.problem else 0
    own = workspace.document.lines(workspace.table)
    if name in own:
        return own[name]
    headers = {**workspace.document.lines(()), **workspace.document.lines(("llm",))}
    return headers.get(workspace.table[-1], headers.get("llm", 0))


def edit_by_hand(app: App[object], path: Path, env: Mapping[str, str], line: int = 0) -> str:
    """Open `path` in the editor and wait for it; the reason in words if that was not possible, else ""."""
    try:
        with app.suspend():
            done = subprocess.run(at_line(editor_command(env), path, line), check=False)
    except SuspendNotSupported:
        return "This terminal can't put the app aside. Quit, edit the file, and start again."
    except (OSError, ValueError) as error:
        return f"The editor did not start: {error}. Set $EDITOR to a command that works."
    return "" if done.returncode == 0 else f"The editor ended with exit code {done.returncode}."
