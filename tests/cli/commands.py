"""Every command of the program, with arguments to run it with, in circumstances that a shell can bring about.

As `python -m tests.cli.commands FOLDER` it runs all of them in all circumstances and prints what came of it as JSON.
Each runs in a fork, so that the imports are made once.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import click
import msgspec

from tui.cli import main
from tui.local.pinned import SMOLLM2, cache_folder

ARGUMENTS: Final[Mapping[str, Sequence[str]]] = {
    "": ["--plain"],
    "--help": ["--help"],
    "--version": ["--version"],
    "app": [],
    "demo": ["demo"],
    "get": ["get"],
    "set": ["set", "num_retries", "7"],
    "unset": ["unset", "model"],
    "check": ["check"],
    "ping": ["ping", "--json"],
    "models": ["models", "gpt-4o"],
    "usage": ["usage", "--json"],
    "keys list": ["keys", "list"],
    "keys set": ["keys", "set"],
    "keys delete": ["keys", "delete"],
    "keys revoke": ["keys", "revoke"],
    "keys move": ["keys", "move"],
    "export": ["export"],
    "import": ["import"],
    "exec": ["exec", "--", "true"],
    "schema": ["schema"],
    "completion": ["completion", "bash"],
    "local pull": ["local", "pull"],
    "local path": ["local", "path"],
    "local serve": ["local", "serve", "/nonexistent.gguf"],
}
"""By the command's name; the first ones are the program itself."""
PRINTING: Final = frozenset({
    "", "--help", "--version", "get", "set", "unset", "check", "ping", "models", "usage", "export", "import", "schema",
    "completion", "local pull", "local path",
})  # fmt: skip
"""Those that write to standard output here."""
CIRCUMSTANCES: Final = ("fine", "full", "closed", "unread", "no stderr", "full stderr", "no stdin", "nothing", "no cwd")
"""What each command meets; "unread" is a pipe whose reader has ended."""
FILE: Final = '[core]\n[llm]\nmodel = "openai/gpt-4o"\nnum_retries = 4\n'


class Outcome(msgspec.Struct, frozen=True):
    """What came of one run."""

    code: int
    out: str
    err: str


def leaves(group: click.Group | None = None, start: str = "") -> Iterator[str]:
    """The names of all commands, with those of their groups."""
    group = group or main.command
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from leaves(command, f"{start}{name} ")
        else:
            yield f"{start}{name}"


def outcome(arguments: Sequence[str], circumstance: str, folder: Path) -> Outcome:
    """Run the program on a fresh file in such a circumstance."""
    work = Path(tempfile.mkdtemp(dir=folder))
    path, out, err = work / "config.toml", work / "out", work / "err"
    path.write_text(FILE, "utf-8")
    (work / "in").write_text("show\n", "utf-8")
    (work / "here").mkdir()
    child = 0
    if sys.platform != "win32":
        child = os.fork()
    if not child:
        try:
            _arrange(circumstance, work)
            sys.argv = ["llm-backends", "--config", str(path), *arguments]
            _run()
        finally:
            os._exit(99)
    _, status = os.waitpid(child, 0)
    texts = (one.read_text("utf-8") if one.exists() else "" for one in (out, err))
    return Outcome(os.waitstatus_to_exitcode(status), *texts)


def _run() -> None:
    """The program's end as Python does it: what is left in the buffers is written, and a failure of that is told."""
    code: object = 0
    try:
        main.main()
    except SystemExit as left:
        code = left.code
    try:
        sys.stdout.flush()
    except Exception as error:  # noqa: BLE001  # as Python itself
        sys.stderr.write(f"Exception ignored: {type(error).__name__}\n")
        code = 120
    sys.stderr.flush()
    os._exit(int(code or 0) if isinstance(code, int | None) else 1)


def _arrange(circumstance: str, work: Path) -> None:
    """The streams as a shell would hand them over, and Python's own as it makes them of these."""
    streams: dict[int, tuple[str | Path, int] | None] = {
        0: (work / "in", os.O_RDONLY),
        1: (work / "out", os.O_WRONLY | os.O_CREAT),
        2: (work / "err", os.O_WRONLY | os.O_CREAT),
    }
    full = ("/dev/full", os.O_WRONLY)
    changed: Mapping[str, Mapping[int, tuple[str | Path, int] | None]] = {
        "full": {1: full},
        "closed": {1: None},
        "no stderr": {2: None},
        "full stderr": {2: full},
        "no stdin": {0: None},
        "nothing": {0: None, 1: None, 2: None},
    }
    streams.update(changed.get(circumstance, {}))
    for number, stream in streams.items():
        os.dup2(os.open(*(stream or full), 0o600), number)
    for number, stream in streams.items():
        if stream is None:
            os.close(number)
    if circumstance == "no cwd":
        os.chdir(work / "here")
        (work / "here").rmdir()
    if circumstance == "unread":
        reading, writing = os.pipe()
        os.close(reading)
        os.dup2(writing, 1)
    os.closerange(3, 64)
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        fake = None if streams[number] is None else open(number, mode, encoding="utf-8", closefd=False)  # noqa: SIM115  # to the end
        setattr(sys, name, fake)
        setattr(sys, f"__{name}__", fake)


def put_model() -> None:
    """A file that passes for the built-in model: it has the size, and a marker that says it was checked."""
    path = cache_folder() / SMOLLM2.file_name
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.truncate(SMOLLM2.size_bytes)
    facts = path.stat()
    path.with_name(f"{path.name}.checked").write_text(
        f"{SMOLLM2.sha256} {facts.st_size} {facts.st_mtime_ns}\n", "ascii"
    )


if __name__ == "__main__":
    put_model()
    list(leaves())
    done = {
        name: {one: msgspec.to_builtins(outcome(arguments, one, Path(sys.argv[1]))) for one in CIRCUMSTANCES}
        for name, arguments in ARGUMENTS.items()
    }
    print(json.dumps(done))  # noqa: T201  # the answer to the caller
