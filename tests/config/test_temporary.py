"""Files that are put in place whole, for their owner alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tui.config import disk, temporary
from tui.config.temporary import put


def test_a_file_is_replaced_by_one_that_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "records.json"
    put(path, b"one")
    path.chmod(0o644)
    put(path, b"two")
    assert path.read_bytes() == b"two"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_a_disk_that_fails_leaves_the_old_file_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (path := tmp_path / "records.json").write_bytes(b"one")

    def full(_descriptor: int, _raw: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(temporary, "write_all", full)
    with pytest.raises(OSError, match="No space"):
        put(path, b"two")
    assert path.read_bytes() == b"one"
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_killed_write_left_behind_goes_with_the_next_one(tmp_path: Path) -> None:
    path = tmp_path / "records.json"
    left = [tmp_path / f".{name}.0123abcd.llm-backends.tmp" for name in ("records.json", "other.json")]
    for one in left:
        one.touch()
    put(path, b"one")
    assert sorted(tmp_path.iterdir()) == sorted([path, left[1]])


def test_writes_at_the_same_moment_take_away_nothing_from_each_other(tmp_path: Path) -> None:
    path = tmp_path / "records.json"
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: put(path, f"{number}".encode() * 1000), range(40)))
    assert len(set(path.read_text())) <= 2
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_another_process_holds_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(temporary, "LOCK_WAIT_S", 0.05)
    with disk.directory_lock(tmp_path, 0), pytest.raises(BlockingIOError):
        put(tmp_path / "records.json", b"one")
