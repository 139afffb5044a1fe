"""The worker's way out, over a real pipe that is read late."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import BinaryIO

import pytest

from tui.engine.outlet import Outlet

_LONG = b"x" * 200_000 + b"\n"


@pytest.fixture
def pipe() -> Iterator[tuple[BinaryIO, Outlet]]:
    """(where the app reads, the way out); what is left is read before the pipe is closed, or the process would end."""
    reads, writes = os.pipe()
    sink = os.fdopen(writes, "wb", buffering=0)
    with os.fdopen(reads, "rb", buffering=0) as source, sink:
        yield source, Outlet(sink)


def _read(source: BinaryIO, size: int) -> bytes:
    data = b""
    while len(data) < size and (part := source.read(size - len(data))):
        data += part
    return data


def test_a_line_is_in_the_pipe_when_put_returns(pipe: tuple[BinaryIO, Outlet]) -> None:
    """No thread has to get its turn first."""
    source, outlet = pipe
    if sys.platform != "win32":
        os.set_blocking(source.fileno(), False)
    outlet.put(b"first\n")
    assert source.read(100) == b"first\n"


def test_a_reader_that_sleeps_holds_nothing_up_and_gets_all_lines_in_order(pipe: tuple[BinaryIO, Outlet]) -> None:
    """The pipe takes 64 kB; the rest waits beside the loop."""
    source, outlet = pipe
    lines = [_LONG if number % 7 == 3 else b"%d\n" % number for number in range(50)]
    for line in lines:
        outlet.put(line)  # nobody reads yet: were this to wait for a reader, the test would hang
    sent = b"".join(lines)
    assert _read(source, len(sent)) == sent


def test_lines_go_out_at_once_again_after_the_reader_caught_up(pipe: tuple[BinaryIO, Outlet]) -> None:
    """A long answer costs only its own lines."""
    source, outlet = pipe
    outlet.put(_LONG)
    assert _read(source, len(_LONG)) == _LONG
    outlet.put(b"next\n")
    assert _read(source, 5) == b"next\n"
