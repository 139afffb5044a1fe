"""Where a key belongs: a provider together with a canonical origin."""

from __future__ import annotations

import ipaddress
import re
from typing import Final

import msgspec

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_HOST: Final = re.compile(r"(?!-)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")
_LONGEST_HOST: Final = 253
_HIGHEST_PORT: Final = 65_535
_AUTHORITY: Final = re.compile(r"(?:\[(?P<ipv6>[^\[\]]*)\]|(?P<name>[^:@\[\]]*))(?::(?P<port>[0-9]{0,5}))?")
_EXAMPLE: Final = "such as https://api.example.com/v1"


class Place(msgspec.Struct, frozen=True, order=True):
    """The address under which a key is stored, and the only one it travels to."""

    provider: str
    """The provider as LiteLLM names it, such as `openai`."""
    origin: str
    """Canonical: lower-case scheme, IDNA host without a trailing dot, port where it is not the scheme's own."""

    def __str__(self) -> str:
        return f"{self.provider} at {shown_host(self.origin)}"


class BadURLError(ValueError):
    """The text is no URL that a key could be sent to; the message says why and what to enter.

    It never quotes the text: people paste keys into the wrong field.
    """


def canonical_origin(url: str) -> str:
    """`scheme://host[:port]` of a base URL.

    Stricter than the HTTP clients on purpose: whatever two of them could read in two ways is refused, so that the
    origin a key is stored under is the one it is sent to.

    Raises:
        BadURLError: no http or https scheme, no host, a bad port, or userinfo in it.
    """
    if any(char.isspace() or not char.isprintable() for char in url):
        raise BadURLError("The URL has a space or an invisible character in it. Take it out.")
    if "\\" in url:
        raise BadURLError(f"The URL has a backslash in it. Enter it with slashes, {_EXAMPLE}.")
    scheme, separator, rest = url.partition("://")
    if not separator:
        raise BadURLError(f"The URL has no http:// or https:// in front. Enter the whole address, {_EXAMPLE}.")
    if (scheme := scheme.lower()) not in _DEFAULT_PORTS:
        raise BadURLError(f"The URL starts with something other than http:// or https://. Enter one, {_EXAMPLE}.")
    host, port = _host_and_port(re.split("[/?#]", rest, maxsplit=1)[0])
    return f"{scheme}://{host}" if port in (None, _DEFAULT_PORTS[scheme]) else f"{scheme}://{host}:{port}"


def shown_host(origin: str) -> str:
    """The origin as a question shows it: host and port, as they go over the wire (`xn--…`, so no look-alikes)."""
    return origin.partition("://")[2]


def is_plain_http(origin: str) -> bool:
    """Whether what is sent there can be read on the way."""
    return origin.startswith("http://")


def is_loopback(origin: str) -> bool:
    """Whether what is sent there stays on this machine: `localhost`, 127.0.0.0/8 and [::1], and no other name."""
    parts = _AUTHORITY.fullmatch(shown_host(origin))
    if parts is None or parts["name"] == "localhost":
        return parts is not None
    try:
        address = ipaddress.ip_address(parts["name"] or parts["ipv6"])
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback


def _host_and_port(authority: str) -> tuple[str, int | None]:
    if "@" in authority:
        raise BadURLError(
            "The URL has a user name or password before the host. Take it out; a key goes into the API Key field."
        )
    parts = _AUTHORITY.fullmatch(authority)
    if parts is None:
        raise BadURLError(f"The URL's host or port can't be read. Enter it {_EXAMPLE}.")
    port = int(parts["port"]) if parts["port"] else None
    if port is not None and not 1 <= port <= _HIGHEST_PORT:
        raise BadURLError(
            f"The URL's port is not a number from 1 to {_HIGHEST_PORT}. Enter the one the server listens on."
        )
    return (_name(parts["name"]) if parts["ipv6"] is None else _ipv6(parts["ipv6"])), port


def _ipv6(text: str) -> str:
    try:
        address = ipaddress.IPv6Address(text)
    except ValueError:
        raise BadURLError("The URL's IPv6 address is not valid. Enter it such as http://[::1]:8000/v1.") from None
    if address.scope_id is not None:
        raise BadURLError("The URL's IPv6 address has a zone after a % sign. Enter the address without it.")
    # Python 3.13 began to print mapped addresses in another way; the stored form must not depend on that.
    return f"[::ffff:{address.ipv4_mapped}]" if address.ipv4_mapped else f"[{address.compressed}]"


def _name(text: str) -> str:
    host = (text.lower() if text.isascii() else _idna(text)).removesuffix(".")
    if not host:
        raise BadURLError(f"The URL has no host. Enter it {_EXAMPLE}.")
    if len(host) > _LONGEST_HOST or not _HOST.fullmatch(host):
        raise BadURLError(f"The URL's host is not a valid name. Enter it {_EXAMPLE}.")
    if _NUMBER.fullmatch(host.rpartition(".")[2]):
        return _ipv4(host)
    return host


def _ipv4(text: str) -> str:
    try:
        return str(ipaddress.IPv4Address(text))
    except ValueError:
        raise BadURLError(
            "The URL's IP address is not four numbers from 0 to 255. Enter it such as 127.0.0.1."
        ) from None


def _idna(text: str) -> str:
    """IDNA 2008 with UTS 46 mapping, as the HTTP clients do it; the standard library's codec sends `ß` elsewhere."""
    import idna  # noqa: PLC0415  # 20 ms, for the few hosts that need it

    try:
        return idna.encode(text, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        raise BadURLError("The URL's host has characters that no host name can have. Enter its xn-- form.") from None
