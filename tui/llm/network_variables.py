"""The environment variables of proxies and certificates: what is wrong with one, and what in them is secret.

Libraries read these while they build a client, and raise whatever their parsers raise, mostly without the variable's
name. So the variables are looked at one by one, by the rules that httpx applies to them.
"""

from __future__ import annotations

import importlib.util
import re
import ssl
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from traceback import walk_tb
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from tui.config.secret import Secret
from tui.llm.error_chain import chain
from tui.llm.events import StartFailed
from tui.text import visible

PROXIES: Final = ("ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY")
"""In lower case, too, which wins."""
CERTIFICATES: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "AWS_CA_BUNDLE")
_SCHEMES: Final = frozenset({"http", "https", "socks5", "socks5h"})
_SHOWN: Final = frozenset({"socks", "socks4", "socks4a", "ftp", "tcp", "ssh", "ws", "wss"})
"""Schemes that may be repeated; what else comes before "://" may be part of a password."""
_USERINFO: Final = re.compile(r"(?<=://)\S*@")
_BLANK: Final = re.compile(r"[\x00-\x20\x7f]")
_LAST_PORT: Final = 65_535
_CLIENTS: Final = frozenset({"httpx", "httpx2", "httpcore", "aiohttp", "requests", "urllib3", "botocore", "urllib"})
"""Libraries that read proxy variables."""
_TLS: Final = frozenset({"ssl.py", "_config.py", "ssl_.py"})
"""Files in which the libraries load certificates."""
_NOT_FOUND: Final = "TLS CA certificate"
"""What requests calls a bundle that it can't find."""
_AGAIN: Final = "then start this program again"


def to_blame(error: BaseException, env: Mapping[str, str]) -> StartFailed | None:
    """The variable that made a library raise this; None where the error has another cause."""
    files = [Path(frame.f_code.co_filename) for frame, _ in walk_tb(error.__traceback__)]
    if isinstance(error, OSError):  # ssl.SSLError is one
        loading = any(file.name in _TLS for file in files) or _NOT_FOUND in str(error)
        return (bad_certificates(env) or _no_certifi(error)) if loading else None
    if "socksio" in str(error) or "SOCKS" in str(error):
        return bad_proxy(env)
    from_client = any(part in _CLIENTS for file in files for part in file.parts)
    return bad_proxy(env) if isinstance(error, ValueError | _invalid_url()) and from_client else None


def blamed(error: BaseException, env: Mapping[str, str]) -> StartFailed | None:
    """`to_blame` for the error and those that led to it; libraries wrap them."""
    return next(filter(None, (to_blame(one, env) for one in chain(error))), None)


def bad_proxy(env: Mapping[str, str]) -> StartFailed | None:
    """What is wrong with the first proxy variable that can't be used."""
    for name, value in env.items():
        if name.upper() in PROXIES and value and (found := _proxy(name, value)):
            return found
        if name.upper() == "NO_PROXY" and (entry := _bad_entry(value)):
            happened = f"{name} has an entry that is no host: {visible(entry)}"
            advice = f"Correct or remove it (such as .example.com or 10.0.0.1), {_AGAIN}."
            return StartFailed(reason="proxy", happened=happened, advice=advice, name=name)
    return None


def bad_certificates(env: Mapping[str, str], names: tuple[str, ...] = CERTIFICATES) -> StartFailed | None:
    """What is wrong with the first of these variables that names no usable certificates."""
    for name in names:
        value = env.get(name, "")
        wrong = _wrong_with(value, folder=name.endswith("_DIR")) if value else ""
        if wrong:
            happened = f"{name} names {visible(value)}, {wrong}"
            advice = f"Point it at PEM certificates or unset it, {_AGAIN}."
            return StartFailed(reason="certificates", happened=happened, advice=advice, name=name)
    return None


def secrets(env: Mapping[str, str]) -> tuple[Secret, ...]:
    """Passwords, and user names with passwords, in the proxy variables."""
    found: list[str] = []
    for name, value in env.items():
        if name.upper() in PROXIES and "@" in value:
            userinfo = value.partition("://")[2] or value
            userinfo = userinfo.rpartition("@")[0]
            password = userinfo.partition(":")[2] or userinfo
            found += [userinfo, password, unquote(password)]
    return tuple(Secret(text) for text in dict.fromkeys(found) if text)


