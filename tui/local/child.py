"""How this room starts and ends child processes: without keys, away from the terminal's signals, never left behind."""

from __future__ import annotations

import asyncio
import re
from asyncio import StreamReader
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping, Sequence
from typing import Final

from tui.config.lookup import directory_for_children

_SECRET_NAME: Final = re.compile(
    r"^(LLM|AWS)_|(^|_)(API_?KEYS?|KEYS?|TOKENS?|SECRETS?|PASSWORD|PASSWD|CREDENTIALS?)(_|$)",
    re.IGNORECASE,
)
_LINE_BYTES: Final = 1 << 20


def without_keys(env: Mapping[str, str]) -> dict[str, str]:
    """`env` without anything that looks like a key. pip's own variables and proxies stay: pip needs them."""
    return {name: value for name, value in env.items() if name.startswith("PIP_") or not _SECRET_NAME.search(name)}


async def spawn(command: Sequence[str], env: Mapping[str, str], *, with_stdin: bool = False) -> Process:
    """Start `command` with pipes, in a session of its own, so that Ctrl+C in the terminal does not reach it.

    Raises:
        OSError: the program can't be started.
    """
    return await asyncio.create_subprocess_exec(
        *command,
        stdin=PIPE if with_stdin else DEVNULL,
        stdout=PIPE,
        stderr=PIPE,
        env=dict(env),
        cwd=directory_for_children(),
        start_new_session=True,
        limit=_LINE_BYTES,
    )


def pipe(reader: StreamReader | None) -> StreamReader:
    """The pipe of a process that `spawn` started; asyncio's types leave open whether there is one."""
    if reader is None:
        raise ValueError("the process was started without this pipe")
    return reader


def end(process: Process) -> None:
    """Kill the process if it still runs."""
    if process.returncode is None:
        try:
            process.kill()
        except ProcessLookupError:  # it ended between the two lines
            return
