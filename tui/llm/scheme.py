"""http and https mixed up: told by the server's own words, or by a look at what the port speaks.

Many servers only hang up, or stay silent, when they are spoken to in the wrong one; an HTTP client then sees a lost
connection and nothing that could be put right.
"""

from __future__ import annotations

import socket
import ssl
from typing import Final

import httpx

from tui.llm.error_chain import chain
from tui.llm.exchange import Exchange, StrayRequestError
from tui.llm.problem import ADVANCED, Trouble
from tui.llm.protocol_probe import speaks_http, speaks_tls
from tui.llm.request_context import Situation

_HTTPS_WANTED: Final = (b"HTTP request was sent to HTTPS port", b"HTTP request to an HTTPS server", b"requires TLS")
_DROPPED: Final = (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError)
_OTHERWISE: Final = (socket.gaierror, ConnectionRefusedError, ssl.SSLCertVerificationError, StrayRequestError)
"""Failures of a connection that have another reason."""


async def look(exchange: Exchange, situation: Situation) -> None:
    """Note in `exchange` which of the two the port speaks, where its failure leaves that open; 1.5 s at most.

    Nothing of the request is sent again: one step of a handshake, or a question for the head of the first page. Where
    there is no base URL the scheme is nobody's mistake.
    """
    url, error = exchange.url, exchange.error
    if url is None or error is None or exchange.status is not None or not situation.settings.base_url:
        return
    if url.scheme == "http" and isinstance(error, _DROPPED):
        exchange.speaks = "https" if await speaks_tls(url.host, url.port or 80) else ""
    elif url.scheme == "https" and _shook_in_vain(error):
        exchange.speaks = "http" if await speaks_http(url.host, url.port or 443) else ""


def mixed_up(exchange: Exchange) -> Trouble | None:
    """What to change about the scheme; None if it is not known to be wrong."""
    if exchange.speaks == "https" or (exchange.status is not None and _wants_https(exchange)):
        happened = f"{exchange.host} speaks TLS, and base_url begins with http://"
        advice = f"Write https:// in base_url {ADVANCED}."
    elif exchange.speaks == "http":
        happened = f"{exchange.host} does not speak TLS"
        advice = f"Write http:// instead of https:// in base_url {ADVANCED}."
    else:
        return None
    return Trouble(cause="network", happened=happened, advice=advice, field="base_url", status=exchange.status)


def _wants_https(exchange: Exchange) -> bool:
    plain = exchange.url is not None and exchange.url.scheme == "http"
    return plain and any(words in exchange.body for words in _HTTPS_WANTED)


def _shook_in_vain(error: httpx.HTTPError) -> bool:
    """Whether a connection was there, as far as one can tell, but no TLS on it."""
    if not isinstance(error, httpx.ConnectTimeout | httpx.ConnectError):
        return False
    return not any(isinstance(cause, _OTHERWISE) for cause in chain(error))
