"""What one system lacks: it is imported nowhere without need, used only where it is there, and has a fallback.

macOS and Windows are simulated by taking away what they lack. Types are checked for both by `mypy --platform`.
"""

from __future__ import annotations

import ast
import asyncio
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, Final

import pytest
from click.testing import CliRunner

import tui
from tests.app.fakes import CONFIG, running
from tui.cli import exec as exec_command
from tui.cli.main import command
from tui.cli.plain.waits import interruptible
from tui.cli.running import run
from tui.cli.shutdown import Departure
from tui.config import disk
from tui.config.recovery import DraftKeeper
from tui.config.storage import read, write
from tui.config.toml.document import Document
from tui.engine import outlet, process, worker
from tui.engine.outlet import Outlet

ROOT: Final = Path(tui.__file__).parent
MODULES: Final = frozenset(
    """fcntl termios tty pty resource pwd grp readline curses syslog crypt spwd nis posix _posixsubprocess msvcrt winreg
    _winapi nt winsound""".split()  # noqa: SIM905  # a list of words reads better so
)
"""Of the standard library, not on every system."""
NAMES: Final[Mapping[str, frozenset[str]]] = {
    "os": frozenset(
        """O_CLOEXEC O_DIRECTORY O_NOFOLLOW O_NONBLOCK O_NOCTTY O_SYNC O_TMPFILE O_PATH O_BINARY chown chroot
        confstr copy_file_range ctermid eventfd fchdir fchmod fchown fdatasync fork forkpty fpathconf getegid geteuid
        getgid getgroups getloadavg getpgid getpgrp getpriority getresgid getresuid getsid getuid getxattr initgroups
        killpg lchmod lchown listxattr lockf login_tty major makedev memfd_create minor mkfifo mknod nice openpty
        pathconf pidfd_open pipe2 posix_fadvise posix_fallocate posix_spawn posix_spawnp pread preadv pwrite pwritev
        readv removexattr sched_getaffinity sched_setaffinity sched_yield sendfile setegid seteuid setgid setgroups
        setpgid setpriority setregid setresgid setresuid setreuid setsid setuid setxattr splice statvfs fstatvfs sync
        sysconf tcgetpgrp tcsetpgrp uname unshare wait wait3 wait4 waitid WEXITSTATUS WIFEXITED WIFSIGNALED WIFSTOPPED
        WNOHANG WTERMSIG writev startfile set_blocking get_blocking""".split()  # noqa: SIM905  # as above
    ),
    "signal": frozenset(
        """SIGALRM SIGBUS SIGCHLD SIGCONT SIGHUP SIGIO SIGKILL SIGPIPE SIGPOLL SIGPROF SIGQUIT SIGSTOP SIGTSTP SIGTTIN
        SIGTTOU SIGURG SIGUSR1 SIGUSR2 SIGVTALRM SIGWINCH SIGXCPU SIGXFSZ SIG_BLOCK SIG_SETMASK SIG_UNBLOCK alarm
        getitimer pause pthread_kill pthread_sigmask setitimer siginterrupt sigpending sigtimedwait sigwait
        sigwaitinfo CTRL_C_EVENT CTRL_BREAK_EVENT""".split()  # noqa: SIM905  # as above
    ),
    "select": frozenset("PIPE_BUF POLLERR POLLHUP POLLIN POLLOUT devpoll epoll kevent kqueue poll".split()),  # noqa: SIM905  # as above
    "socket": frozenset("AF_UNIX AF_NETLINK SO_REUSEPORT SO_EXCLUSIVEADDRUSE socketpair sethostname".split()),  # noqa: SIM905  # as above
    "time": frozenset("clock_gettime clock_settime pthread_getcpuclockid tzset".split()),  # noqa: SIM905  # as above
    "subprocess": frozenset("CREATE_NO_WINDOW CREATE_NEW_PROCESS_GROUP STARTUPINFO DETACHED_PROCESS".split()),  # noqa: SIM905  # as above
}
"""Of each module, what is not there on every system."""
GUARDED: Final = {
    "config.disk": {"fcntl", "os.statvfs"},
    "config.storage": {"os.fchown", "os.fchmod"},
    "engine.outlet": {"select.poll", "select.POLLOUT"},
    "engine.process": {"subprocess.CREATE_NO_WINDOW"},
    "engine.worker": {"os.nice"},
    "cli.shutdown": {"select.poll", "signal.SIGTTOU"},
    "terminal.line": {"signal.SIGSTOP", "signal.SIGTTOU", "os.tcgetpgrp", "os.getpgrp", "signal.pthread_kill"},
}
"""What is used of them all the same, where it is there; each has a test below."""
ON_LOOPS: Final = {"add_signal_handler", "remove_signal_handler", "add_reader", "add_writer", "connect_read_pipe"}
"""Methods that not every event loop has."""
ASKED: Final = {"cli.running", "cli.local", "cli.plain.waits"}
"""Modules that call one, and expect that it is not there."""


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(ROOT.rglob("*.py")):
        yield ".".join(path.relative_to(ROOT).with_suffix("").parts), ast.parse(path.read_text())


