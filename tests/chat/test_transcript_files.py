"""Files of saved chats: for their owner alone, whole or not at all, never over another one unasked."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.chat.fakes import CANARY, settings
from tui.chat.conversation import Conversation, Turn
from tui.chat.transcript import NotATranscriptError, dump
from tui.chat.transcript_files import (
    AlreadyThereError,
    default_folder,
    named,
    new_path,
    newest_first,
    open_chat,
    save,
    typed_path,
)
from tui.config import temporary
from tui.config.errors import StorageError

NOON = datetime(2026, 11, 1, 14, 5, tzinfo=UTC)
TALK = Conversation((Turn(prompt="hi", reply="ho", status="done"),))
RAW = dump(TALK, settings(), NOON)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_a_chat_is_saved_for_its_owner_alone_in_a_folder_that_is_made(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        save(path := tmp_path / "a" / "b.md", RAW)
    finally:
        os.umask(before)
    assert mode(path) == 0o600
    assert mode(path.parent) == 0o700
    assert open_chat(path).conversation.turns == TALK.turns
    assert list(path.parent.iterdir()) == [path]


def test_no_file_is_replaced_before_somebody_says_so(tmp_path: Path) -> None:
    (path := tmp_path / "a.md").write_text("mine")
    path.chmod(0o644)
    with pytest.raises(AlreadyThereError, match="is already there"):
        save(path, RAW)
    assert path.read_text() == "mine"
    save(path, RAW, replace=True)
    assert path.read_bytes() == RAW
    assert mode(path) == 0o600


def test_a_link_to_a_chat_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.md").write_text("old")
    (link := tmp_path / "a.md").symlink_to("real.md")
    save(link, RAW, replace=True)
    assert link.is_symlink()
    assert (tmp_path / "real.md").read_bytes() == RAW


def test_a_save_that_fails_leaves_the_old_file_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (path := tmp_path / "a.md").write_text("old")

    def full(descriptor: int, raw: bytes) -> None:
        os.write(descriptor, raw[:5])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(temporary, "write_all", full)
    with pytest.raises(StorageError, match="the disk is full"):
        save(path, RAW, replace=True)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_name_tells_time_and_model_and_is_always_free(tmp_path: Path) -> None:
    path = new_path(tmp_path, "openrouter/meta/llama 3:free", NOON)
    assert path == tmp_path / "2026-11-01-1405-llama-3-free.md"
    path.touch()
    assert new_path(tmp_path, "openrouter/meta/llama 3:free", NOON).name == "2026-11-01-1405-llama-3-free-2.md"


@pytest.mark.parametrize("model", [f"openai/{CANARY}", "", "../..", "x/\x1b\n"])
def test_no_model_makes_a_bad_name_or_one_with_a_key(model: str, tmp_path: Path) -> None:
    path = new_path(tmp_path, model, NOON)
    assert path == tmp_path / "2026-11-01-1405-chat.md"


def test_a_typed_name_lies_in_the_folder_and_a_typed_path_where_it_says(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = default_folder()
    assert folder == home / ".local/share/llm-backends/transcripts"
    assert typed_path(" a.md ", folder) == folder / "a.md"
    assert typed_path("./a.md", folder) == tmp_path / "a.md"
    assert typed_path("x/a.md", folder) == tmp_path / "x" / "a.md"
    assert typed_path("~/a.md", folder) == home / "a.md"
    assert typed_path("/a.md", folder) == Path("/a.md")


def test_what_is_saved_in_the_folder_is_listed_there(tmp_path: Path) -> None:
    folder = tmp_path / "transcripts"
    assert named(folder / "gpt-4.1", folder) == folder / "gpt-4.1.md"
    assert named(folder / "a.md", folder) == folder / "a.md"
    assert named(tmp_path / "a.txt", folder) == tmp_path / "a.txt"
    assert named(tmp_path / "a", folder) == tmp_path / "a.md"


def test_the_newest_chats_come_first(tmp_path: Path) -> None:
    for name, when in (("a.md", 100), ("b.md", 300), ("c.md", 200), ("d.txt", 400)):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (when, when))
    assert [path.name for path in newest_first(tmp_path)] == ["b.md", "c.md", "a.md"]
    assert newest_first(tmp_path / "none") == []


def test_what_is_no_file_or_no_chat_is_told_and_never_waited_for(tmp_path: Path) -> None:
    if sys.platform != "win32":
        os.mkfifo(tmp_path / "pipe.md")
    (tmp_path / "notes.md").write_text("# Notes")
    with pytest.raises(StorageError, match="There is no file"):
        open_chat(tmp_path / "none.md")
    with pytest.raises(StorageError, match="is not a file"):
        open_chat(tmp_path / "pipe.md")
    with pytest.raises(StorageError, match="is not a file"):
        open_chat(tmp_path)
    with pytest.raises(NotATranscriptError, match="line 1"):
        open_chat(tmp_path / "notes.md")
