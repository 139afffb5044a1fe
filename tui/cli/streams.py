"""Standard input, output and error: each is open, and output that can't be written ends the command in one sentence.

A stream that the caller has closed (`>&-`) leaves its number to the next file that is opened, and what is printed would
go there: to config.toml, or to the socket of a request. So the number is taken before anything else is opened.
"""

from __future__ import annotations

import errno
import io
import os
import select
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_WORDS: Final[Mapping[int, str]] = {
    errno.ENOSPC: "its disk is full. Free some space, or send it elsewhere",
    errno.EDQUOT: "your share of its disk is used up. Free some space, or send it elsewhere",
    errno.EBADF: "standard output is closed. Open it, with >/dev/null for example",
    errno.EFBIG: "it would be larger than your limit for files. Raise that (ulimit -f), or send it elsewhere",
    errno.EIO: "the terminal is gone, or its disk reported a fault",
}


class OutputError(Exception):
    """What a command prints can't be written. No OSError, so that nobody takes it for an error of another file."""

    def __init__(self, error: OSError) -> None:
        super().__init__(error.errno)
        reason = _WORDS.get(error.errno or 0, error.strerror or "the system refused")
        self.message = f"the output can't be written: {reason}."
        self.nobody_reads = error.errno == errno.EPIPE
        """Whoever read it has ended, as `head` does when it has seen enough: nothing to complain about."""


@contextmanager
def after(done: str) -> Iterator[None]:
    """Output that fails here does not undo what was done before: the message says so, in a sentence."""
    try:
        yield
        sys.stdout.flush()
    except OutputError as error:
        error.message += f" {done}"
        raise


def open_all() -> None:
    """Open what the caller has closed, and have failures of standard output raise `OutputError`."""
    for number, flags in ((0, os.O_RDONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):  # so that a write to 1 still fails
        if not _is_open(number):
            _open_as(number, flags)
    if sys.stdin is None:
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115  # open to the end
    sys.stdout = _text(_Output(1), sys.stdout)
    sys.stderr = _text(_Errors(2), sys.stderr, errors="backslashreplace")


def abandon() -> None:
    """Nothing can be written any more: have the rest go nowhere, or Python complains of it when it ends."""
    with suppress(OSError):
        _open_as(1, os.O_WRONLY)


class _Output(io.FileIO):
    """Standard output, without a buffer."""

    def __init__(self, number: int) -> None:
        super().__init__(number, "w", closefd=False)

    def write(self, data: ReadableBuffer, /) -> int:
        """All or a part of it, as soon as the reader has room. Raises `OutputError`."""
        try:
            while (written := super().write(data)) is None:  # another process has set its end to not wait
                select.select([], [self], [])
        except OSError as error:
            raise OutputError(error) from error
        return written


class _Errors(_Output):
    """Standard error, without a buffer: what it does not take is lost, because there is nowhere to say so."""

    def write(self, data: ReadableBuffer, /) -> int:
        """All or a part of it."""
        try:
            return super().write(data)
        except OutputError:
            return memoryview(data).nbytes


def _text(raw: io.FileIO, like: TextIO | None, *, errors: str = "strict") -> io.TextIOWrapper:
    encoding = like.encoding if like is not None else "utf-8"
    errors = (like.errors if like is not None else None) or errors
    return io.TextIOWrapper(io.BufferedWriter(raw), encoding, errors, line_buffering=raw.isatty() or raw.fileno() == 2)  # noqa: PLR2004  # standard error


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def _open_as(number: int, flags: int) -> None:
    opened = os.open(os.devnull, flags)
    if opened == number:
        os.set_inheritable(number, True)  # noqa: FBT003  # its signature
    else:
        os.dup2(opened, number)
        os.close(opened)
