"""What commands that talk to a model are tested with."""

from __future__ import annotations

import pytest

from tests import light
from tests.cli.in_process import InProcess
from tui.cli import parts


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker's work is done in this process."""
    monkeypatch.setattr(parts, "Engine", InProcess)


@pytest.fixture
def light_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker is a process of its own, and loads no LiteLLM."""
    monkeypatch.setenv("PYTHONPATH", light.PATH)
