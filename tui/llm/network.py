"""Failures without an answer, or without the end of one: name, connection, TLS, time."""

from __future__ import annotations

import os
import socket
import ssl
from typing import Final

import httpx
from msgspec.structs import replace

from tui.llm.certificate import names_a_fault, wrong_with
from tui.llm.error_chain import chain
from tui.llm.exchange import Exchange
from tui.llm.network_variables import bad_certificates
from tui.llm.problem import ADVANCED, Trouble
from tui.llm.request_context import Situation

_NOT_TLS: Final = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST", "UNEXPECTED_MESSAGE")
"""OpenSSL's reasons when the other side answers in plain text."""


def no_answer(error: httpx.HTTPError, exchange: Exchange, situation: Situation) -> Trouble:
    """What a transport's exception means; its detail is the whole chain of exceptions in words."""
    trouble = _by_cause(error, exchange, situation) or _by_kind(error, exchange, situation)
    if not situation.settings.base_url and trouble.field == "base_url":  # the provider's own address is not the mistake
        trouble = replace(trouble, advice="Check the network connection, then try again.", field="")
    return replace(trouble, detail=_words(error))


def too_slow(exchange: Exchange, situation: Situation) -> Trouble:
    """A timeout, ours or the transport's."""
    host, limits = exchange.host or "the server", exchange.limits
    if isinstance(exchange.error, (httpx.ConnectTimeout, httpx.PoolTimeout)):
        return _passing(f"No connection to {host} within {limits.connect_s:g} s", _check("and the network connection"))
    if exchange.error is not None:
        happened = f"{host} sent nothing for {limits.idle_s:g} s"
    else:
        happened = f"The answer of {host} took longer than {limits.total_s:g} s"
    verb = "raise" if situation.settings.timeout else "set"
    return _passing(happened, f"Try again, or {verb} timeout for a slow model {ADVANCED}.", field="timeout")


def _by_cause(error: httpx.HTTPError, exchange: Exchange, situation: Situation) -> Trouble | None:
    """By the operating system's and OpenSSL's exceptions, which say most."""
    host = exchange.host or "the server"
    for cause in chain(error):
        match cause:
            case ssl.SSLCertVerificationError():
                return _certificate(cause, host)
            case ssl.SSLError():
                return _tls(cause, host)
            case socket.gaierror():
                happened = f"The name {host.rpartition(':')[0] or host} could not be found"
                return _passing(happened, _check("and the network connection"))
            case ConnectionRefusedError():
                happened = f"Nothing answers at {host} (connection refused)"
                return _passing(happened, f"Start the server, or check base_url {ADVANCED}.")
            case httpx.TimeoutException():
                return too_slow(exchange, situation)
            case _:
                continue
    return None


def _by_kind(error: httpx.HTTPError, exchange: Exchange, situation: Situation) -> Trouble:
    host = exchange.host or "the server"
    if isinstance(error, httpx.ProxyError):
        return _passing("The proxy refused the connection", "Check the variables HTTPS_PROXY and NO_PROXY.", field="")
    if isinstance(error, (httpx.UnsupportedProtocol, httpx.LocalProtocolError)):
        advice = f"Check base_url {ADVANCED}, and the API key for blanks and line ends."
        happened = "The request could not be put on the wire"
        return Trouble(cause="settings", happened=happened, advice=advice, field="base_url")
    if isinstance(error, httpx.ConnectError):
        return _passing(f"No connection to {host}", _check("and the network connection"))
    advice = "Try again in a moment; if it stays so, check the server."
    return _passing(f"{host} closed the connection", advice, field="base_url" if situation.settings.base_url else "")


def _certificate(error: ssl.SSLCertVerificationError, host: str) -> Trouble:
    blamed = None if names_a_fault(error) else bad_certificates(os.environ, ("SSL_CERT_DIR",))
    if blamed is not None:  # OpenSSL takes any folder, and then trusts nobody
        return Trouble(cause="setup", happened=blamed.happened, advice=blamed.advice)
    wrong, advice = wrong_with(error)
    return Trouble(cause="network", happened=f"The certificate of {host} {wrong}", advice=advice, field="base_url")


def _tls(error: ssl.SSLError, host: str) -> Trouble:
    if error.reason in _NOT_TLS:
        happened, advice = f"{host} does not speak TLS", f"Write http:// instead of https:// in base_url {ADVANCED}."
    else:
        happened, advice = f"TLS with {host} failed", _check("and the server's TLS settings")
    return Trouble(cause="network", happened=happened, advice=advice, field="base_url")


def _passing(happened: str, advice: str, *, field: str = "base_url") -> Trouble:
    return Trouble(cause="network", happened=happened, advice=advice, field=field, may_pass=True)


def _check(more: str) -> str:
    return f"Check base_url {ADVANCED}, {more}."


def _words(error: BaseException) -> str:
    said = (str(one) for one in chain(error) if not isinstance(one, BaseExceptionGroup))
    return "; ".join(dict.fromkeys([type(error).__name__, *filter(None, said)]))
