"""A save is all or nothing, and a disk that fails is explained."""

from __future__ import annotations

import ctypes
import errno
import fcntl
import json
import os
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tui.config import disk, storage
from tui.config.storage import ChangedOnDiskError, Snapshot, StorageError, read, write
from tui.config.syntax import MOST_BYTES
from tui.config.temporary import sweep

ROOT = Path(__file__).parents[2]
OLD = b"[llm]\nmodel = 'old'\n"
NEW = b"[llm]\nmodel = 'new'\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_bytes(OLD)
    return path


def failing(number: int) -> Callable[..., Any]:
    def fail(*_args: object, **_options: object) -> Any:
        raise OSError(number, os.strerror(number))

    return fail


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def test_a_write_replaces_the_file_and_gives_its_snapshot(file: Path) -> None:
    snapshot = write(read(file), NEW)
    assert snapshot == read(file) == Snapshot(file, NEW)
    assert names(file.parent) == ["config.toml"]


def test_a_file_that_is_not_there_has_no_bytes(tmp_path: Path) -> None:
    assert read(tmp_path / "a" / "config.toml") == Snapshot(tmp_path / "a" / "config.toml", None)


def test_a_new_file_is_its_owners_alone_and_gets_its_directories(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "config.toml"
    write(read(path), NEW)
    assert path.read_bytes() == NEW
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert names(path.parent) == ["config.toml"]


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o660, 0o755])
def test_the_mode_is_kept(file: Path, mode: int) -> None:
    file.chmod(mode)
    write(read(file), NEW)
    assert stat.S_IMODE(file.stat().st_mode) == mode


def test_the_owner_is_kept_where_the_system_allows_it(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[tuple[int, int]] = []
    found = file.stat()
    real = os.fstat

    def fstat(descriptor: int) -> os.stat_result:
        result = list(real(descriptor))
        result[4] = found.st_uid + 1  # as if somebody else's process had made the temporary file
        return os.stat_result(result)

    monkeypatch.setattr(os, "fstat", fstat)
    monkeypatch.setattr(os, "fchown", lambda _descriptor, uid, gid: given.append((uid, gid)))
    write(read(file), NEW)
    monkeypatch.setattr(os, "fchown", failing(errno.EPERM))
    write(read(file), OLD)
    assert given == [(found.st_uid, found.st_gid)]
    assert file.read_bytes() == OLD


def test_a_symbolic_link_stays_one(file: Path) -> None:
    (file.parent / "far").mkdir()
    link = file.parent / "far" / "link.toml"
    link.symlink_to("../config.toml")
    snapshot = write(read(link), NEW)
    assert link.is_symlink()
    assert snapshot.path == link
    assert file.read_bytes() == NEW
    assert names(link.parent) == ["link.toml"]


def test_a_broken_link_gets_its_file(tmp_path: Path) -> None:
    link = tmp_path / "link.toml"
    link.symlink_to(tmp_path / "there" / "config.toml")
    write(read(link), NEW)
    assert link.is_symlink()
    assert (tmp_path / "there" / "config.toml").read_bytes() == NEW


def test_a_file_that_someone_else_wrote_is_not_overwritten(file: Path) -> None:
    snapshot = read(file)
    file.write_bytes(OLD + b"#\n")
    with pytest.raises(ChangedOnDiskError, match="was changed by another program"):
        write(snapshot, NEW)
    assert file.read_bytes() == OLD + b"#\n"


def test_a_file_that_is_gone_is_not_made_again(file: Path) -> None:
    snapshot = read(file)
    file.unlink()
    with pytest.raises(ChangedOnDiskError, match="is gone"):
        write(snapshot, NEW)
    assert not file.exists()


def test_a_file_that_appeared_is_not_overwritten(tmp_path: Path) -> None:
    snapshot = read(tmp_path / "config.toml")
    (tmp_path / "config.toml").write_bytes(b"")
    with pytest.raises(ChangedOnDiskError, match="appeared"):
        write(snapshot, NEW)
    assert (tmp_path / "config.toml").read_bytes() == b""


def test_a_link_that_was_turned_elsewhere_is_a_change(file: Path) -> None:
    other = file.with_name("other.toml")
    other.write_bytes(NEW)
    link = file.with_name("link.toml")
    link.symlink_to(file)
    snapshot = read(link)
    link.unlink()
    link.symlink_to(other)
    with pytest.raises(ChangedOnDiskError):
        write(snapshot, b"")
    assert (file.read_bytes(), other.read_bytes()) == (OLD, NEW)


@pytest.mark.parametrize("there", [True, False])
def test_a_write_by_another_program_while_ours_is_under_way_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, there: bool
) -> None:
    path = tmp_path / "config.toml"
    if there:
        path.write_bytes(OLD)
    snapshot = read(path)
    real = os.fsync

    def fsync(descriptor: int) -> None:
        real(descriptor)
        path.write_bytes(b"theirs = 1\n")

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(ChangedOnDiskError):
        write(snapshot, NEW)
    assert path.read_bytes() == b"theirs = 1\n"
    assert names(tmp_path) == ["config.toml"]


