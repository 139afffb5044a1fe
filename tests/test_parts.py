"""Tests of what a machine lacks are skipped by name, and fail where all parts are required."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import parts

ROOT = Path(__file__).parents[1]
FILE = """\
import pytest

@pytest.mark.real("tmux")
def test_in_tmux(): ...

@pytest.mark.real("Secret Service")
def test_with_a_keyring(): ...

@pytest.mark.real("bash")
def test_in_a_shell(): ...

@pytest.mark.real("telnet")
def test_with_a_part_that_nobody_knows(): ...

@pytest.mark.real
def test_with_no_part(): ...
"""


def ran(folder: Path, **env: str) -> dict[str, str]:
    """What became of each test of `FILE` on a machine that has a bash and no other part: the test's name to a line."""
    (folder / "bin").mkdir()
    (folder / "bin" / "bash").write_text("#!/bin/sh\n")
    (folder / "bin" / "bash").chmod(0o755)
    (folder / "test_it.py").write_text(FILE)
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-c", os.devnull, "--rootdir", ".", "-vrA", "."]
    done = subprocess.run(
        command,
        cwd=folder,
        env={"PATH": str(folder / "bin"), "HOME": str(folder), "PYTHONPATH": str(ROOT), "COLUMNS": "500", **env},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line.partition("::")[2] for line in done.stdout.splitlines() if line.startswith("test_it.py::")]
    return dict(line.split(maxsplit=1) for line in lines)


def test_a_test_whose_part_is_missing_is_skipped_and_the_reason_names_it(tmp_path: Path) -> None:
    became = ran(tmp_path)
    assert became["test_in_tmux"].startswith("SKIPPED (tmux is not installed)")
    assert became["test_with_a_keyring"].startswith("SKIPPED (dbus-daemon and gnome-keyring-daemon are not installed)")
    assert became["test_in_a_shell"].startswith("PASSED")


def test_a_test_whose_part_is_missing_fails_where_all_are_required(tmp_path: Path) -> None:
    became = ran(tmp_path, LLM_BACKENDS_REQUIRE_REAL="1")
    assert became["test_in_tmux"].startswith("ERROR")
    assert became["test_with_a_keyring"].startswith("ERROR")
    assert became["test_in_a_shell"].startswith("PASSED")


def test_a_mark_without_a_part_that_exists_is_a_mistake_and_never_a_skip(tmp_path: Path) -> None:
    became = ran(tmp_path)
    assert became["test_with_a_part_that_nobody_knows"].startswith("ERROR")
    assert became["test_with_no_part"].startswith("ERROR")


def test_a_server_is_found_where_servers_are_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.setattr(parts, "_SYSTEM", (str(tmp_path),))
    assert parts.absent("sshd") == "sshd and ssh and ssh-keygen are not installed"
    (tmp_path / "sshd").touch(mode=0o755)
    assert parts.absent("sshd") == "ssh and ssh-keygen are not installed"
    assert parts.program("sshd") == str(tmp_path / "sshd")


def test_the_packages_that_bring_what_is_missing_are_listed_once_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.setattr(parts, "_SYSTEM", ())
    assert parts.packages() == [
        "bash", "dbus", "fish", "gnome-keyring", "openssh-client", "openssh-server", "tmux", "util-linux", "zsh",
    ]  # fmt: skip
