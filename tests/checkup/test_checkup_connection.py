"""The stages before any request: names, proxies, certificates."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.certificates import DAY, NOW, Authority, Listener
from tui.checkup.stages import certificate, connection
from tui.checkup.stages.certificate import shake_hands
from tui.checkup.stages.connection import look_up, target_of
from tui.local.probe import free_port


class TestTarget:
    @pytest.mark.parametrize(
        ("origin", "host", "port", "shown", "is_address"),
        [
            ("https://api.example.com", "api.example.com", 443, "api.example.com", False),
            ("http://localhost:1234", "localhost", 1234, "localhost:1234", False),
            ("http://[::1]:8000", "::1", 8000, "[::1]:8000", True),
            ("https://[::1]", "::1", 443, "[::1]", True),
            ("http://127.0.0.1", "127.0.0.1", 80, "127.0.0.1", True),
        ],
    )
    def test_it_is_read_from_the_origin(
        self, origin: str, host: str, port: int, shown: str, *, is_address: bool
    ) -> None:
        target = target_of(origin, {})
        assert (target.host, target.port, target.shown, target.is_address) == (host, port, shown, is_address)

    @pytest.mark.parametrize(
        ("env", "proxy"),
        [
            ({}, ""),
            ({"HTTPS_PROXY": "http://p"}, "HTTPS_PROXY"),
            ({"https_proxy": "http://p", "HTTPS_PROXY": "http://q"}, "https_proxy"),
            ({"ALL_PROXY": "http://p"}, "ALL_PROXY"),
            ({"HTTP_PROXY": "http://p"}, ""),
            ({"HTTPS_PROXY": ""}, ""),
            ({"HTTPS_PROXY": "http://p", "NO_PROXY": "*"}, ""),
            ({"HTTPS_PROXY": "http://p", "NO_PROXY": "localhost, example.com"}, ""),
            ({"HTTPS_PROXY": "http://p", "NO_PROXY": ".example.com"}, ""),
            ({"HTTPS_PROXY": "http://p", "no_proxy": "ample.com"}, "HTTPS_PROXY"),
        ],
    )
    def test_the_variable_of_its_proxy_is_found(self, env: dict[str, str], proxy: str) -> None:
        assert target_of("https://api.example.com", env).proxy == proxy


class TestHost:
    async def test_an_address_needs_no_look_up(self) -> None:
        verdict = await look_up(target_of("http://127.0.0.1:1", {}))
        assert (verdict.outcome, "no name to look up" in verdict.reason) == ("pass", True)

    async def test_a_name_is_told_with_its_addresses(self) -> None:
        verdict = await look_up(target_of("http://localhost:1", {}))
        assert (verdict.outcome, "127.0.0.1" in verdict.reason or "::1" in verdict.reason) == ("pass", True)

    async def test_behind_a_proxy_this_machine_looks_nothing_up(self) -> None:
        verdict = await look_up(target_of("https://no.invalid", {"HTTPS_PROXY": "http://p"}))
        assert verdict.outcome == "skipped"
        assert "HTTPS_PROXY is set" in verdict.reason

    async def test_without_an_address_it_is_skipped(self) -> None:
        assert (await look_up(None)).outcome == (await shake_hands(None)).outcome == "skipped"

    async def test_a_name_that_does_not_exist_fails_by_name(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def unknown(*_: object, **__: object) -> None:
            raise socket.gaierror(-2, "Name or service not known")

        monkeypatch.setattr(socket, "getaddrinfo", unknown)
        verdict = await look_up(target_of("https://no.invalid", {}))
        assert (verdict.outcome, verdict.cause, verdict.field, verdict.ends) == ("fail", "network", "base_url", True)
        assert verdict.reason == "The name no.invalid could not be found."
        assert "base_url (Advanced, F3)" in verdict.next_step

    async def test_a_resolver_that_hangs_is_given_up_and_keeps_nobody_from_leaving(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        release = threading.Event()
        monkeypatch.setattr(connection, "LOOKUP_S", 0.1)
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: release.wait(20) and [])
        before = set(threading.enumerate())
        verdict = await look_up(target_of("https://slow.example", {}))
        assert "Nobody answered within 0.1 s" in verdict.reason
        assert [thread.daemon for thread in set(threading.enumerate()) - before] == [True]
        release.set()


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """Trusted by this process."""
    made = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.pem))
    return made


@pytest.fixture
def refused() -> int:
    return free_port()


BAD: list[tuple[Callable[[Authority], Path], str, str]] = [
    (lambda ca: ca.issue("127.0.0.1", start=NOW - 9 * DAY, end=NOW - DAY), "has expired", "has to renew it"),
    (lambda ca: ca.issue("127.0.0.1", start=NOW + DAY), "is not valid yet", "clock"),
    (lambda ca: ca.self_signed("127.0.0.1"), "is self-signed: nobody vouches for it", "SSL_CERT_FILE"),
    (lambda ca: ca.issue("other.example"), "is not for this IP address", "host's name instead of its address"),
]


class TestTLS:
    async def test_a_good_certificate_passes_and_is_told(self, authority: Authority) -> None:
        with Listener(authority.issue("127.0.0.1")) as server:
            verdict = await shake_hands(target_of(f"https://127.0.0.1:{server.port}", {}))
        assert verdict.outcome == "pass"
        date = time.strftime("%Y-%m-%d", time.gmtime((NOW + 90 * DAY).timestamp()))
        assert verdict.reason == f"TLS 1.3, certificate from Test Authority, valid until {date}."

    async def test_one_that_ends_soon_passes_with_a_warning(self, authority: Authority) -> None:
        with Listener(authority.issue("127.0.0.1", end=NOW + 3 * DAY)) as server:
            verdict = await shake_hands(target_of(f"https://127.0.0.1:{server.port}", {}))
        assert (verdict.outcome, "only 2 more days" in verdict.reason) == ("pass", True)

    @pytest.mark.parametrize(("make", "wrong", "next_step"), BAD)
    async def test_each_bad_certificate_has_its_own_sentence(
        self, authority: Authority, make: Callable[[Authority], Path], wrong: str, next_step: str
    ) -> None:
        with Listener(make(authority)) as server:
            verdict = await shake_hands(target_of(f"https://127.0.0.1:{server.port}", {}))
        assert (verdict.outcome, verdict.cause, verdict.ends) == ("fail", "network", True)
        assert verdict.reason == f"The certificate of 127.0.0.1:{server.port} {wrong}."
        assert next_step in verdict.next_step

    async def test_a_certificate_for_another_name(self, authority: Authority) -> None:
        with Listener(authority.issue("other.example")) as server:
            verdict = await shake_hands(target_of(f"https://localhost:{server.port}", {}))
        assert verdict.reason.endswith("is for another host name.")
        assert "the certificate has to name it" in verdict.next_step

    async def test_an_authority_that_nobody_knows(self, tmp_path: Path) -> None:
        with Listener(Authority(tmp_path).issue("127.0.0.1")) as server:
            verdict = await shake_hands(target_of(f"https://127.0.0.1:{server.port}", {}))
        assert "an authority that is not trusted here" in verdict.reason
        assert "SSL_CERT_FILE" in verdict.next_step

    async def test_http_on_an_https_port_is_told_as_such(self) -> None:
        with Listener(plain=b"HTTP/1.0 400 Bad Request\r\n\r\n") as server:
            verdict = await shake_hands(target_of(f"https://127.0.0.1:{server.port}", {}))
        assert verdict.reason == f"127.0.0.1:{server.port} speaks plain http, not TLS."
        assert "http:// instead of https://" in verdict.next_step

    async def test_a_closed_port(self, refused: int) -> None:
        verdict = await shake_hands(target_of(f"https://127.0.0.1:{refused}", {}))
        assert verdict.reason == f"Nothing answers at 127.0.0.1:{refused} (connection refused)."
        assert "Start the server" in verdict.next_step

    async def test_a_server_that_says_nothing_is_given_up(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(certificate, "CONNECT_S", 0.1)
        with Listener() as server:
            async with asyncio.timeout(30):
                verdict = await shake_hands(target_of(f"https://127.0.0.1:{server.port}", {}))
        assert "within 0.1 s" in verdict.reason

    @pytest.mark.parametrize(
        ("origin", "env", "words"),
        [
            ("http://127.0.0.1:1", {}, "Plain http"),
            ("https://127.0.0.1:1", {"HTTPS_PROXY": "http://p"}, "HTTPS_PROXY is set"),
        ],
    )
    async def test_where_there_is_nothing_to_check_it_is_skipped(
        self, origin: str, env: dict[str, str], words: str
    ) -> None:
        verdict = await shake_hands(target_of(origin, env))
        assert (verdict.outcome, words in verdict.reason) == ("skipped", True)
