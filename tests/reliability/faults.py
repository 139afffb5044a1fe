"""Point two, disks: saves that fail leave file and draft as they were; saves that succeed keep what the file was."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import pytest

from tests.reliability.counts import Counts
from tests.reliability.figures import Figure, tell
from tests.reliability.real_disk import NOBODY
from tests.reliability.trial import RAW, injected, trial
from tui.config.storage import Snapshot, StorageError, read, write
from tui.config.workspace import Workspace

_ROOT: Final = Path(__file__).parents[2]
_MODES: Final = (0o400, 0o600, 0o640, 0o644, 0o660, 0o755)


def figures(_counts: Counts) -> Iterator[Figure]:
    """Faults that are injected, faults of real disks, places that can't be written, and what a save keeps."""
    fine = "each time a clear error, the old file intact, the draft kept, and saved once the fault was over"
    done = [(name, _in_folder(partial(trial, fault))) for name, fault in injected()]
    yield _figure("system calls that fail: ENOSPC, EROFS, EACCES, EIO, EDQUOT, also after a short write", done, fine)
    real = [*_real("rights", []), *_real("mounts", _unshare())]
    what = "real faults: " + ", ".join(dict.fromkeys(name for name, _ in real))
    yield _figure(what, real, fine)
    refused = [(name, _in_folder(place)) for name, place in _REFUSED.items()]
    yield _figure(f"no file in its place: {', '.join(_REFUSED)}", refused, "each refused in words, nothing was changed")
    kept = [(name, _in_folder(check)) for name, check in _kept()]
    yield _figure("saves that keep mode, owner, symbolic link; short writes", kept, "all as they were")


def _figure(what: str, done: Sequence[tuple[str, str]], fine: str) -> Figure:
    wrong = [f"{name}: {problem}" for name, problem in done if problem]
    return Figure(part="Saves", what=what, count=len(done), result=tell(wrong, fine), passed=not wrong)


def _in_folder(check: Callable[[Path], str]) -> str:
    with tempfile.TemporaryDirectory() as folder:
        return check(Path(folder) / "config.toml")


def _real(kind: str, prefix: Sequence[str] | None) -> list[tuple[str, str]]:
    if prefix is None:
        return []
    command = [*prefix, sys.executable, "-m", "tests.reliability.real_disk", kind]
    done = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        return [(kind, done.stderr)]
    found: Mapping[str, str] = json.loads(done.stdout)
    return list(found.items())


def _unshare() -> list[str] | None:
    """What gives a process disks of its own to mount; None where that is not allowed."""
    for options in ("-m", "-Urm"):
        command = ["unshare", options]
        if (
            shutil.which("unshare")
            and not subprocess.run([*command, "true"], capture_output=True, check=False).returncode
        ):
            return command
    return None


def _refuses(make: Callable[[Path], None]) -> Callable[[Path], str]:
    def check(path: Path) -> str:
        make(path)
        before = os.lstat(path)
        for action in (partial(read, path), partial(write, Snapshot(path, RAW), b"[llm]\n")):
            try:
                action()
            except StorageError as error:
                if ". " not in str(error):
                    return f"the message does not say what to do: {error}"
            else:
                return "nothing was said"
        return "" if os.lstat(path) == before else "it was changed"

    return check


def _pipe(path: Path) -> None:
    if sys.platform != "win32":
        os.mkfifo(path)


_REFUSED: Final[Mapping[str, Callable[[Path], str]]] = {
    "a directory": _refuses(Path.mkdir),
    "a pipe": _refuses(_pipe),
    "a device": _refuses(lambda path: path.symlink_to("/dev/zero")),
    "a circle of links": _refuses(lambda path: path.symlink_to(path.name)),
}


def _kept() -> Iterator[tuple[str, Callable[[Path], str]]]:
    if sys.platform != "win32":
        for mode in _MODES:
            if mode & stat.S_IWUSR or os.geteuid() == 0:
                yield f"mode {mode:o}", partial(_keeps, partial(os.chmod, mode=mode))
        if os.geteuid() == 0:
            yield "owner", partial(_keeps, partial(os.chown, uid=NOBODY, gid=NOBODY))
    yield "link", partial(_keeps_link, "far/real.toml")
    yield "link over a link", partial(_keeps_link, "far/link.toml")
    yield "link that leads nowhere yet", partial(_keeps_link, "far/new.toml")
    for size in (1, 7, 4_096):
        yield f"writes of {size} bytes", partial(_whole, size)


def _keeps(prepare: Callable[[Path], None], path: Path) -> str:
    path.write_bytes(RAW)
    prepare(path)
    before = path.stat()
    if problem := _saved(path):
        return problem
    after = path.stat()
    same = (before.st_mode, before.st_uid, before.st_gid) == (after.st_mode, after.st_uid, after.st_gid)
    return "" if same else "mode or owner changed"


def _keeps_link(to: str, path: Path) -> str:
    far = path.with_name("far")
    far.mkdir()
    (far / "real.toml").write_bytes(RAW)
    (far / "link.toml").symlink_to("real.toml")
    path.symlink_to(to)
    problem = _saved(path)
    return problem or ("" if path.is_symlink() and str(path.readlink()) == to else "the link was replaced")


def _whole(size: int, path: Path) -> str:
    """Every byte gets there, however little the disk takes at a time."""
    path.write_bytes(RAW[:3_000])
    real = os.write
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "write", lambda descriptor, data: real(descriptor, bytes(data[:size])))
        return _saved(path)


def _saved(path: Path) -> str:
    draft = Workspace(read(path), {})
    draft.edit("model", "new/one")
    preview = draft.preview()
    write(preview.snapshot, preview.after)
    if {entry.name for entry in path.parent.iterdir()} - {"config.toml", "far"}:
        return "something was left behind"
    return "" if path.read_bytes() == preview.after and b"new/one" in preview.after else "other bytes were written"