def used(tree: ast.Module) -> set[str]:
    """The modules and names that are not everywhere, whether imported or taken as an attribute."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names} & MODULES
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} & MODULES
            found |= {f"{node.module}.{alias.name}" for alias in node.names if alias.name in NAMES.get(node.module, ())}
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            name = node.value.id
            found |= {f"{name}.{node.attr}"} if node.attr in NAMES.get(name, ()) else set()
    return found


def test_what_is_not_on_every_system_is_used_only_where_its_absence_is_tested() -> None:
    """Another use needs a guard (`hasattr`, or `sys.platform`, which mypy knows), a fallback, and a test of that."""
    assert {name: found for name, tree in modules() if (found := used(tree))} == GUARDED


def test_methods_that_not_every_event_loop_has_are_called_only_where_that_is_expected() -> None:
    calling = {
        name
        for name, tree in modules()
        if any(isinstance(node, ast.Attribute) and node.attr in ON_LOOPS for node in ast.walk(tree))
    }
    assert calling == ASKED


IMPORTS: Final = """
import builtins, importlib, sys
missing, names = set(sys.argv[1].split()), sys.argv[2].split()
real = builtins.__import__

def without(name, globals=None, locals=None, fromlist=(), level=0):
    if not level and name in missing and (globals or {}).get("__name__", "").startswith("tui."):
        raise ImportError(f"no {name} on this system")
    return real(name, globals, locals, fromlist, level)

builtins.__import__ = without
for name in names:
    importlib.import_module(name)
import tui.config.disk
assert tui.config.disk.fcntl is None
print(len(names))
"""
"""Imports our modules where they, and no others, find none of what is missing."""


def test_every_module_can_be_imported_where_the_standard_library_lacks_some() -> None:
    slow = "llm.client"  # it imports LiteLLM, and nothing else that matters here
    names = [f"tui.{name}" for name, _ in modules() if not name.endswith("__") and name != slow]
    result = subprocess.run(
        [sys.executable, "-c", IMPORTS, " ".join(MODULES), " ".join(names)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert int(result.stdout) == len(names)


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that Windows lacks, as far as the product uses it."""
    monkeypatch.setattr(disk, "fcntl", None)
    monkeypatch.setattr(disk, "exchange", lambda _one, _other: False)
    for name in ("fchown", "fchmod", "nice", "O_DIRECTORY", "O_CLOEXEC", "O_NONBLOCK"):
        monkeypatch.delattr(os, name)
    monkeypatch.delattr(select, "poll")
    monkeypatch.delattr(select, "PIPE_BUF")


@pytest.mark.usefixtures("elsewhere")
def test_a_file_is_saved_without_locks_owners_and_exchange(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(CONFIG)
    snapshot = read(path)
    assert snapshot.raw is not None
    write(snapshot, Document(snapshot.raw).set(("llm",), "num_retries", 7).raw)
    assert path.read_text() == CONFIG.replace("num_retries = 4", "num_retries = 7")
    assert [entry.name for entry in tmp_path.iterdir()] == ["config.toml"]


@pytest.mark.usefixtures("elsewhere")
def test_a_directory_has_no_lock_there_and_a_save_goes_on(tmp_path: Path) -> None:
    with disk.directory_lock(tmp_path, 0) as held:
        assert not held
    disk.sync_directory(tmp_path)


def test_a_directory_is_locked_where_only_the_flag_for_directories_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "O_DIRECTORY")
    with disk.directory_lock(tmp_path, 0) as held:
        assert held


