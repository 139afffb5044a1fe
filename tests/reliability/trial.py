"""One save that meets a fault: what has to be true while the fault lasts, and after it."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Final, TypeAlias

import pytest

from tui.config import storage
from tui.config.storage import StorageError, read, write
from tui.config.workspace import Workspace

Fault: TypeAlias = Callable[[Path], AbstractContextManager[None]]
"""Makes the disk under a file fail for as long as its context lasts."""

RAW: Final = b"# mine\n[llm]\nmodel = 'old/one'  # keep\n#timeout = 1\n" + b"# a long comment\n" * 2_000
"""Large enough that a small disk is full half-way."""


def trial(fault: Fault, path: Path) -> str:
    """Save two edits while the fault lasts and again after it; what went wrong, or nothing."""
    path.write_bytes(RAW)
    draft = Workspace(read(path), {})
    draft.edit("model", "new/one")
    draft.edit("timeout", 9)
    preview = draft.preview()
    before = _names(path)
    with fault(path):
        try:
            write(preview.snapshot, preview.after)
        except StorageError as error:
            message = str(error)
        else:
            return "the save said nothing of the fault"
        if path.read_bytes() != RAW:
            return "the old file is not what it was"
    if _names(path) != before:
        return f"left behind: {set(_names(path)) - set(before)}"
    if str(path.parent) not in message or ". " not in message:
        return f"the message does not say what happened and what to do: {message}"
    if draft.unsaved != 2 or draft.preview() != preview:
        return "the draft was not kept"
    draft.saved(write(preview.snapshot, preview.after))
    return "" if path.read_bytes() == preview.after else "after the fault the save did not work"


def _names(path: Path) -> list[str]:
    return sorted(entry.name for entry in path.parent.iterdir() if entry.name != "filler")


def injected() -> Iterator[tuple[str, Fault]]:
    """Each system call of a save failing in each way that a disk has."""
    numbers = (errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EIO, errno.EDQUOT)
    for call in ("open", "write", "fsync", "fchmod", "replace"):
        for number in numbers:
            yield f"{errno.errorcode[number]} in {call}", _failing(call, number)
    for number in numbers:
        yield f"{errno.errorcode[number]} after a short write", _short_then(number)


def _failing(call: str, number: int) -> Fault:
    real: Callable[..., Any] = getattr(os, call)

    def fail(first: object, *rest: object, **options: object) -> object:
        if call == "open" and not str(first).endswith(".tmp"):
            return real(first, *rest, **options)
        raise OSError(number, os.strerror(number))

    return _patched({call: fail})


def _short_then(number: int) -> Fault:
    real, sizes = os.write, iter((4_096, 1))

    def write_less(descriptor: int, data: bytes) -> int:
        size = next(sizes, 0)
        if not size:
            raise OSError(number, os.strerror(number))
        return real(descriptor, bytes(data)[:size])

    return _patched({"write": write_less})


def _patched(calls: Mapping[str, Callable[..., object]]) -> Fault:
    @contextmanager
    def fault(_path: Path) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(storage, "exchange", lambda _one, _other: False)  # so that the rename is met
            for name, call in calls.items():
                patch.setattr(os, name, call)
            yield

    return fault
