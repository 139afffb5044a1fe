"""Unsaved edits that a cut-off session left: offered at the next start, taken or forgotten by keys."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.fakes import CONFIG, Bench, running
from tests.config.test_recovery import leave
from tui.config.draft_file import KeptEdit
from tui.config.recovery import DraftKeeper
from tui.config.resolve import Set
from tui.config.secret import Secret
from tui.screens.dialog import Dialog

RETRIES = KeptEdit(("llm",), "num_retries", 7)
CHEAP = KeptEdit(("llm", "cheap"), "model", "openai/gpt-[/]")


@pytest.fixture
def keeper(tmp_path: Path) -> Iterator[DraftKeeper]:
    one = DraftKeeper(tmp_path / "config.toml", tmp_path / "drafts")
    yield one
    one.close()


def drafts(folder: Path) -> list[Path]:
    return sorted((folder / "drafts").glob("*.json"))


async def kept(bench: Bench) -> None:
    """Wait until the draft is on the disk."""
    keeper = bench.main._services.drafts
    assert keeper is not None
    await bench.until(lambda: not keeper.behind, "the draft on the disk")


async def test_an_edit_is_on_the_disk_soon_and_gone_after_the_save(tmp_path: Path, keeper: DraftKeeper) -> None:
    async with running(tmp_path / "config.toml", drafts=keeper) as bench:
        await bench.replace("num_retries", "7")
        await kept(bench)
        assert b'"num_retries","value":7' in drafts(tmp_path)[0].read_bytes()
        await bench.press("ctrl+s")
        await bench.sees("+num_retries = 7")
        await bench.press("enter")
        await bench.sees("Saved config.toml")
        await kept(bench)
        assert drafts(tmp_path) == []


async def test_a_typed_key_is_named_and_not_written(tmp_path: Path, keeper: DraftKeeper) -> None:
    async with running(tmp_path / "config.toml", drafts=keeper) as bench:
        bench.keys.hold({}, Secret("sk-canary"))
        await bench.replace("num_retries", "7")
        await kept(bench)
        raw = drafts(tmp_path)[0].read_bytes()
        assert b"sk-canary" not in raw
        assert b'"not_kept":["API Key"]' in raw


async def test_edits_that_were_left_are_shown_and_enter_takes_them(tmp_path: Path, keeper: DraftKeeper) -> None:
    leave(tmp_path, edits=(RETRIES, CHEAP))
    async with running(tmp_path / "config.toml", drafts=keeper) as bench:
        await bench.sees("2 edits from", "were not saved", "Retries: 7", "[llm.cheap] LLM Model: openai/gpt-[/]")
        await bench.sees("Not kept, because keys are not written down: API Key.", "The file was changed since")
        await bench.press("enter")
        await bench.sees("2 unsaved")
        assert bench.main.workspace.edits == {"num_retries": Set(7)}
        assert bench.path.read_text() == CONFIG
        await bench.until(lambda: len(drafts(tmp_path)) == 1)  # this session's own, with the same edits


async def test_forgetting_them_removes_them_for_good(tmp_path: Path, keeper: DraftKeeper) -> None:
    leave(tmp_path, edits=(RETRIES,))
    async with running(tmp_path / "config.toml", drafts=keeper) as bench:
        await bench.sees("1 edit from", "was not saved", "Take it", "Forget it")
        await bench.press("right", "enter")
        await bench.until(lambda: not drafts(tmp_path))
        assert not bench.main.unsaved


async def test_esc_leaves_them_for_the_next_start(tmp_path: Path, keeper: DraftKeeper) -> None:
    leave(tmp_path, edits=(RETRIES,))
    for _ in range(2):
        async with running(tmp_path / "config.toml", drafts=keeper) as bench:
            await bench.sees("was not saved")
            await bench.press("escape")
            await bench.until(lambda: not isinstance(bench.app.screen, Dialog))
            assert not bench.main.unsaved
    assert len(drafts(tmp_path)) == 1


async def test_a_damaged_draft_is_told_of_and_is_no_reason_not_to_start(tmp_path: Path, keeper: DraftKeeper) -> None:
    leave(tmp_path, edits=(RETRIES,))
    drafts(tmp_path)[0].write_bytes(b"\0")
    async with running(tmp_path / "config.toml", drafts=keeper) as bench:
        await bench.sees("Unsaved edits", "were damaged")
        assert drafts(tmp_path) == []


async def test_edits_wait_until_a_file_that_can_not_be_read_is_repaired(tmp_path: Path, keeper: DraftKeeper) -> None:
    leave(tmp_path, edits=(RETRIES,))
    async with running(tmp_path / "config.toml", drafts=keeper, config="[llm\n") as bench:
        await bench.sees("is not valid TOML")
        bench.path.write_text(CONFIG)
        bench.main.action_reload()
        await bench.sees("was not saved", "Retries: 7")


async def test_a_disk_that_refuses_is_told_of_once(
    tmp_path: Path, keeper: DraftKeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(keeper, "write", refuse)
    async with running(tmp_path / "config.toml", drafts=keeper) as bench:
        await bench.replace("num_retries", "7")
        await bench.sees("kept in case", "No space left")
        assert bench.main.workspace.edits == {"num_retries": Set(7)}
