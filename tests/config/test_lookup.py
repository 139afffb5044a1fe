"""Which file is opened."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui.config.lookup import locate


def test_a_named_file_wins_and_is_taken_from_the_working_directory(tmp_path: Path) -> None:
    (tmp_path / "config.toml").touch()
    assert locate(Path("a/b.toml"), tmp_path) == tmp_path / "a" / "b.toml"
    assert locate(Path("/etc/x.toml"), tmp_path) == Path("/etc/x.toml")


def test_a_tilde_is_the_home_directory(tmp_path: Path, home: Path) -> None:
    assert locate(Path("~/x.toml"), tmp_path) == home / "x.toml"
    assert locate(Path("~nobody-here/x.toml"), tmp_path) == tmp_path / "~nobody-here" / "x.toml"


@pytest.mark.parametrize("kind", ["file", "broken link"])
def test_a_config_toml_in_the_working_directory_comes_next(tmp_path: Path, kind: str) -> None:
    here = tmp_path / "config.toml"
    here.touch() if kind == "file" else here.symlink_to("nowhere")
    assert locate(None, tmp_path) == here


def test_otherwise_it_is_the_users_own_file_whether_it_is_there_or_not(tmp_path: Path, home: Path) -> None:
    assert locate(None, tmp_path) == home / ".config" / "llm-backends" / "config.toml"
