"""Runs of `keyring_child`: real calls to a real keyring in a process of its own, with the time that each part took."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import msgspec
from jeepney.bus_messages import message_bus  # type: ignore[import-untyped]  # it has no types
from jeepney.io.blocking import Proxy, open_dbus_connection  # type: ignore[import-untyped]  # as above

from tests.vault.fakes import CANARY
from tests.vault.keyring_child import Report

ANSWER_S: Final = 3.5
"""How long a call may take."""
GAP_S: Final = 0.1
"""How long the event loop may stand still."""
EXIT_S: Final = 1.0
"""How long the process may take to end, whatever still hangs in it."""
_REPOSITORY: Final = Path(__file__).parents[2]


class Ran(msgspec.Struct, frozen=True):
    """How the calls of one process went."""

    reports: list[Report]
    exit_s: float
    """From the last report to the end of the process."""


def ran(env: Mapping[str, str], *calls: str, unlock_s: float = 10, meanwhile: Callable[[], None] | None = None) -> Ran:
    """Make the calls in a process of their own, and `meanwhile` something else."""
    command = [sys.executable, "-X", "dev", "-W", "error", "-m", "tests.vault.keyring_child", str(unlock_s), *calls]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=env, cwd=_REPOSITORY, text=True, stdin=pipe, stdout=pipe, stderr=pipe) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdin.write(CANARY)
        child.stdin.close()
        if meanwhile:
            meanwhile()
        lines = [child.stdout.readline() for _ in calls]
        reported = time.monotonic()
        errors = child.stderr.read()
        assert child.wait() == 0, errors
        exit_s = time.monotonic() - reported
    assert CANARY not in errors
    # asyncio's own note on a step that took 0.1 s says that the machine is busy; stalls are measured by the child
    assert not [line for line in errors.splitlines() if not line.startswith("Executing <")], errors
    assert CANARY not in "".join(lines)
    return Ran([msgspec.json.decode(line, type=Report) for line in lines], exit_s)


def kill_when_asked(env: Mapping[str, str]) -> None:
    """Kill the service once a connection has been on its bus for 0.2 s: that one waits for the answer."""
    with open_dbus_connection(env["DBUS_SESSION_BUS_ADDRESS"]) as bus:
        proxy = Proxy(message_bus, bus)
        ours, since = set(proxy.ListNames()[0]), dict[str, float]()
        while not any(time.monotonic() - seen > 0.2 for seen in since.values()):
            names = set(proxy.ListNames()[0]) - ours
            since = {name: since.get(name, time.monotonic()) for name in names}
        if sys.platform != "win32":
            os.kill(int(env["GNOME_KEYRING_PID"]), signal.SIGKILL)
