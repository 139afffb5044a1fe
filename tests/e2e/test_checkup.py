"""The check-up of the built-in model, as a newcomer runs it: it says in words what so small a model can't do."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.opened import WITH_LITELLM, opened
from tui.checkup.outcome import TITLES


@pytest.mark.real("llama.cpp")
@pytest.mark.timeout(240)
def test_the_built_in_model_honestly_fails_what_it_can_not_do(built_in_model: Path, home: Path) -> None:
    models = home / ".cache" / "llm-backends" / "models"
    models.parent.mkdir(parents=True)
    models.symlink_to(built_in_model.parent)
    with opened("demo", env=WITH_LITELLM, size=(100, 60)) as terminal:
        terminal.wait("smollm2-135m-instruct")
        terminal.press("f5")
        terminal.wait("short requests to", "on this machine")
        terminal.press("enter")
        terminal.wait("copies a summary", within_s=180)
        shown = " ".join(terminal.text.split())
        lines = terminal.text.splitlines()
        rows = {title: next(line for line in lines if f" {title} " in line) for title in TITLES.values()}
        for title in ("Settings complete", "Host resolves", "Model answers", "Streams"):
            assert " pass " in rows[title], terminal.text
        assert "skipped" in rows["TLS"]
        assert " fail " in rows["JSON"]
        assert " fail " in rows["Tool call"]
        assert "not supported" in rows["Vision"]
        assert "It will give malformed JSON in an agent, too." in shown
        assert "An agent can't work with that." in shown
        assert "image input is not supported" in shown
        terminal.press("ctrl+q")
        assert terminal.leave(within_s=5) == 0
