"""An SSH server on loopback for one test run: Debian's sshd as an ordinary process, with keys of its own."""

from __future__ import annotations

import getpass
import os
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.parts import program

_START_S: Final = 10.0
_SETTINGS: Final = """\
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/user_key.pub
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin prohibit-password
PrintMotd no
PrintLastLog no
UseDNS no
"""


class SSHServer:
    """Where it is, and how to log in."""

    def __init__(self, folder: Path, port: int) -> None:
        self._folder = folder
        self._port = port

    def command(self, command: Sequence[str], env: Mapping[str, str], cwd: Path) -> list[str]:
        """The ssh command that runs `command` in a terminal over there; TERM is that of the terminal here."""
        options = {
            "IdentityFile": f"{self._folder}/user_key",
            "IdentitiesOnly": "yes",
            "IdentityAgent": "none",
            "UserKnownHostsFile": "/dev/null",
            "GlobalKnownHostsFile": "/dev/null",
            "StrictHostKeyChecking": "no",
            "LogLevel": "ERROR",
            "Port": str(self._port),
            "User": getpass.getuser(),
        }
        there = ["env", "-i", *(f"{name}={value}" for name, value in env.items())]
        line = f'cd {shlex.quote(str(cwd))} && exec {shlex.join(there)} TERM="$TERM" {shlex.join(command)}'
        flags = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
        return ["ssh", "-F", "none", "-tt", *flags, "127.0.0.1", line]


@contextmanager
def ssh_server(folder: Path) -> Iterator[SSHServer]:
    """The server, while the block runs; its files are in `folder`."""
    sshd = program("sshd")
    assert sshd is not None
    if sys.platform != "win32" and os.getuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # root's sshd locks its unprivileged half in there
    for name in ("host_key", "user_key"):
        make = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
        subprocess.run(make, check=True, stdin=subprocess.DEVNULL)
    port = _free_port()
    settings = folder / "sshd_config"
    settings.write_text(_SETTINGS.format(port=port, folder=folder), encoding="utf-8")
    log = folder / "sshd.log"
    with subprocess.Popen([sshd, "-D", "-f", str(settings), "-E", str(log)], stdin=subprocess.DEVNULL) as process:
        try:
            _wait_for(port, process, log)
            yield SSHServer(folder, port)
        finally:
            process.terminate()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + _START_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if process.poll() is not None or time.monotonic() > end:
                raise AssertionError(f"sshd did not start:\n{log.read_text(encoding='utf-8')}") from None
            time.sleep(0.02)
        else:
            return
