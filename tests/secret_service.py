"""Real Secret Services for tests: a private bus, a gnome-keyring of its own, in the states that users meet.

    with secret_service("locked") as env:
        subprocess.run([...], env=env)

Needs the programs `dbus-daemon` and `gnome-keyring-daemon`; no desktop, and nothing of the user's own is touched.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final, Literal, TypeAlias

import secretstorage
from jeepney.bus_messages import message_bus  # type: ignore[import-untyped]  # it has no types
from jeepney.io.blocking import DBusConnection, Proxy, open_dbus_connection  # type: ignore[import-untyped]  # as above

ServiceState: TypeAlias = Literal[
    "unlocked",
    "locked",  # and nothing that could prompt
    "wrong password",  # the session was opened with another password than the keyring's
    "prompting",  # locked, with a prompt that nobody ever answers
    "never unlocked",  # the service runs, but has no keyring
    "never unlocked, prompting",  # the same, with a prompt that nobody ever answers
    "frozen",  # unlocked, but the service has stopped answering
    "no service",  # a bus with nothing on it
    "stale bus",  # the address of a bus that is gone
    "deaf bus",  # something accepts connections and never says a word
    "no bus",  # no address at all
]

PASSWORD: Final = "correct horse"
PROMPTER: Final = "org.gnome.keyring.SystemPrompter"
_SECRETS: Final = "org.freedesktop.secrets"
_UNIX: Final = socket.AddressFamily["AF_UNIX"]
_STARTS_S: Final = 10.0
_BUS_CONFIG: Final = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={socket}</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""
"""A bus that starts nothing by itself, whatever is installed."""


@contextmanager
def secret_service(state: ServiceState, env: Mapping[str, str] | None = None) -> Iterator[dict[str, str]]:
    """The environment for child processes that are to meet a keyring in this state; GNOME_KEYRING_PID is the service's.

    Args:
        state: how the keyring is.
        env: variables to pass on besides PATH; the home and the XDG directories are always fresh ones.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="keys")))
        address = f"unix:path={folder / 'bus'}"
        child_env = {"PATH": os.environ["PATH"], **(env or {}), **_home(folder), "DBUS_SESSION_BUS_ADDRESS": address}
        match state:
            case "no bus":
                del child_env["DBUS_SESSION_BUS_ADDRESS"]
            case "stale bus":
                pass
            case "deaf bus":
                ear = stack.enter_context(socket.socket(_UNIX))
                ear.bind(str(folder / "bus"))
                ear.listen()
            case _:
                bus = _start_bus(stack, folder, address)
                if state != "no service":
                    _start_keyring(stack, bus, child_env, state)
        yield child_env


def _home(folder: Path) -> dict[str, str]:
    names = {"HOME": "", "XDG_RUNTIME_DIR": "run"} | {
        f"XDG_{name}_HOME": name.lower() for name in ("CONFIG", "DATA", "CACHE", "STATE")
    }
    home = {name: folder / "home" / part for name, part in names.items()}
    for path in home.values():
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return {name: str(path) for name, path in home.items()}


def _start_bus(stack: ExitStack, folder: Path, address: str) -> DBusConnection:
    config = folder / "bus.conf"
    config.write_text(_BUS_CONFIG.format(socket=folder / "bus"))
    _start(stack, ["dbus-daemon", f"--config-file={config}", "--nofork", "--nopidfile"], {})
    _wait("the bus", lambda: _accepts(folder / "bus"))
    return stack.enter_context(open_dbus_connection(address))


def _accepts(path: Path) -> bool:
    with socket.socket(_UNIX) as knock:
        return knock.connect_ex(str(path)) == 0


def _start_keyring(stack: ExitStack, bus: DBusConnection, env: dict[str, str], state: ServiceState) -> None:
    unlocked = not state.startswith("never unlocked")
    command = ["gnome-keyring-daemon", "--foreground", "--components=secrets", *(["--unlock"] if unlocked else [])]
    keyring = _start(stack, command, env, PASSWORD if unlocked else "")
    proxy = Proxy(message_bus, bus)
    _wait("gnome-keyring", lambda: bool(proxy.NameHasOwner(_SECRETS)[0]))
    if unlocked:
        _wait("the keyring", lambda: _is_open(bus))
    if state == "wrong password":
        keyring.kill()
        keyring.wait()
        _wait("the end of gnome-keyring", lambda: not proxy.NameHasOwner(_SECRETS)[0])
        keyring = _start(stack, command, env, f"not {PASSWORD}")
        _wait("gnome-keyring", lambda: bool(proxy.NameHasOwner(_SECRETS)[0]))
    env["GNOME_KEYRING_PID"] = str(keyring.pid)
    if state in {"locked", "prompting"}:
        secretstorage.Collection(bus).lock()
    if state.endswith("prompting"):
        proxy.RequestName(PROMPTER)
    if sys.platform != "win32" and state == "frozen":
        keyring.send_signal(signal.SIGSTOP)


def _is_open(bus: DBusConnection) -> bool:
    try:
        return not secretstorage.Collection(bus).is_locked()
    except secretstorage.ItemNotFoundException:
        return False


def _start(stack: ExitStack, command: list[str], env: Mapping[str, str], stdin: str = "") -> subprocess.Popen[str]:
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={"PATH": os.environ["PATH"], **env},
        text=True,
    )
    stack.enter_context(process)
    stack.callback(process.kill)
    assert process.stdin is not None
    process.stdin.write(stdin)
    process.stdin.close()
    return process


def _wait(what: str, ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _STARTS_S
    while not ready():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not start within {_STARTS_S:g} s")
        time.sleep(0.005)
