"""Every test runs cut off from the user's home, keyring, environment and terminal."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import HealthCheck, settings

from tests import parts
from tests.fake_provider import FakeProvider

settings.register_profile("steady", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")  # else a busy machine fails a test for its speed

_KEEP = (
    "PATH",
    "LANG",
    "LC_ALL",
    "TMPDIR",
    "SYSTEMROOT",
    "PYTHONPATH",
    "SSL_CERT_FILE",
    "VIRTUAL_ENV",
    "LLM_BACKENDS_TEST_CACHE",
)
_PREFIXES = ("PYTEST_", "PIP_", "COVERAGE_")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip or fail a test whose parts of the system are missing, before any fixture starts one of them."""
    for mark in item.iter_markers("real"):
        if not mark.args or set(mark.args) - set(parts.PARTS):
            pytest.fail(f"`real` takes the names of parts: {', '.join(parts.PARTS)}", pytrace=False)
        for reason in filter(None, map(parts.absent, mark.args)):
            go_without(reason)


def pytest_collection_finish() -> None:
    """Take what importing LiteLLM and collecting made out of the garbage collector's sight: a fifth of a run's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def go_without(reason: str) -> NoReturn:
    """Skip the test, or fail it where every part is required."""
    if parts.REQUIRED:
        pytest.fail(f"LLM_BACKENDS_REQUIRE_REAL is set, and {reason}", pytrace=False)
    pytest.skip(reason)


@pytest.fixture(autouse=True)
def _cut_off(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home of its own, no session bus, no variable that a backend or a provider reads."""
    home = tmp_path_factory.mktemp("home")
    for name in list(os.environ):
        if name not in _KEEP and not name.startswith(_PREFIXES):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    for name, folder in (
        ("CONFIG", ".config"),
        ("DATA", ".local/share"),
        ("CACHE", ".cache"),
        ("STATE", ".local/state"),
    ):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / folder))
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
    monkeypatch.setenv("TERM", "xterm-256color")


@pytest.fixture
def home() -> Path:
    """The home directory of this test."""
    return Path(os.environ["HOME"])


@pytest.fixture
def server() -> Iterator[FakeProvider]:
    """A provider on loopback."""
    with FakeProvider() as fake:
        yield fake
