"""The desktop's clipboard: which command gets the text, what that command gets to know, and how long it may take."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from tui.clipboard import Clipboard, Copied

SECRET = {"OPENAI_API_KEY": "sk-canary-1f8a", "LLM_API_KEY": "sk-canary-1f8a"}
X11 = {"DISPLAY": ":0"}


def command(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def env(folder: Path, **more: str) -> dict[str, str]:
    return {"PATH": f"{folder}{os.pathsep}/usr/bin{os.pathsep}/bin", **SECRET, **more}


@pytest.mark.parametrize(
    ("variables", "platform", "names"),
    [
        ({}, "linux", []),
        ({"DISPLAY": ":0"}, "linux", ["xclip", "xsel"]),
        ({"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0"}, "linux", ["wl-copy", "xclip", "xsel"]),
        ({"SSH_TTY": "/dev/pts/1"}, "linux", []),
        ({"SSH_CONNECTION": "a 1 b 2", "DISPLAY": "localhost:10.0"}, "linux", ["xclip", "xsel"]),
        ({}, "darwin", ["pbcopy"]),
        ({"SSH_CONNECTION": "a 1 b 2"}, "darwin", []),
    ],
)
def test_a_clipboard_is_sought_only_where_the_user_sits(
    variables: dict[str, str], platform: str, names: list[str]
) -> None:
    assert [found[0] for found in Clipboard(variables, platform=platform).candidates()] == names


async def test_the_command_gets_the_text_and_no_key(tmp_path: Path) -> None:
    command(tmp_path, "xclip", f'cat > {tmp_path}/text; env > {tmp_path}/env; echo "$@" > {tmp_path}/args')
    copied = await Clipboard(env(tmp_path, **X11)).copy("é\n$(x)")
    assert copied == Copied(command="xclip")
    assert (tmp_path / "text").read_text() == "é\n$(x)"
    assert (tmp_path / "args").read_text() == "-selection clipboard\n"
    assert "canary" not in (tmp_path / "env").read_text()
    assert "DISPLAY=:0" in (tmp_path / "env").read_text()


async def test_a_command_that_stays_behind_to_serve_the_text_is_not_waited_for(tmp_path: Path) -> None:
    command(tmp_path, "xclip", f"cat > {tmp_path}/text; sleep 60 & echo $! > {tmp_path}/pid")
    assert (await Clipboard(env(tmp_path, **X11)).copy("x")).command == "xclip"
    if sys.platform != "win32":
        os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)  # it is still there


async def test_one_that_hangs_is_ended_and_told(tmp_path: Path) -> None:
    command(tmp_path, "xclip", "exec sleep 30")
    copied = await Clipboard(env(tmp_path, **X11), bound_s=0.2).copy("x" * 1_000_000)
    assert copied.command == ""
    assert "did not answer" in copied.trouble


async def test_one_that_fails_is_told(tmp_path: Path) -> None:
    command(tmp_path, "xclip", "cat > /dev/null; exit 3")
    assert await Clipboard(env(tmp_path, **X11)).copy("x") == Copied(trouble="xclip failed with code 3")


async def test_without_any_command_nothing_is_claimed(tmp_path: Path) -> None:
    nowhere = Clipboard({"PATH": str(tmp_path), **X11})
    assert await nowhere.copy("x") == Copied()
