"""The stage "TLS": a handshake with the same trusted certificates as the requests, and nothing sent after it."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from tui.checkup.outcome import Verdict, failed, passed, skipped
from tui.checkup.stages.connection import NO_TARGET, Target
from tui.llm.certificate import wrong_with
from tui.threads import aside

CONNECT_S: Final = 10.0
"""For connecting and shaking hands, each."""
_SOON_DAYS: Final = 14
_DAY_S: Final = 86_400
_BASE_URL: Final = "base_url (Advanced, F3)"
_PLAIN: Final = (
    "WRONG_VERSION_NUMBER",
    "RECORD_LAYER_FAILURE",
    "HTTP_REQUEST",
    "UNEXPECTED_MESSAGE",
    "PACKET_LENGTH_TOO_LONG",
)
"""OpenSSL's reasons when the other side answers in plain text."""


class Shaken(msgspec.Struct, frozen=True):
    """What a handshake found."""

    version: str
    certificate: Mapping[str, Any]
    """As `ssl.SSLSocket.getpeercert` gives it."""


async def shake_hands(target: Target | None) -> Verdict:
    """Connect and check the certificate; in a daemon thread, because looking up the name may hang."""
    if target is None:
        return skipped(NO_TARGET)
    if target.scheme == "http":
        return skipped("Plain http: there is no certificate to check, and what is sent can be read on its way.")
    if target.proxy:
        return skipped(
            f"{target.proxy} is set: the way to the host leads through a proxy; the first request will tell."
        )
    try:
        shaken = await aside(lambda: _shake(target), 3 * CONNECT_S)
    except OSError as error:  # ssl's exceptions and TimeoutError are kinds of it
        return _why(target, error)
    return passed(_told(shaken, time.time()))


def _why(target: Target, error: OSError) -> Verdict:
    match error:
        case ssl.SSLCertVerificationError():
            return _refused(target, error)
        case ssl.SSLError():
            return _no_tls(target, error)
        case TimeoutError():
            happened = f"No secure connection to {target.shown} within {CONNECT_S:g} s."
            return _failed(happened, f"Check {_BASE_URL}, and whether a firewall or a VPN is in the way.")
        case ConnectionRefusedError():
            next_step = f"Start the server, or check the port in {_BASE_URL}."
            return _failed(f"Nothing answers at {target.shown} (connection refused).", next_step)
        case _:
            next_step = f"Check {_BASE_URL} and the network connection."
            return _failed(f"No connection to {target.shown}.", next_step, str(error))


def _shake(target: Target) -> Shaken:
    from httpx import create_ssl_context  # noqa: PLC0415  # slow, and this thread has the time; what requests trust

    context = create_ssl_context()
    with (
        socket.create_connection((target.host, target.port), CONNECT_S) as plain,
        context.wrap_socket(plain, server_hostname=target.host) as secure,
    ):
        return Shaken(secure.version() or "TLS", secure.getpeercert() or {})


def _refused(target: Target, error: ssl.SSLCertVerificationError) -> Verdict:
    wrong, next_step = wrong_with(error)
    return _failed(f"The certificate of {target.shown} {wrong}.", next_step, error.verify_message)


def _no_tls(target: Target, error: ssl.SSLError) -> Verdict:
    if error.reason in _PLAIN:
        next_step = f"Write http:// instead of https:// in {_BASE_URL}, or use the server's https port."
        return _failed(f"{target.shown} speaks plain http, not TLS.", next_step, str(error))
    next_step = f"Check {_BASE_URL}, and the TLS settings of the server or of a proxy before it."
    return _failed(f"{target.shown} broke off the TLS handshake.", next_step, str(error))


def _failed(reason: str, next_step: str, detail: str = "") -> Verdict:
    return failed(reason, next_step, cause="network", field="base_url", detail=detail, ends=True)


def _told(shaken: Shaken, now_s: float) -> str:
    """The version, who vouches, until when; more clearly if that is soon."""
    certificate = shaken.certificate
    issuer = {key: value for part in certificate.get("issuer", ()) for key, value in part}
    name = issuer.get("organizationName") or issuer.get("commonName") or "its issuer"
    words = f"{shaken.version.replace('TLSv', 'TLS ')}, certificate from {name}"
    if not (until := certificate.get("notAfter")):
        return f"{words}."
    until_s = ssl.cert_time_to_seconds(until)
    date, days = time.strftime("%Y-%m-%d", time.gmtime(until_s)), int((until_s - now_s) / _DAY_S)
    soon = f": only {days} more {'day' if days == 1 else 'days'}" if days < _SOON_DAYS else ""
    return f"{words}, valid until {date}{soon}."
