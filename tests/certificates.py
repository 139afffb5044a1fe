"""TLS servers on loopback with certificates made for the test: good, expired, self-signed, for another host."""

from __future__ import annotations

import datetime as dt
import ipaddress
import socket
import ssl
import threading
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NOW: Final = dt.datetime.now(dt.UTC)
DAY: Final = dt.timedelta(days=1)
LOOPBACK: Final = "127.0.0.1"


class Authority:
    """Signs certificates; its own is a PEM file that can be trusted."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count(1)
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _named("Test Authority")
        made = _builder(self._name, self._name, self._key, NOW - DAY, NOW + 400 * DAY)
        self._certificate = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(
            self._key, hashes.SHA256()
        )
        self.pem = folder / "authority.pem"
        self.pem.write_bytes(self._certificate.public_bytes(serialization.Encoding.PEM))

    def issue(self, *hosts: str, start: dt.datetime = NOW - DAY, end: dt.datetime = NOW + 90 * DAY) -> Path:
        """A certificate for host names or addresses, with its key in the same file."""
        key = ec.generate_private_key(ec.SECP256R1())
        return self._write(_builder(_named(hosts[0]), self._name, key, start, end), hosts, key, self._key)

    def self_signed(self, host: str, *, end: dt.datetime = NOW + DAY) -> Path:
        """One that nobody vouches for."""
        key = ec.generate_private_key(ec.SECP256R1())
        return self._write(_builder(_named(host), _named(host), key, NOW - 9 * DAY, end), [host], key, key)

    def _write(
        self,
        made: x509.CertificateBuilder,
        hosts: tuple[str, ...] | list[str],
        key: ec.EllipticCurvePrivateKey,
        signer: ec.EllipticCurvePrivateKey,
    ) -> Path:
        names = x509.SubjectAlternativeName([_subject(host) for host in hosts])
        certificate = made.add_extension(names, critical=False).sign(signer, hashes.SHA256())
        path = self._folder / f"{next(self._numbers)}-{hosts[0]}.pem"
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
        return path


def _subject(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, start: dt.datetime, end: dt.datetime
) -> x509.CertificateBuilder:
    made = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    return made.serial_number(x509.random_serial_number()).not_valid_before(start).not_valid_after(end)


def context(certificate: Path) -> ssl.SSLContext:
    """What a server speaks TLS with."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(certificate)
    return made


class Listener:
    """Accepts connections on 127.0.0.1, shakes hands if it has a certificate, else says something in plain text."""

    def __init__(self, certificate: Path | None = None, plain: bytes | None = None) -> None:
        """With neither, it accepts and is silent."""
        self._context = None if certificate is None else context(certificate)
        self._plain = plain
        self._socket = socket.create_server((LOOPBACK, 0))
        self.port: int = self._socket.getsockname()[1]
        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()
        for client in self._open:
            client.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:  # closed
                return
            self._open.append(client)
            if self._plain is not None:
                client.sendall(self._plain)
            elif self._context is not None:
                self._shake(self._context, client)

    def _shake(self, context: ssl.SSLContext, client: socket.socket) -> None:
        try:
            self._open.append(context.wrap_socket(client, server_side=True))
        except OSError:  # the client does not trust it, which is what the test is about
            client.close()