def test_a_file_that_appears_in_the_last_instant_is_not_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "config.toml"
    monkeypatch.setattr(Path, "hardlink_to", failing(errno.EEXIST))
    with pytest.raises(ChangedOnDiskError, match="appeared"):
        write(read(path), NEW)
    assert names(tmp_path) == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux swaps files")
def test_a_directory_that_takes_the_file_s_place_in_the_very_last_instant_is_given_back(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def exchange(one: Path, other: Path) -> bool:
        monkeypatch.undo()
        other.unlink()
        other.mkdir()
        return disk.exchange(one, other)

    snapshot = read(file)
    monkeypatch.setattr(storage, "exchange", exchange)
    with pytest.raises(ChangedOnDiskError):
        write(snapshot, NEW)
    assert file.is_dir()
    assert names(file.parent) == ["config.toml"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux swaps files")
@pytest.mark.parametrize("in_place", [True, False])
def test_a_write_by_another_program_in_the_very_last_instant_is_given_back(
    file: Path, monkeypatch: pytest.MonkeyPatch, *, in_place: bool
) -> None:
    def exchange(one: Path, other: Path) -> bool:
        monkeypatch.undo()
        if not in_place:
            other.unlink()
        other.write_bytes(b"theirs = 1\n")
        return disk.exchange(one, other)

    snapshot = read(file)
    monkeypatch.setattr(storage, "exchange", exchange)
    with pytest.raises(ChangedOnDiskError, match="was changed by another program"):
        write(snapshot, NEW)
    assert file.read_bytes() == b"theirs = 1\n"
    assert names(file.parent) == ["config.toml"]


def test_a_system_that_cannot_swap_files_renames(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: object())
    assert write(read(file), NEW).raw == file.read_bytes() == NEW
    assert names(file.parent) == ["config.toml"]


def test_a_file_that_is_being_written_is_read_when_that_is_over(file: Path) -> None:
    """An editor that writes in place empties the file first."""
    file.write_bytes(b"")
    thread = threading.Timer(0.002, lambda: file.write_bytes(NEW))
    thread.start()
    assert read(file).raw == NEW
    thread.join()


@pytest.mark.parametrize("raw", [b"", OLD])
def test_a_file_that_nobody_is_writing_is_read_without_a_wait(
    file: Path, monkeypatch: pytest.MonkeyPatch, raw: bytes
) -> None:
    def sleep(_seconds: float) -> None:
        pytest.fail("the read waited")

    file.write_bytes(raw)
    monkeypatch.setattr(time, "sleep", sleep)
    for at in (file.stat().st_mtime - 1, file.stat().st_mtime + 3600):
        os.utime(file, (at, at))
        assert read(file).raw == raw


@pytest.mark.parametrize("raw", [b"", OLD])
def test_a_file_that_is_written_without_end_is_read_all_the_same(
    file: Path, monkeypatch: pytest.MonkeyPatch, raw: bytes
) -> None:
    monkeypatch.setattr(storage, "_age_s", lambda _path: 0)
    file.write_bytes(raw)
    assert read(file).raw == raw


def test_a_file_system_without_hard_links_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "hardlink_to", failing(errno.EPERM))
    write(read(tmp_path / "config.toml"), NEW)
    assert (tmp_path / "config.toml").read_bytes() == NEW
    assert names(tmp_path) == ["config.toml"]


def test_a_disk_that_takes_only_a_part_at_a_time_gets_every_byte(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: real(descriptor, bytes(data)[:7]))
    write(read(file), NEW * 50)
    monkeypatch.undo()
    assert file.read_bytes() == NEW * 50


@pytest.mark.parametrize("call", ["write", "fsync", "open", "fchmod"])
@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "the disk is full. Free some space"),
        (errno.EDQUOT, "your share of the disk is used up. Free"),
        (errno.EROFS, "the disk is mounted read-only. Choose"),
        (errno.EACCES, "no right to write in .*Change the rights"),
        (errno.EPERM, "no right to write in .*Change the rights"),
        (errno.EIO, "the disk reported a fault. Check the disk"),
        (errno.EISDIR, "it is a directory. Name a file"),
        (errno.ELOOP, "round in a circle. Remove"),
        (errno.ENAMETOOLONG, "its name is too long. Choose a shorter one"),
        (errno.EINVAL, "Invalid argument. Try again"),
    ],
)
def test_a_failing_disk_leaves_the_old_file_and_says_what_to_do(
    file: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int, words: str
) -> None:
    snapshot = read(file)
    real = getattr(os, call)

    def fail(first: object, *rest: object, **options: object) -> object:
        if call == "open" and not str(first).endswith(".tmp"):
            return real(first, *rest, **options)
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, call, fail)
    with pytest.raises(StorageError, match=words) as caught:
        write(snapshot, NEW)
    monkeypatch.undo()
    assert str(file) in str(caught.value)
    assert file.read_bytes() == OLD
    assert names(file.parent) == ["config.toml"]


