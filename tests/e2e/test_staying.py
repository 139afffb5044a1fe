"""The app stays until its user leaves, and if it ever ends by itself, it says so and keeps the unsaved edits."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tests.e2e.opened import ROOT, app_env, config, edit_retries, opened
from tests.fake_provider import FakeProvider
from tests.reliability.long_chat import PACE_S, first_answer, quick_prompts
from tests.terminal import Terminal

PROMPTS = 60

FAULTY = """
import asyncio
from tui.app import LLMBackendsApp
async def cancel_everything(_app):
    for task in asyncio.all_tasks():
        task.cancel()
LLMBackendsApp.action_help = cancel_everything
from tui.cli.main import main
main()
"""
"""The app with a key, f1, that does what a cancellation on its way through the message pumps did."""


def drafts() -> list[Path]:
    return sorted((Path(os.environ["XDG_STATE_HOME"]) / "llm-backends" / "drafts").glob("*.json"))


def test_prompts_in_quick_succession_leave_app_and_draft_alone(tmp_path: Path) -> None:
    """The reliability harness plays 400 of them."""
    with FakeProvider() as server, opened("--config", str(config(tmp_path, server.base_url))) as terminal:
        edit_retries(terminal, "7")
        first_answer(terminal)
        assert quick_prompts(terminal, PROMPTS, PACE_S) == PROMPTS
        terminal.wait("1 unsaved")
        assert b'"num_retries","value":7' in drafts()[0].read_bytes()
        terminal.press("ctrl+q")
        terminal.wait("1 unsaved edit", "Discard and quit")
        terminal.press("ctrl+q")
        assert terminal.leave(within_s=15) == 0
    assert drafts() == []


def test_an_end_by_itself_is_an_error_and_keeps_the_draft(tmp_path: Path) -> None:
    path = config(tmp_path, "http://127.0.0.1:9/v1")
    command = [sys.executable, "-c", FAULTY, "--config", str(path)]
    with Terminal(command, env=app_env(), cwd=ROOT) as terminal:
        terminal.wait("LLM Model", within_s=30)
        edit_retries(terminal, "7")
        terminal.press("f1")
        assert terminal.leave(within_s=10) == 1
        assert b"llm-backends ended by itself" in terminal.raw
        assert b"unsaved edits are kept" in terminal.raw
        assert terminal.raw.count(b"\x1b[?1049l") == 1
    with opened("--config", str(path)) as terminal:
        terminal.wait("was not saved", "Retries: 7")
