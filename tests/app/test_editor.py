"""The user's editor: which command, told which line."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.app.fakes import CONFIG
from tui.config import storage
from tui.config.workspace import Workspace
from tui.screens.editor import at_line, editor_command, line_of


def fake(folder: Path, name: str) -> Path:
    """An editor of that name that writes down what it was called with."""
    path = folder / "bin dir" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > "{folder}/called"\n')
    path.chmod(0o755)
    return path


def called(folder: Path, chosen: str, line: int) -> list[str]:
    """What the editor got; `chosen` is $EDITOR, whose first word is put into the folder."""
    name, *options = chosen.split()
    env = {"EDITOR": " ".join([f"'{fake(folder, name)}'", *options])}
    subprocess.run(at_line(editor_command(env), folder / "a b.toml", line), check=True)
    return (folder / "called").read_text().splitlines()


@pytest.mark.parametrize("name", ["vi", "vim", "nvim", "nano", "emacs", "emacsclient", "micro", "kak"])
def test_terminal_editors_take_the_line_before_the_file(tmp_path: Path, name: str) -> None:
    assert called(tmp_path, name, 7) == ["+7", f"{tmp_path}/a b.toml"]
    assert called(tmp_path, name, 0) == [f"{tmp_path}/a b.toml"]


@pytest.mark.parametrize("name", ["hx", "helix"])
def test_helix_takes_it_after_the_file(tmp_path: Path, name: str) -> None:
    assert called(tmp_path, name, 7) == [f"{tmp_path}/a b.toml:7"]


@pytest.mark.parametrize("name", ["code", "codium", "cursor"])
def test_code_is_told_to_wait_and_to_go_to_the_line(tmp_path: Path, name: str) -> None:
    assert called(tmp_path, name, 7) == ["--wait", "--goto", f"{tmp_path}/a b.toml:7"]
    assert called(tmp_path, name, 0) == ["--wait", f"{tmp_path}/a b.toml"]


def test_windows_are_waited_for_once(tmp_path: Path) -> None:
    assert called(tmp_path, "code -w", 7) == ["-w", "--goto", f"{tmp_path}/a b.toml:7"]
    assert called(tmp_path, "subl --wait", 7) == ["--wait", f"{tmp_path}/a b.toml:7"]


def test_the_users_own_options_stay(tmp_path: Path) -> None:
    assert called(tmp_path, "emacsclient -t", 7) == ["-t", "+7", f"{tmp_path}/a b.toml"]


def test_an_unknown_editor_gets_the_file_alone(tmp_path: Path) -> None:
    assert called(tmp_path, "my-edit", 7) == [f"{tmp_path}/a b.toml"]


def test_visual_comes_first() -> None:
    assert editor_command({"VISUAL": "hx", "EDITOR": "ed"}) == ["hx"]


def test_a_field_is_found_in_its_table_else_its_table_is(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(CONFIG)
    workspace = Workspace(storage.read(path), {})
    assert [line_of(workspace, name) for name in ("model", "num_retries", "timeout")] == [7, 8, 5]
    workspace.profile = "cheap"
    assert [line_of(workspace, name) for name in ("model", "num_retries")] == [12, 11]


def test_a_file_that_does_not_parse_is_opened_where_it_breaks(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("[llm]\nmodel = \n")
    assert line_of(Workspace(storage.read(path), {}), "model") == 2
    assert line_of(Workspace(storage.read(tmp_path / "none.toml"), {}), "model") in (0, 3)