def test_a_failing_rename_leaves_the_old_file_and_no_other(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot = read(file)
    monkeypatch.setattr(storage, "exchange", lambda _one, _other: False)
    monkeypatch.setattr(Path, "replace", failing(errno.EIO))
    with pytest.raises(StorageError, match="fault"):
        write(snapshot, NEW)
    assert file.read_bytes() == OLD
    assert names(file.parent) == ["config.toml"]


def test_a_disk_that_takes_nothing_is_full(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot = read(file)
    monkeypatch.setattr(os, "write", lambda _descriptor, _data: 0)
    with pytest.raises(StorageError, match="full"):
        write(snapshot, NEW)


def test_a_directory_that_cannot_be_synced_is_no_failure(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.fsync

    def fsync(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "no")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    assert write(read(file), NEW).raw == file.read_bytes() == NEW


def test_a_write_protected_file_stays_as_it_is(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)  # root may write anything
    with pytest.raises(StorageError, match=r"write-protected. Allow writing \(chmod u\+w\)"):
        write(read(file), NEW)
    assert names(file.parent) == ["config.toml"]


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.EACCES, "can't be read: you have no right to read it. Ask its owner"),
        (errno.EIO, "can't be read: the disk reported a fault"),
        (errno.ESTALE, "the network drive no longer knows it"),
        (errno.EMFILE, "too many files are open"),
    ],
)
def test_a_file_that_cannot_be_read_says_what_to_do(
    file: Path, monkeypatch: pytest.MonkeyPatch, number: int, words: str
) -> None:
    monkeypatch.setattr(os, "open", failing(number))
    with pytest.raises(StorageError, match=words):
        read(file)


