"""Every test runs cut off from the user's home, keyring, environment and terminal."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fake_provider import FakeProvider

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
