"""The built-in model, asked in the app as a newcomer does."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.opened import WITH_LITELLM, ask, descendants, gone, opened


@pytest.mark.real("llama.cpp")
def test_the_demo_answers_a_question_and_leaves_nothing_behind(built_in_model: Path, home: Path) -> None:
    models = home / ".cache" / "llm-backends" / "models"
    models.parent.mkdir(parents=True)
    models.symlink_to(built_in_model.parent)
    with opened("demo", env=WITH_LITELLM) as terminal:
        terminal.wait("smollm2-135m-instruct")
        ask(terminal, "What is the capital of France?")
        terminal.wait("to first token", "tok/s", within_s=60)
        assert "Paris" in terminal.text
        children = descendants(terminal.pid)
        assert len(children) >= 2
        terminal.press("ctrl+q")
        assert terminal.leave(within_s=5) == 0
        assert gone(children, within_s=30) == []


def test_the_demo_touches_no_file_of_the_user_and_no_variable_counts(home: Path) -> None:
    with opened("demo", env={"LLM_MODEL": "openai/o3", "TMPDIR": str(home)}) as terminal:
        terminal.wait("smollm2-135m-instruct")
        assert "openai/o3" not in terminal.text
        terminal.press("ctrl+q")
        assert terminal.leave(within_s=5) == 0
    assert not list(home.glob("llm-backends-demo*"))
