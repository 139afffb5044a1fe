"""Origins: one text for each place that a key can go to, and no text that two readers could read in two ways."""

from __future__ import annotations

import re
import subprocess
import sys

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.vault.places import BadURLError, Place, canonical_origin, is_loopback, is_plain_http

IS_NUMBER = re.compile(r"(.*\.)?([0-9]+|0x[0-9a-f]*)")
LABELS = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?", fullmatch=True)
NAMES = st.lists(LABELS, min_size=1, max_size=3).map(".".join).filter(lambda name: not IS_NUMBER.fullmatch(name))
HOSTS = NAMES | st.ip_addresses(v=4).map(str) | st.ip_addresses(v=6).map("[{}]".format)
SCHEMES = st.sampled_from(["http", "https"])
PORTS = st.none() | st.integers(1, 65_535)
PATHS = st.sampled_from(["", "/", "/v1", "/v1/?q=@#f", "?a=b@c", "#@"])


def url_of(scheme: str, host: str, port: int | None, path: str) -> str:
    return f"{scheme}://{host}{path}" if port is None else f"{scheme}://{host}:{port}{path}"


@given(SCHEMES, HOSTS, PORTS, PATHS)
def test_canonicalising_twice_is_canonicalising_once(scheme: str, host: str, port: int | None, path: str) -> None:
    origin = canonical_origin(url_of(scheme, host, port, path))
    assert canonical_origin(origin) == origin


@given(SCHEMES, HOSTS, PORTS, PATHS)
def test_case_and_path_make_no_difference(scheme: str, host: str, port: int | None, path: str) -> None:
    loud = url_of(scheme.upper(), host.upper(), port, path)
    assert canonical_origin(loud) == canonical_origin(url_of(scheme, host, port, ""))


@given(SCHEMES, NAMES, PORTS)
def test_a_trailing_dot_makes_no_difference(scheme: str, host: str, port: int | None) -> None:
    assert canonical_origin(url_of(scheme, f"{host}.", port, "")) == canonical_origin(url_of(scheme, host, port, ""))


@given(SCHEMES, HOSTS)
def test_the_scheme_s_own_port_makes_no_difference(scheme: str, host: str) -> None:
    port = {"http": 80, "https": 443}[scheme]
    assert canonical_origin(url_of(scheme, host, port, "")) == canonical_origin(url_of(scheme, host, None, ""))


@given(st.text(max_size=60) | st.tuples(SCHEMES, st.text(max_size=40)).map("://".join))
def test_any_text_gives_an_origin_or_a_bad_url_error(text: str) -> None:
    try:
        origin = canonical_origin(text)
    except BadURLError as error:
        assert "Enter" in str(error) or "Take it out" in str(error)  # noqa: PT017  # either outcome is fine
    else:
        assert canonical_origin(origin) == origin
        assert origin.isascii()