def test_a_directory_that_can_t_be_opened_at_all_is_as_good_as_synced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows opens no directories."""

    def refuse(*_: object) -> int:
        raise PermissionError

    monkeypatch.setattr(os, "open", refuse)
    disk.sync_directory(tmp_path)
    with disk.directory_lock(tmp_path, 0) as held:
        assert not held


@pytest.mark.usefixtures("elsewhere")
async def test_unsaved_edits_are_kept_in_the_app(tmp_path: Path) -> None:
    keeper = DraftKeeper(tmp_path / "config.toml", tmp_path / "drafts")
    async with running(tmp_path / "config.toml", drafts=keeper) as bench:
        await bench.replace("num_retries", "7")
        await bench.until(lambda: not keeper.behind)
        await bench.press("ctrl+s")
        await bench.sees("+num_retries = 7")
        await bench.press("enter")
        await bench.sees("Saved config.toml")
    keeper.close()


def test_lines_go_through_the_thread_where_a_pipe_can_t_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlet, "_AT_ONCE_BYTES", 0)
    monkeypatch.delattr(select, "poll")
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb", buffering=0) as source:
        way_out = Outlet(os.fdopen(writing, "wb", buffering=0))
        for number in range(3):
            way_out.put(b"%d\n" % number)
        came = b""
        while len(came) < len(b"0\n1\n2\n"):
            came += source.read(100)
    assert came == b"0\n1\n2\n"


@pytest.mark.parametrize(("system", "option"), [("win32", "creationflags"), ("linux", "start_new_session")])
def test_the_worker_is_out_of_the_terminal_s_reach_on_each_system(
    monkeypatch: pytest.MonkeyPatch, system: str, option: str
) -> None:
    monkeypatch.setattr(subprocess, "CREATE_NO_WINDOW", 0x08000000, raising=False)
    monkeypatch.setattr(sys, "platform", system)
    assert list(process._apart()) == [option]


def test_the_worker_starts_without_niceness(monkeypatch: pytest.MonkeyPatch) -> None:
    async def serve(_source: object, sink: BinaryIO, _started: float) -> None:
        sink.close()

    monkeypatch.delattr(os, "nice")
    monkeypatch.setattr(worker, "_serve", serve)
    monkeypatch.setattr(os, "dup2", lambda *_: None)
    monkeypatch.setattr(os, "dup", lambda _: os.open(os.devnull, os.O_WRONLY))
    monkeypatch.setattr(sys, "stdin", sys.__stdin__)
    worker.main()


@pytest.fixture
def _no_handlers(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise NotImplementedError

    for name in ("add_signal_handler", "remove_signal_handler"):
        monkeypatch.setattr(asyncio.SelectorEventLoop, name, refuse)


@pytest.mark.usefixtures("_no_handlers")
def test_commands_run_where_the_loop_takes_no_signals() -> None:
    async def work() -> str:
        return await interruptible(_done())

    async def _done() -> str:
        return "done"

    assert run(work()) == "done"


@pytest.mark.usefixtures("_no_handlers")
def test_a_local_model_is_served_where_the_loop_takes_no_signals(tmp_path: Path) -> None:
    """It gets as far as the file, which is not there."""
    result = CliRunner().invoke(command, ["local", "serve", str(tmp_path / "none.gguf")])
    assert not isinstance(result.exception, NotImplementedError)


async def test_the_app_can_be_left_where_there_is_no_hang_up_and_no_poll(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(select, "poll")
    async with running(tmp_path / "config.toml") as bench:
        before = {number: signal.getsignal(number) for number in (signal.SIGTERM,)}
        with Departure(bench.app, None):
            assert not [thread for thread in threading.enumerate() if thread.name == "line"]
            assert signal.getsignal(signal.SIGTERM) != before[signal.SIGTERM]
        signal.signal(signal.SIGTERM, before[signal.SIGTERM])


def test_exec_waits_for_the_command_where_a_process_can_t_become_another(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "name", "nt")
    with pytest.raises(SystemExit) as left:
        exec_command._replace_by((sys.executable, "-c", "print('ran'); raise SystemExit(7)"), dict(os.environ))
    assert left.value.code == 7
    assert capfd.readouterr().out == "ran\n"


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("import fcntl", {"fcntl"}),
        ("from termios import TCSANOW", {"termios"}),
        ("from os import fork, open", {"os.fork"}),
        ("def f():\n    import os\n    os.killpg(1, 2)", {"os.killpg"}),
        ("import signal\nsignal.signal(signal.SIGCONT, f)", {"signal.SIGCONT"}),
        ("getattr(os, 'O_DIRECTORY', 0)", set()),
    ],
)
def test_the_sweep_finds_each_kind_of_use(code: str, found: set[str]) -> None:
    assert used(ast.parse(code)) == found
