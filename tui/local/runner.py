"""The built-in model as the app and the command line use it: there when a request needs it, gone with the app."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Final, TypeAlias
from urllib.parse import urlsplit

from tui.config.schema import LLM
from tui.local.errors import ForeignServerError, LocalError, NotInstalledError, PortInUseError, ServerError
from tui.local.fetch import fetch
from tui.local.pinned import BUILT_IN, SMOLLM2
from tui.local.pip import Progress, how_to_install
from tui.local.probe import HOST, free_port, listener
from tui.local.process import LocalServer, Running

__all__ = ["BUILT_IN", "LocalError", "LocalModels", "LocalServer", "Running", "ServerError", "free_port"]

Fetch: TypeAlias = Callable[[Progress], Awaitable[Path]]

_LOADING_S: Final = 30.0
_POLL_S: Final = 0.1


class LocalModels:
    """Sees to it that the built-in model answers at the address the settings name."""

    BUILT_IN = BUILT_IN

    def __init__(self, server: LocalServer | None = None, fetch: Fetch = fetch) -> None:
        self._server = server or LocalServer()
        self._fetch = fetch
        self._port = 0
        self._busy = asyncio.Lock()

    def wants(self, settings: LLM) -> bool:
        """Whether the settings name the built-in model at a port of this machine."""
        return settings.model == BUILT_IN and _loopback_port(settings.base_url) is not None

    async def ensure(self, settings: LLM, progress: Progress) -> None:
        """Return when the built-in model answers at the settings' base URL; at once if they want something else.

        It is fetched if it is not on this machine, and served on that very port if nothing serves it there. One
        server runs at a time: another port ends the one before. Cancelling stops a fetch or a start.

        Args:
            settings: the effective settings.
            progress: while fetching, called with the bytes that came so far and the bytes in all.

        Raises:
            LocalError: one of its kinds; see `tui.local.errors`.
        """
        port = _loopback_port(settings.base_url)
        if settings.model != BUILT_IN or port is None:
            return
        async with self._busy:
            if not (self._server.alive and self._port == port):
                await self._serve(port, progress)

    async def close(self) -> None:
        """End the server if there is one, within 0.5 s."""
        await self._server.close()

    async def _serve(self, port: int, progress: Progress) -> None:
        if await _serves_it(port):
            return
        if find_spec("xllamacpp") is None:  # said before the model is fetched
            raise NotInstalledError(
                f"The built-in model needs llama.cpp, which is not installed. {how_to_install(os.environ)}"
            )
        gguf = await self._fetch(progress)
        try:
            await self._server.start(gguf, port)
            self._port = port
        except PortInUseError:
            if not await _serves_it(port):  # it does if another window of this app was faster
                raise


async def _serves_it(port: int) -> bool:
    """Whether the built-in model answers on the port; waits while it loads. Raises `ServerError` if others hold it."""
    try:
        async with asyncio.timeout(_LOADING_S):
            while (found := await listener(port)) and found.loading:  # noqa: ASYNC110  # another process can't set an event
                await asyncio.sleep(_POLL_S)
    except TimeoutError:
        raise ServerError(
            f"The server on port {port} has been loading its model for {_LOADING_S:g} s. "
            "Try again, or choose another port in Base URL."
        ) from None
    if found and SMOLLM2.served_as not in found.models:
        raise ForeignServerError(
            f"Another program listens on port {port} of {HOST}, and it does not serve {SMOLLM2.served_as}. "
            "Choose another port in Base URL, or end that program."
        )
    return found is not None


def _loopback_port(base_url: str | None) -> int | None:
    """The port of an `http` URL on this machine, if it names one."""
    try:
        url = urlsplit(base_url or "")
        here = url.scheme == "http" and url.hostname in (HOST, "localhost") and url.username is None
        port = url.port if here else None
    except ValueError:  # no valid port, or an unfinished [ of an IPv6 address
        return None
    return port or None