@given(st.tuples(SCHEMES, st.text(max_size=40)).map("://".join))
def test_the_http_client_goes_to_the_origin_that_was_checked(url: str) -> None:
    """Where both accept a URL they must agree on the host, or a key could be stored for one and sent to another."""
    try:
        origin, sent_to = canonical_origin(url), httpx.URL(url)
    except (BadURLError, httpx.InvalidURL):
        return
    assert canonical_origin(f"{sent_to.scheme}://{sent_to.netloc.decode()}") == origin


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("HTTPS://API.OpenAI.com.:443/v1", "https://api.openai.com"),
        ("http://localhost:11434/v1/", "http://localhost:11434"),
        ("https://h:443", "https://h"),
        ("http://h:443", "http://h:443"),
        ("https://h:", "https://h"),
        ("https://h:0443", "https://h"),
        ("http://my_proxy:4000", "http://my_proxy:4000"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("https://faß.de", "https://xn--fa-hia.de"),
        ("https://ＥＸＡＭＰＬＥ。com", "https://example.com"),  # noqa: RUF001  # full width
        ("https://аррӏе.com", "https://xn--80ak6aa92e.com"),  # noqa: RUF001  # Cyrillic
        ("http://[0:0:0:0:0:0:0:1]:80/v1", "http://[::1]"),
        ("http://[::FFFF:127.0.0.1]:8000", "http://[::ffff:127.0.0.1]:8000"),
        ("http://[::ffff:7f00:1]:8000", "http://[::ffff:127.0.0.1]:8000"),
        ("https://a.example?x@b.example", "https://a.example"),
        ("https://a.example#@b.example", "https://a.example"),
    ],
)
def test_an_origin_is_the_scheme_the_wire_s_host_and_a_port_of_its_own(url: str, origin: str) -> None:
    assert canonical_origin(url) == origin


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "https://"),
        ("api.openai.com/v1", "https://"),
        ("localhost:11434/v1", "http:// or https://"),
        ("https:/api.openai.com", "http:// or https://"),
        ("ftp://h", "other than http"),
        ("file:///etc/passwd", "other than http"),
        ("https://", "no host"),
        ("https://.", "no host"),
        ("https://user@h", "user name"),
        ("https://user:pass@h/v1", "user name"),
        ("https://@h", "user name"),
        ("https://api.openai.com:443@evil.example", "user name"),
        ("https://api.openai.com\\@evil.example", "backslash"),
        ("https://h/\\x", "backslash"),
        (" https://h", "space"),
        ("https://h ", "space"),
        ("https://h/\nx", "invisible"),
        ("https://a\u200bb.example", "invisible"),
        ("https://\u202eelpmaxe.com", "invisible"),
        ("https://h:0", "port"),
        ("https://h:65536", "port"),
        ("https://h:+80", "port"),
        ("https://h:４４３", "port"),  # noqa: RUF001  # full width
        ("https://a..b", "valid name"),
        ("https://-a.example", "valid name"),
        ("https://%61.example", "valid name"),
        ("https://a,b", "valid name"),
        (f"https://{'a' * 64}.example", "valid name"),
        (f"https://{'a.' * 130}example", "valid name"),
        ("https://x℀y.example", "xn--"),
        ("http://127.1", "four numbers"),
        ("http://2130706433", "four numbers"),
        ("http://0x7f.0.0.1", "four numbers"),
        ("http://0x7f000001", "four numbers"),
        ("http://127.0.0.01", "four numbers"),
        ("http://256.1.1.1", "four numbers"),
        ("http://[::1", "can't be read"),
        ("http://[::1]x", "can't be read"),
        ("http://::1", "can't be read"),
        ("http://[::g]", "IPv6"),
        ("http://[fe80::1%25eth0]", "zone"),
    ],
)
def test_what_is_no_plain_web_address_is_refused_with_the_next_step(url: str, says: str) -> None:
    with pytest.raises(BadURLError, match=says):
        canonical_origin(url)


def test_a_key_pasted_into_the_url_field_is_not_repeated_in_the_error() -> None:
    with pytest.raises(BadURLError) as caught:
        canonical_origin("sk-canary-0123456789")
    assert "canary" not in f"{caught.value!r}"


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:1234",
        "http://LOCALHOST.",
        "https://127.0.0.1",
        "http://127.255.1.2:80",
        "http://[::1]:8000",
        "http://[::ffff:127.0.0.1]",
    ],
)
def test_this_machine_is_loopback(url: str) -> None:
    assert is_loopback(canonical_origin(url))


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost.example",
        "http://evil-localhost",
        "http://127.0.0.1.nip.io",
        "http://0.0.0.0:8000",
        "http://192.168.1.1",
        "http://[::]",
        "http://[::ffff:8.8.8.8]",
        "http://host.docker.internal",
        "http://ip6-loopback",
    ],
)
def test_any_other_name_or_address_is_not_loopback(url: str) -> None:
    assert not is_loopback(canonical_origin(url))


def test_only_http_can_be_read_on_the_way() -> None:
    assert is_plain_http("http://h")
    assert not is_plain_http("https://h")


def test_a_place_reads_as_provider_and_host() -> None:
    assert str(Place("openai", "https://api.openai.com")) == "openai at api.openai.com"


def test_the_vault_imports_nothing_slow() -> None:
    slow = "{'asyncio', 'keyring', 'secretstorage', 'idna', 'platformdirs', 'httpx', 'urllib.request'}"
    code = f"import sys, tui.vault.vault, tui.vault.keyring_store; print({slow} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
