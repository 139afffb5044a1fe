"""What a port speaks, where an HTTP client sees only that it hangs up or stays silent: TLS, or plain HTTP."""

from __future__ import annotations

import asyncio
import ssl
from typing import Final

_BOUND_S: Final = 1.5
_BEGINNING: Final = 5
_ALERT_OR_HANDSHAKE: Final = (b"\x15\x03", b"\x16\x03")
"""How a TLS record begins: its type, then the major version."""


async def speaks_tls(host: str, port: int) -> bool:
    """Take the first step of a handshake and look at the first bytes of the answer; 1.5 s at most."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.wrap_bio(incoming, outgoing, server_hostname=host).do_handshake()
    except ssl.SSLWantReadError:
        hello = outgoing.read()
    return (await _answer(host, port, hello)).startswith(_ALERT_OR_HANDSHAKE)


async def speaks_http(host: str, port: int) -> bool:
    """Ask for the head of the first page, without a key, and look at the first bytes of the answer; 1.5 s at most."""
    head = f"HEAD / HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n"
    return (await _answer(host, port, head.encode())).startswith(b"HTTP/")


async def _answer(host: str, port: int, hello: bytes) -> bytes:
    """How the answer begins; b"" if there is none."""
    try:
        async with asyncio.timeout(_BOUND_S):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                writer.write(hello)
                return await reader.read(_BEGINNING)
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return b""
