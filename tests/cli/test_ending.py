"""How the app ends: only a user who leaves gives unsaved edits up, and an end that nobody wanted is reported."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from tui.app import LLMBackendsApp
from tui.cli import run
from tui.config.draft_file import KeptEdit
from tui.config.folders import state_folder
from tui.config.storage import read
from tui.config.workspace import Workspace
from tui.providers.recent import Recent

REPORT = "ended by itself"
KEPT = "unsaved edits are kept"

End: TypeAlias = Callable[[LLMBackendsApp], Awaitable[None]]


async def _leaves(app: LLMBackendsApp) -> None:
    await app.action_quit()


async def _vanishes(_app: LLMBackendsApp) -> None:
    """As when a cancellation has reached the app's own message pump."""


async def _is_cancelled(_app: LLMBackendsApp) -> None:
    raise asyncio.CancelledError


async def _exits_unasked(app: LLMBackendsApp) -> None:
    app.exit()


async def _crashes(app: LLMBackendsApp) -> None:
    app.exit(return_code=1)


async def _is_terminated(app: LLMBackendsApp) -> None:
    app.exit(return_code=143)


@pytest.fixture
def ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[End, int], int]:
    """Runs an app with so many unsaved edits (0 or 1) to an end; gives its exit code."""

    def play(end: End, edits: int) -> int:
        class Ending(LLMBackendsApp):
            async def run_async(self, **_options: object) -> None:
                drafts = self.main._services.drafts
                assert drafts is not None
                drafts.note(self.main.workspace.snapshot, (KeptEdit(("llm",), "num_retries", 7),) * edits)
                await end(self)

        monkeypatch.setattr(run, "LLMBackendsApp", Ending)
        return run._to_its_end(Workspace(read(tmp_path / "config.toml"), {}), {}, Recent())

    return play


def drafts() -> list[Path]:
    return sorted((state_folder() / "drafts").glob("*.json"))


@pytest.mark.parametrize("end", [_vanishes, _is_cancelled, _exits_unasked])
def test_an_end_without_a_cause_is_an_error_that_keeps_the_edits(
    end: End, ends: Callable[[End, int], int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert ends(end, 1) == 1
    reported = capsys.readouterr().err
    assert REPORT in reported
    assert KEPT in reported
    (draft,) = drafts()
    assert b'"num_retries","value":7' in draft.read_bytes()


def test_an_end_without_a_cause_promises_nothing_if_there_were_no_edits(
    ends: Callable[[End, int], int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert ends(_vanishes, 0) == 1
    reported = capsys.readouterr().err
    assert REPORT in reported
    assert KEPT not in reported


@pytest.mark.parametrize(("end", "code"), [(_crashes, 1), (_is_terminated, 143)])
def test_a_crash_or_a_signal_keeps_the_edits_and_its_own_code(
    end: End, code: int, ends: Callable[[End, int], int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert ends(end, 1) == code
    assert REPORT not in capsys.readouterr().err
    assert len(drafts()) == 1


def test_a_user_who_leaves_gives_the_edits_up(
    ends: Callable[[End, int], int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert ends(_leaves, 1) == 0
    assert capsys.readouterr().err == ""
    assert drafts() == []
