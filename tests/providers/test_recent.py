"""The models that were used last, in the user's data directory."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui.providers.recent import MOST, Recent


def test_the_last_one_comes_first_and_none_comes_twice(tmp_path: Path) -> None:
    recent = Recent(tmp_path)
    for name in ("a/1", "b/2", "a/1"):
        recent.add(name)
    assert recent.all() == ("a/1", "b/2")
    assert Recent(tmp_path).all() == ("a/1", "b/2")


def test_only_so_many_are_kept(tmp_path: Path) -> None:
    recent = Recent(tmp_path)
    for number in range(MOST + 5):
        recent.add(f"a/{number}")
    assert len(recent.all()) == MOST
    assert recent.all()[0] == f"a/{MOST + 4}"


@pytest.mark.parametrize("text", ["", "{", "null", '{"a": 1}', "[1, 2]"])
def test_a_file_that_can_not_be_understood_holds_nothing_and_is_replaced(tmp_path: Path, text: str) -> None:
    recent = Recent(tmp_path)
    recent.path.write_text(text)
    assert recent.all() == ()
    assert recent.add("a/1") == ("a/1",)
    assert recent.all() == ("a/1",)


def test_what_is_too_long_for_a_model_is_not_written_down(tmp_path: Path) -> None:
    recent = Recent(tmp_path)
    assert recent.add("x" * 500) == ()
    assert not recent.path.exists()


def test_the_file_is_the_user_s_alone_and_a_folder_that_can_not_be_made_costs_only_the_memory(tmp_path: Path) -> None:
    recent = Recent(tmp_path)
    recent.add("a/1")
    assert recent.path.stat().st_mode & 0o777 == 0o600
    (tmp_path / "file").write_text("")
    assert Recent(tmp_path / "file").add("a/1") == ("a/1",)


def test_without_a_folder_it_lies_in_the_user_s_data_directory(home: Path) -> None:
    Recent().add("a/1")
    assert (home / ".local/share/llm-backends/recent.json").exists()
