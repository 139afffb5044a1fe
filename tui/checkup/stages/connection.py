"""Finds the host and its proxy: the stage "Host resolves", and what TLS needs to know."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Mapping
from typing import Final

import msgspec

from tui.checkup.outcome import Verdict, failed, passed, skipped
from tui.threads import StalledError, aside

LOOKUP_S: Final = 8.0
"""A resolver that is silent for so long has given up, or never started."""
_PORTS: Final = {"http": 80, "https": 443}
_SHOWN: Final = 2
NO_TARGET: Final = "The provider's own library works out the address; the first request will tell."


class Target(msgspec.Struct, frozen=True):
    """Where requests go."""

    scheme: str
    host: str
    """Without the brackets of an IPv6 address."""
    port: int
    proxy: str = ""
    """The variable that names a proxy for it; empty if they go straight there."""

    @property
    def is_address(self) -> bool:
        """Whether there is no name to look up."""
        try:
            ipaddress.ip_address(self.host)
        except ValueError:
            return False
        return True

    @property
    def shown(self) -> str:
        """Host, and port where it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


def target_of(origin: str, env: Mapping[str, str]) -> Target:
    """The target of a canonical origin."""
    scheme, _, rest = origin.partition("://")
    host, colon, port = rest.rpartition(":")
    if not colon or rest.endswith("]"):
        host, port = rest, ""
    return Target(scheme, host.strip("[]"), int(port or _PORTS[scheme]), _proxy_variable(scheme, host.strip("[]"), env))


def _proxy_variable(scheme: str, host: str, env: Mapping[str, str]) -> str:
    """The variable that the HTTP client takes a proxy for this host from; lower case goes first, as there."""
    names = (f"{scheme}_proxy", f"{scheme.upper()}_PROXY", "all_proxy", "ALL_PROXY")
    spared = (env.get("no_proxy") or env.get("NO_PROXY") or "").split(",")
    if any(_spares(entry.strip(), host) for entry in spared):
        return ""
    return next((name for name in names if env.get(name)), "")


def _spares(entry: str, host: str) -> bool:
    """Whether an entry of NO_PROXY holds for the host: all, the host itself, or a domain that it is in."""
    return entry == "*" or (bool(entry) and (host == entry or host.endswith("." + entry.lstrip("."))))


async def look_up(target: Target | None) -> Verdict:
    """Ask the system for the host's addresses; in a daemon thread, because a resolver may hang."""
    if target is None:
        return skipped(NO_TARGET)
    if target.proxy:
        return skipped(f"{target.proxy} is set: the proxy looks up {target.host}, not this machine.")
    if target.is_address:
        return passed(f"{target.host} is an address: there is no name to look up.")
    try:
        addresses = await aside(lambda: _addresses(target.host, target.port), LOOKUP_S)
    except StalledError:
        reason = f"Nobody answered within {LOOKUP_S:g} s when asked for the address of {target.host}."
        return _not_found(reason, "Check the network connection and its DNS server, or a VPN.")
    except (OSError, UnicodeError) as error:
        reason = f"The name {target.host} could not be found."
        next_step = "Check base_url (Advanced, F3) for a slip, and the network connection."
        return _not_found(reason, next_step, str(error))
    more = f" and {len(addresses) - _SHOWN} more" if len(addresses) > _SHOWN else ""
    return passed(f"{target.host} is {', '.join(addresses[:_SHOWN])}{more}.")


def _not_found(reason: str, next_step: str, detail: str = "") -> Verdict:
    return failed(reason, next_step, cause="network", field="base_url", detail=detail, ends=True)


def _addresses(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))