@pytest.mark.parametrize("action", [read, lambda path: write(Snapshot(path, OLD), NEW)])
def test_only_a_regular_file_is_touched_and_nothing_waits_for_a_pipe(
    tmp_path: Path, action: Callable[[Path], object]
) -> None:
    folder, pipe, link = tmp_path / "folder.toml", tmp_path / "pipe.toml", tmp_path / "zero.toml"
    folder.mkdir()
    if sys.platform != "win32":
        os.mkfifo(pipe)
    link.symlink_to("/dev/zero")
    with pytest.raises(StorageError, match=r"is a directory, not a file. Name a file"):
        action(folder)
    with pytest.raises(StorageError, match="is a pipe, a socket or a device"):
        action(pipe)
    with pytest.raises(StorageError, match="is a pipe, a socket or a device"):
        action(link)


def test_a_path_that_leads_nowhere_says_so(tmp_path: Path, file: Path) -> None:
    loop = tmp_path / "loop.toml"
    loop.symlink_to(loop)
    with pytest.raises(StorageError, match="circle"):
        read(loop)
    with pytest.raises(StorageError, match="too long"):
        read(tmp_path / ("x" * 300))
    with pytest.raises(StorageError, match="a part of its path is a file"):
        read(file / "config.toml")


def test_a_name_that_would_fool_the_terminal_is_shown_harmless(tmp_path: Path) -> None:
    (tmp_path / "\x1b[2J.toml").mkdir()
    with pytest.raises(StorageError, match="␛"):
        read(tmp_path / "\x1b[2J.toml")


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    with path.open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    with pytest.raises(StorageError, match="larger than 4 MB"):
        read(path)


def test_reading_sweeps_what_a_killed_save_left_and_nothing_else(file: Path) -> None:
    for name in (".config.toml.0123abcd.llm-backends.tmp", ".other.toml.0123abcd.llm-backends.tmp", "config.toml.tmp"):
        file.with_name(name).write_bytes(b"x")
    read(file)
    assert names(file.parent) == [".other.toml.0123abcd.llm-backends.tmp", "config.toml", "config.toml.tmp"]


def test_a_save_under_way_is_not_swept(file: Path) -> None:
    under_way = file.with_name(".config.toml.0123abcd.llm-backends.tmp")
    under_way.write_bytes(b"x")
    with disk.directory_lock(file.parent, 0):
        assert read(file).raw == OLD
        assert under_way.exists()
    sweep(file)
    assert not under_way.exists()


def test_without_locks_only_old_leftovers_are_swept(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "fcntl", None)
    fresh, old = (file.with_name(f".config.toml.{n}.llm-backends.tmp") for n in ("0001", "0002"))
    for path in (fresh, old):
        path.write_bytes(b"x")
    os.utime(old, (0, 0))
    assert write(read(file), NEW).raw == NEW
    assert fresh.exists()
    assert not old.exists()


def test_a_network_drive_without_locks_will_do(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fcntl, "flock", failing(errno.ENOLCK))
    assert write(read(file), NEW).raw == file.read_bytes() == NEW


def test_a_save_waits_for_another_one_and_then_notices_it(file: Path) -> None:
    snapshot = read(file)
    results: list[object] = []

    def save() -> None:
        try:
            results.append(write(snapshot, NEW))
        except ChangedOnDiskError as error:
            results.append(error)

    with disk.directory_lock(file.parent, 0):
        thread = threading.Thread(target=save)
        thread.start()
        file.write_bytes(b"theirs = 1\n")
    thread.join()
    assert isinstance(results[0], ChangedOnDiskError)


def test_a_save_that_never_ends_elsewhere_does_not_hang_ours(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "LOCK_WAIT_S", 0.05)
    snapshot = read(file)
    with disk.directory_lock(file.parent, 0), pytest.raises(StorageError, match="another llm-backends is saving"):
        write(snapshot, NEW)
    assert write(snapshot, NEW).raw == NEW


def test_a_save_that_is_killed_leaves_the_old_or_the_new_file(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.config.kill_saves", str(tmp_path / "config.toml"), "60", "7"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    result = json.loads(done.stdout)
    assert result["torn"] == 0
    assert result["unswept"] == 0
    assert result["left"] > 0, "no save was killed half-way, so this test showed nothing"
