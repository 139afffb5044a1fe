"""What is wrong with a certificate, by OpenSSL's verification code, and what to do about it."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import Final

from tui.llm.problem import ADVANCED

_TRUST: Final = "point SSL_CERT_FILE at its certificate (a PEM file) and start this program again"

# The codes are those of OpenSSL's x509_vfy.h.
_WORDS: Final[Mapping[int, tuple[str, str]]] = {
    9: ("is not valid yet", "Check this machine's clock; if it is right, the server's certificate has to be replaced."),
    10: ("has expired", "Its owner has to renew it. Check this machine's clock, too: a wrong date looks the same."),
    18: (
        "is self-signed: nobody vouches for it",
        f"If the server is yours, {_TRUST}; else don't send a key there.",
    ),
    19: (
        "is vouched for by an authority that nobody here knows",
        f"In a company network or with a server of your own, {_TRUST}.",
    ),
    20: (
        "comes from an authority that is not trusted here, or the server does not send the whole chain",
        f"If the server is yours, {_TRUST}; else its owner has to send the chain.",
    ),
    62: ("is for another host name", f"Check the host in base_url {ADVANCED}: the certificate has to name it."),
    64: ("is not for this IP address", f"Write the host's name instead of its address in base_url {ADVANCED}."),
}
_FAULTS: Final = frozenset({9, 10, 62, 64})


def wrong_with(error: ssl.SSLCertVerificationError) -> tuple[str, str]:
    """(what the certificate is or has, the next step): ("has expired", "Its owner has to renew it. …")."""
    unknown = f"is not trusted: {error.verify_message or 'it could not be verified'}"
    advice = f"If the server is yours, {_TRUST}; else check base_url {ADVANCED}."
    return _WORDS.get(error.verify_code, (unknown, advice))


def names_a_fault(error: ssl.SSLCertVerificationError) -> bool:
    """Whether the certificate itself is at fault, whoever is trusted here: its dates, or the host's name."""
    return error.verify_code in _FAULTS
