"""A file that no new one can replace is written in place: only if asked for, never without a copy of the old."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from tui.config import in_place, storage
from tui.config.errors import ChangedOnDiskError, HalfWrittenError, InPlaceNeededError, StorageError
from tui.config.storage import Snapshot, read, save, write

assert sys.platform != "win32"  # what is tested here is Unix alone

ROOT = Path(__file__).parents[2]
OLD = b"[llm]\nmodel = 'old'\n"
NEW = b"# another\n[llm]\nmodel = 'new'\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "folder" / "config.toml"
    path.parent.mkdir()
    path.write_bytes(OLD)
    return path


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def refusing(monkeypatch: pytest.MonkeyPatch, number: int, *, opening: bool = False) -> None:
    """A system that lets no new file into the directory, or none take the place of another."""
    real = os.open

    def fail(*_args: object) -> Any:
        raise OSError(number, os.strerror(number))

    def open_(path: Any, flags: int, mode: int = 0o777) -> int:
        return fail() if flags & os.O_CREAT and Path(path).parent.name == "folder" else real(path, flags, mode)

    if opening:
        monkeypatch.setattr(os, "open", open_)
    else:
        monkeypatch.setattr(storage, "exchange", lambda _one, _other: False)
        monkeypatch.setattr(Path, "replace", fail)


@pytest.mark.parametrize("opening", [True, False])
@pytest.mark.parametrize("number", [errno.EBUSY, errno.EXDEV, errno.EPERM, errno.EACCES, errno.EROFS])
def test_a_file_that_can_not_be_replaced_but_written_is_offered_for_that_and_named_once(
    file: Path, monkeypatch: pytest.MonkeyPatch, number: int, *, opening: bool
) -> None:
    refusing(monkeypatch, number, opening=opening)
    with pytest.raises(InPlaceNeededError, match=r"written in place instead\. That is not atomic") as caught:
        write(read(file), NEW)
    assert str(caught.value).count(str(file)) == 1
    assert not caught.value.replaceable
    assert file.read_bytes() == OLD
    assert names(file.parent) == ["config.toml"]


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS])
def test_where_nothing_can_be_added_the_copy_goes_to_the_state_directory(
    file: Path, monkeypatch: pytest.MonkeyPatch, number: int, home: Path
) -> None:
    refusing(monkeypatch, number, opening=True)
    seen: list[tuple[Path, bytes]] = []
    real = in_place._fill

    def fill(descriptor: int, raw: bytes) -> None:
        seen.extend((path, path.read_bytes()) for path in home.rglob("*.before"))
        real(descriptor, raw)

    monkeypatch.setattr(in_place, "_fill", fill)
    assert save(read(file), NEW, in_place=True) == Snapshot(file, NEW)
    assert file.read_bytes() == NEW
    assert [raw for _, raw in seen] == [OLD]
    assert seen[0][0].stat().st_mode & 0o077 == 0 if seen[0][0].exists() else True
    assert list(home.rglob("*.before")) == []


def test_without_a_place_for_a_copy_nothing_is_written(
    file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    refusing(monkeypatch, errno.EROFS, opening=True)
    (tmp_path / "state").write_bytes(b"")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    with pytest.raises(StorageError, match="nowhere to keep a copy"):
        save(read(file), NEW, in_place=True)
    assert file.read_bytes() == OLD


def test_hard_links_are_kept_in_place_or_cut_as_the_user_chooses(file: Path) -> None:
    other = file.with_name("other.toml")
    other.hardlink_to(file)
    with pytest.raises(InPlaceNeededError, match="another name") as caught:
        write(read(file), NEW)
    assert caught.value.replaceable
    assert str(caught.value).count(str(file)) == 1
    save(read(file), NEW, in_place=True)
    assert (file.read_bytes(), other.read_bytes()) == (NEW, NEW)
    assert file.samefile(other)
    save(read(file), OLD, in_place=False)
    assert (file.read_bytes(), other.read_bytes()) == (OLD, NEW)
    assert names(file.parent) == ["config.toml", "other.toml"]


@pytest.mark.parametrize(("old", "new"), [(OLD, NEW), (NEW, OLD), (OLD, b""), (b"", NEW), (OLD * 9999, NEW)])
def test_a_write_in_place_keeps_the_file_itself(file: Path, old: bytes, new: bytes) -> None:
    file.write_bytes(old)
    file.chmod(0o640)
    before = file.stat()
    assert save(read(file), new, in_place=True) == read(file) == Snapshot(file, new)
    after = file.stat()
    assert (after.st_ino, after.st_mode) == (before.st_ino, before.st_mode)
    assert names(file.parent) == ["config.toml"]


def test_a_symbolic_link_is_followed(file: Path) -> None:
    link = file.with_name("link.toml")
    link.symlink_to(file)
    save(read(link), NEW, in_place=True)
    assert link.is_symlink()
    assert file.read_bytes() == NEW


def test_a_new_file_is_made_as_ever(tmp_path: Path) -> None:
    path = tmp_path / "a" / "config.toml"
    save(read(path), NEW, in_place=True)
    assert path.read_bytes() == NEW


def test_a_file_that_changed_since_it_was_read_is_not_written_in_place(file: Path) -> None:
    snapshot = read(file)
    file.write_bytes(b"theirs = 1\n")
    with pytest.raises(ChangedOnDiskError):
        save(snapshot, NEW, in_place=True)
    assert file.read_bytes() == b"theirs = 1\n"
    assert not in_place.overwrite(file, OLD, NEW)
    assert names(file.parent) == ["config.toml"]


def test_a_disk_that_takes_only_a_part_at_a_time_gets_every_byte(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: real(descriptor, bytes(data)[:7]))
    save(read(file), NEW * 50, in_place=True)
    assert file.read_bytes() == NEW * 50


def failing_half_way(monkeypatch: pytest.MonkeyPatch, file: Path, error: BaseException, *, always: bool) -> None:
    """The disk takes a part of the file's new content, then fails once, or from then on."""
    real, wrote = os.write, []

    def write_(descriptor: int, data: Any) -> int:
        if os.path.samestat(os.fstat(descriptor), file.stat()):
            wrote.append(1)
            if len(wrote) == 2 or (always and len(wrote) > 2):
                raise error
            return real(descriptor, bytes(data)[:9] if len(wrote) == 1 else data)
        return real(descriptor, data)

    monkeypatch.setattr(os, "write", write_)


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "full"), OSError(errno.EIO, "fault"), KeyboardInterrupt()])
def test_a_write_that_fails_half_way_puts_the_old_content_back(
    file: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    snapshot = read(file)
    failing_half_way(monkeypatch, file, error, always=False)
    with pytest.raises(StorageError if isinstance(error, OSError) else KeyboardInterrupt):
        save(snapshot, NEW, in_place=True)
    assert file.read_bytes() == OLD
    assert names(file.parent) == ["config.toml"]


def test_a_disk_that_then_takes_nothing_at_all_leaves_a_copy_that_is_named(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = read(file)
    failing_half_way(monkeypatch, file, OSError(errno.EIO, "fault"), always=True)
    with pytest.raises(HalfWrittenError, match="only in part") as caught:
        save(snapshot, NEW, in_place=True)
    monkeypatch.undo()
    copy = read(file).before
    assert copy is not None
    assert str(copy) in str(caught.value)
    assert copy.read_bytes() == OLD
    assert copy.stat().st_mode & 0o077 == 0


def test_what_another_program_wrote_at_the_same_moment_is_not_written_over(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = in_place._fill

    def fill(descriptor: int, raw: bytes) -> None:
        real(descriptor, raw)
        file.write_bytes(b"theirs = 1\n")

    monkeypatch.setattr(in_place, "_fill", fill)
    with pytest.raises(HalfWrittenError, match="another program"):
        save(read(file), NEW, in_place=True)
    assert file.read_bytes() == b"theirs = 1\n"


@pytest.mark.parametrize("state", ["old", "new", "torn"])
def test_a_copy_is_kept_only_for_a_file_that_is_torn(file: Path, state: str) -> None:
    copy = in_place._kept(file, OLD, in_place._fingerprint(NEW))
    file.write_bytes({"old": OLD, "new": NEW, "torn": NEW[:9] + OLD[9:]}[state])
    assert read(file).before == (copy if state == "torn" else None)
    assert copy.exists() == (state == "torn")
    shutil.copyfile(copy, file) if state == "torn" else None
    assert read(file).before is None
    assert names(file.parent) == ["config.toml"]


def test_a_second_cut_off_write_does_not_replace_the_copy_of_the_first(file: Path) -> None:
    first = in_place._kept(file, OLD, in_place._fingerprint(NEW))
    second = in_place._kept(file, b"torn", in_place._fingerprint(NEW))
    assert (first.read_bytes(), second.read_bytes()) == (OLD, b"torn")


def test_a_write_in_place_that_is_killed_leaves_a_whole_file_or_a_copy(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.config.kill_saves", str(tmp_path / "config.toml"), "60", "7", "in-place"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    result = json.loads(done.stdout)
    assert result["torn"] == 0
    assert result["unswept"] == 0
    assert result["restored"] > 0, "no write was killed half-way, so this test showed nothing"


def _in_mounts(script: str, folder: Path) -> str:
    """Run Python in a mount namespace of its own; skipped where that is not allowed."""
    tried = "unshare -m sh -c 'touch a b && mount --bind a b'"
    if subprocess.run(tried, shell=True, cwd=folder, capture_output=True, check=False).returncode:  # noqa: S602  # a constant
        if os.environ.get("LLM_BACKENDS_REQUIRE_REAL") and os.geteuid() == 0:
            pytest.fail("mounting is not allowed here")
        pytest.skip("only root may mount, with unshare(1) and mount(8)")
    done = subprocess.run(
        ["unshare", "-m", sys.executable, "-c", script, str(folder)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


_BOUND = """
import subprocess, sys
from pathlib import Path
from tui.config.errors import InPlaceNeededError, StorageError
from tui.config.storage import read, save, write
folder = Path(sys.argv[1])
real, path = folder / "real.toml", folder / "in the box" / "config.toml"
path.parent.mkdir()
real.write_bytes(b"a = 1\\n"); path.touch()
subprocess.run([{mount}], check=True)
try:
    write(read(path), b"a = 2\\n")
except StorageError as error:
    print(type(error).__name__, str(error).count(str(path)), error)
try:
    save(read(path), b"a = 3\\n", in_place=True)
except StorageError as error:
    print(type(error).__name__, error)
print(real.read_bytes())
"""


def test_a_file_that_is_mounted_by_itself_is_said_to_be_and_written_in_place(tmp_path: Path) -> None:
    told = _in_mounts(_BOUND.format(mount='"mount", "--bind", real, path'), tmp_path)
    assert told.startswith("InPlaceNeededError 1 ")
    assert "mounted by itself" in told
    assert "b'a = 3\\n'" in told


def test_a_file_that_is_mounted_read_only_is_said_to_be_and_no_write_is_offered(tmp_path: Path) -> None:
    told = _in_mounts(
        _BOUND.format(mount='"sh", "-c", \'mount --bind "$1" "$2" && mount -o remount,ro,bind "$2"\', "-", real, path'),
        tmp_path,
    )
    assert told.count("StorageError") == 2
    assert told.count("mounted read-only") == 2
    assert "InPlaceNeededError" not in told
    assert "b'a = 1\\n'" in told


_FULL = """
import subprocess, sys
from pathlib import Path
from tui.config.errors import StorageError
from tui.config.storage import read, save
folder = Path(sys.argv[1])
disk, path = folder / "disk", folder / "config.toml"
disk.mkdir(); path.touch()
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", disk], check=True)
(disk / "real.toml").write_bytes(b"a" * 9000)
subprocess.run(["mount", "--bind", disk / "real.toml", path], check=True)
(disk / "filler").write_bytes(b"x" * 40960)
try:
    save(read(path), b"b" * 50000, in_place=True)
except StorageError as error:
    print(error)
print(path.read_bytes() == b"a" * 9000)
"""


def test_on_a_full_disk_a_write_in_place_leaves_the_old_content(tmp_path: Path) -> None:
    told = _in_mounts(_FULL, tmp_path)
    assert "the disk is full" in told
    assert told.endswith("True\n")


_AS_NOBODY = """
import os, sys
from pathlib import Path
from tui.config.errors import InPlaceNeededError
from tui.config.folders import state_folder
from tui.config.storage import read, save, write
path, new = Path(sys.argv[1]) / "config.toml", os.fsencode(sys.argv[2])
warm = Path(sys.argv[1]) / "warm.toml"
save(save(read(warm), b"a", in_place=None), b"b", in_place=None)  # all imports: the Python may be root's own
save(read(warm), b"c", in_place=True); warm.unlink(); state_folder()
os.setuid(65534)
try:
    write(read(path), b"")
except InPlaceNeededError as error:
    print(error)
save(read(path), new, in_place=True)
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
@pytest.mark.parametrize("mode", [0o755, 0o1777])
def test_a_file_that_others_may_write_in_a_directory_that_they_may_not_is_written_in_place(mode: int) -> None:
    folder, state = _for_everybody(0o755), _for_everybody(0o777)
    try:
        path = folder / "config.toml"
        path.write_bytes(OLD)
        path.chmod(0o666)
        folder.chmod(mode)
        done = subprocess.run(
            [sys.executable, "-c", _AS_NOBODY, str(folder), NEW.decode()],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(state)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.count(str(path)) == 1
        assert path.read_bytes() == NEW
        assert names(folder) == ["config.toml"]
    finally:
        shutil.rmtree(folder)
        shutil.rmtree(state)


def _for_everybody(mode: int) -> Path:
    """A directory that other users can reach: pytest's own are its user's alone."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(mode)
    return folder