def without_userinfo(text: str) -> str:
    """The text without user names and passwords in addresses."""
    return _USERINFO.sub("••••@", text)


def _proxy(name: str, value: str) -> StartFailed | None:
    scheme, mark, _ = value.partition("://")
    url = _split(value if mark else f"http://{value}")
    lower = scheme.lower() if mark else "http"
    if lower not in _SCHEMES:
        what = f" starts with {lower}://, which is no" if lower in _SHOWN else " is no address of a"
        happened = f"{name}{what} proxy that this program can use"
        write = "socks5://HOST:PORT" if lower.startswith("socks") else "http://HOST:PORT"
        advice = f"Write it as {write} or unset it, {_AGAIN}."
        return StartFailed(reason="proxy", happened=happened, advice=advice, name=name)
    if url is None:
        advice = f"Write it as http://HOST:PORT or unset it, {_AGAIN}."
        return StartFailed(reason="proxy", happened=f"{name} is not an address", advice=advice, name=name)
    if lower.startswith("socks5") and importlib.util.find_spec("socksio") is None:
        happened = f"{name} names a SOCKS proxy, which needs the package socksio"
        advice = f"Install socksio beside this program, or unset {name}, {_AGAIN}."
        return StartFailed(reason="proxy", happened=happened, advice=advice, name=name)
    return None


def _split(text: str) -> SplitResult | None:
    """The parts of an address with a host; None if it is none."""
    try:
        url = urlsplit(text)
        good = bool(url.hostname) and (url.port is None or 0 <= url.port <= _LAST_PORT)
        if not good or _BLANK.search(text):
            return None
        (url.hostname or "").encode("idna" if not (url.hostname or "").isascii() else "ascii")
    except ValueError:  # a port or an IPv6 address that is none; UnicodeError is one as well
        return None
    return url if _httpx_takes(text) else None


def _httpx_takes(text: str) -> bool:
    """Whether the library that has the last word takes the address."""
    try:
        from httpx import URL, InvalidURL  # noqa: PLC0415  # it may be what can't be imported
    except Exception:  # noqa: BLE001  # for whatever reason
        return True
    try:
        URL(text)
    except InvalidURL:
        return False
    return True


def _bad_entry(value: str) -> str:
    """The first entry of NO_PROXY that no library could compare with a host."""
    entries = [entry.strip() for entry in value.split(",")]
    return "" if "*" in entries else next((entry for entry in entries if entry and not _is_pattern(entry)), "")


def _is_pattern(entry: str) -> bool:
    if "://" in entry:
        return _split(entry) is not None
    try:
        ip_address(entry.partition("/")[0])
    except ValueError:
        return _split(f"http://{entry.lstrip('*.') or 'x'}") is not None and "[" not in entry
    return True


def _wrong_with(value: str, *, folder: bool) -> str:
    """What is wrong with the certificates at a path: a clause that begins with "which"; "" if nothing is."""
    try:
        if folder:
            return "" if any(Path(value).iterdir()) else "which is empty"
        Path(value).open("rb").close()
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=value)
    except ssl.SSLError:
        return "which holds no certificates in PEM format"
    except OSError as error:
        known = next((words for kind, words in _FAULTS.items() if isinstance(error, kind)), "")
        return known or f"which can't be read ({error.strerror or type(error).__name__})"
    return ""


_FAULTS: Final[Mapping[type[OSError], str]] = {
    FileNotFoundError: "which does not exist",
    PermissionError: "which this user may not read",
    IsADirectoryError: "which is a folder",
    NotADirectoryError: "which is no folder, or in none",
}


def _no_certifi(error: OSError) -> StartFailed | None:
    """The certificates that come with this program, which are used where no variable names others."""
    if not isinstance(error, FileNotFoundError | PermissionError | ssl.SSLError):
        return None
    happened = "The certificates that come with the package certifi can't be read"
    advice = "Reinstall llm-backends, or point SSL_CERT_FILE at the system's certificates (a PEM file)."
    return StartFailed(reason="certificates", happened=happened, advice=advice, name="certifi")


def _invalid_url() -> type[Exception]:
    """The class of httpx, which is none of the builtin ones; without httpx nothing raises it."""
    try:
        from httpx import InvalidURL  # noqa: PLC0415  # it may be what can't be imported
    except Exception:  # noqa: BLE001  # for whatever reason
        return ValueError
    return InvalidURL
