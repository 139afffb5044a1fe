"""What commands that talk to a model are tested with."""

from __future__ import annotations

import pytest

from tests.cli.in_process import InProcess
from tui.cli import parts


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker's work is done in this process."""
    monkeypatch.setattr(parts, "Engine", InProcess)
