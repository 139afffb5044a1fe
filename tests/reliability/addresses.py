"""Point four, the addresses: what a hostile config can write as base_url, with where each of them truly leads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal, TypeAlias

import msgspec

EVIL: Final = "evil.example"

Leads: TypeAlias = Literal["home", "elsewhere", "plain", "loopback", "nowhere"]
"""To the origin of the key; to another over TLS; to any in plain text; to this machine; it has to be refused."""


class Address(msgspec.Struct, frozen=True):
    """A base URL, and the truth about it."""

    url: str
    leads: Leads
    hosts: tuple[str, ...] = ()
    """The name in the certificate of the server that it leads to."""
    same_host: bool = False
    """Whether the name is that of the key's own host, but not the scheme or port."""
    proper: bool = True
    """Whether a request that may go there arrives; LiteLLM makes a mess of a base URL with a query."""


def addresses(host: str) -> tuple[Address, ...]:
    """All of them, made for the host that the key belongs to."""
    return (*_home(host), *_elsewhere(host), *_plain(host), *_loopback(), *_nowhere(host))


def _home(host: str) -> Iterator[Address]:
    for url in (f"https://{host}/v1", f"https://{host.upper()}/v1", f"HTTPS://{host.title()}:443/v1"):
        yield Address(url, "home", (host,))
    yield Address(f"https://{host}./v1", "home", (host, f"{host}."))


def _elsewhere(host: str) -> Iterator[Address]:
    lookalike = host.replace("o", "\u043e", 1)
    named = (
        EVIL, EVIL.upper(), f"{EVIL}.", f"{host}.{EVIL}", f"{host}-{EVIL}", f"evil-{host}", f"{host}\u3002{EVIL}",
        lookalike, "xn--80ak6aa92e.com",
    )  # fmt: skip
    for name in named:
        yield Address(f"https://{name}/v1", "elsewhere", (_ascii(name), _ascii(name).removesuffix(".")))
    yield Address(f"https://{host}:8443/v1", "elsewhere", (host,), same_host=True)
    yield Address(f"https://{EVIL}/{host}/v1", "elsewhere", (EVIL,))
    yield Address(f"https://{EVIL}/@{host}/v1", "elsewhere", (EVIL,))
    yield Address(f"https://{EVIL}?https://{host}/", "elsewhere", (EVIL,), proper=False)
    yield Address(f"https://{EVIL}#@{host}/v1", "elsewhere", (EVIL,), proper=False)
    yield Address("https://203.0.113.9/v1", "elsewhere", ("203.0.113.9",))
    yield Address("https://[2001:db8::1]/v1", "elsewhere", ("2001:db8::1",))


def _plain(host: str) -> Iterator[Address]:
    for name in (host, f"{host}:443", EVIL, f"127.0.0.1.{EVIL}", f"localhost.{EVIL}", "127.0.0.1.nip.io", "0.0.0.0"):  # noqa: S104  # an address to send to
        yield Address(f"http://{name}/v1", "plain", same_host=name.startswith(host))


def _loopback() -> Iterator[Address]:
    for name in ("127.0.0.1:4000", "localhost:4000", "[::1]:4000", "127.9.9.9"):
        yield Address(f"http://{name}/v1", "loopback")


def _nowhere(host: str) -> Iterator[Address]:
    urls = (
        f"https://{host}@{EVIL}/v1", f"https://{host}:443@{EVIL}/v1", f"https://user:pw@{host}/v1",
        f"https://{EVIL}\\@{host}/v1", f"https://{host}\\.{EVIL}/v1", f"https:\\\\{EVIL}/v1", f"https:/{EVIL}/v1",
        f"https:{EVIL}/v1", f"//{EVIL}/v1", f"{EVIL}/v1", f"ftp://{host}/v1", f"file://{host}/v1", "https://", "https:///v1",
        f"https://{host}\t.{EVIL}/v1", f"https://{host} .{EVIL}/v1", f" https://{EVIL}/v1", f"https://{EVIL}/v1\n",
        f"https://{host}\u200b.{EVIL}/v1", f"https://{host}\u202e.{EVIL}/v1", f"https://{host}%2e{EVIL}/v1",
        f"https://{host}%00.{EVIL}/v1", f"https://{host}%40{EVIL}/v1", f"https://{host}:99999/v1", f"https://{host}:443:80/v1",
        f"https://{host}:-1/v1", f"https://{host}:0/v1", f"https://{host}:\u0664\u0664\u0663/v1", f"https://{host}..{EVIL}/v1",
        f"https://.{EVIL}/v1", f"https://-{EVIL}/v1", "https://2130706433/v1", "https://0x7f.1/v1", "https://127.1/v1",
        "https://017700000001/v1", f"https://[::1%25{EVIL}]/v1", "https://[::1/v1", f"https://[{host}]/v1",
        f"https://{host}\u2028.{EVIL}/v1", f"https://{'a' * 64}.example/v1", f"javascript://{host}/%0a",
    )  # fmt: skip
    return (Address(url, "nowhere") for url in urls)


def _ascii(name: str) -> str:
    return name.lower().replace("\u3002", ".").encode("idna").decode()
