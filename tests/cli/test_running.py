"""How Ctrl+C ends the asynchronous part of a command."""

from __future__ import annotations

import asyncio
import signal
import sys
import threading
import time

import pytest

from tui.cli.exits import Exit
from tui.cli.running import run


def _interrupt_soon() -> None:
    """From another thread, so that the signal interrupts no system call of the main one: as if it came just before."""

    def interrupt() -> None:
        time.sleep(0.2)
        if sys.platform != "win32":
            signal.pthread_kill(threading.get_ident(), signal.SIGINT)

    threading.Thread(target=interrupt, daemon=True).start()


async def _waits() -> None:
    _interrupt_soon()
    await asyncio.sleep(60)


@pytest.mark.timeout(20)
def test_ctrl_c_wakes_a_loop_that_has_just_begun_to_wait() -> None:
    with pytest.raises(SystemExit) as left:
        run(_waits())
    assert left.value.code == Exit.INTERRUPTED


async def _gives() -> int:
    return 5


def test_what_the_work_gives_comes_back() -> None:
    assert run(_gives()) == 5
