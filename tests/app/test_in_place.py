"""A file that can't simply be replaced: the save asks and writes in place; one that was cut off is offered back."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from tests.app.fakes import CONFIG, Bench, running
from tui.config import in_place, storage

SIZES = pytest.mark.parametrize("size", [(80, 24), (60, 20)])


def no_rename(monkeypatch: pytest.MonkeyPatch) -> None:
    """As for a file that is mounted by itself."""

    def busy(_self: Path, _target: Path) -> None:
        raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))

    monkeypatch.setattr(storage, "exchange", lambda _one, _other: False)
    monkeypatch.setattr(storage, "is_mount_point", lambda _path: True)
    real = Path.replace
    monkeypatch.setattr(
        Path, "replace", lambda self, to: real(self, to) if Path(to).name.startswith(".") else busy(self, to)
    )


async def save(bench: Bench, value: str) -> None:
    await bench.replace("num_retries", value)
    await bench.press("ctrl+s")
    await bench.sees(f"+num_retries = {value}")
    await bench.press("enter")


@SIZES
async def test_a_mounted_file_is_written_in_place_after_one_question_and_undo_works_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    async with running(tmp_path / "config.toml", size=size) as bench:
        no_rename(monkeypatch)
        inode = bench.path.stat().st_ino
        await save(bench, "7")
        await bench.sees("Write in place?", "Write in place ", "esc back")
        assert bench.path.read_text() == CONFIG
        await bench.press("escape")
        await bench.until(lambda: len(bench.app.screen_stack) == 1)
        assert bench.path.read_text() == CONFIG
        assert bench.main.unsaved
        await bench.press("ctrl+s")
        await bench.sees("+num_retries = 7")
        await bench.press("enter")
        await bench.sees("Write in place?")
        await bench.press("enter")
        await bench.until(lambda: bench.path.read_text() == CONFIG.replace("retries = 4", "retries = 7"))
        await bench.until(lambda: len(bench.app.screen_stack) == 1)
        await bench.press("ctrl+z")
        await bench.sees("Undo the last save", "written in place")
        await bench.press("enter")
        await bench.until(lambda: bench.path.read_text() == CONFIG)
        assert bench.path.stat().st_ino == inode


@SIZES
@pytest.mark.parametrize("keys", [["enter"], ["right", "enter"]])
async def test_hard_links_are_kept_or_cut(tmp_path: Path, size: tuple[int, int], keys: list[str]) -> None:
    other = tmp_path / "other.toml"
    async with running(tmp_path / "config.toml", size=size) as bench:
        other.hardlink_to(bench.path)
        await save(bench, "7")
        await bench.sees("Write in place ", "Replace it", "hard links")
        await bench.press(*keys)
        await bench.until(lambda: "retries = 7" in bench.path.read_text())
        assert bench.path.samefile(other) == (len(keys) == 1)


@SIZES
@pytest.mark.parametrize("answer", ["restore", "keep", "later"])
async def test_a_save_that_was_cut_off_can_be_restored_at_the_next_start(
    tmp_path: Path, size: tuple[int, int], answer: str
) -> None:
    path = tmp_path / "config.toml"
    path.write_text(CONFIG)
    copy = in_place._kept(path, CONFIG.encode(), "0")
    async with running(path, config=CONFIG[:40], size=size) as bench:
        await bench.sees("A save of config.toml was cut off", "Restore", "Keep the file")
        await bench.press(*{"restore": ["enter"], "keep": ["right", "enter"], "later": ["escape"]}[answer])
        await bench.until(lambda: len(bench.app.screen_stack) == 1)
        if answer == "restore":
            await bench.until(lambda: path.read_text() == CONFIG)
            await bench.sees("claude-x")
        else:
            assert path.read_text() == CONFIG[:40]
        assert copy.exists() == (answer == "later")
