"""Every command with streams that are full, closed or unread, and in a directory that was deleted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from tests.cli.commands import ARGUMENTS, PRINTING, Outcome, leaves
from tui.cli.exits import Exit

ROOT = Path(__file__).parents[2]
READING = ("", "keys set")
"""Those that do something else if they are told nothing on standard input."""
Outcomes = dict[str, dict[str, Outcome]]


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    """Each command in each circumstance, run once for all tests."""
    folder = tmp_path_factory.mktemp("commands")
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "LLM_TOP_P": "0.5",
        "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent",
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.cli.commands", str(folder)],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=True,
    )
    return msgspec.convert(json.loads(done.stdout), Outcomes)


def test_every_command_there_is_is_tried_here() -> None:
    assert set(leaves()) <= set(ARGUMENTS)


@pytest.mark.parametrize("name", ARGUMENTS)
def test_no_circumstance_is_a_mistake_of_the_program(outcomes: Outcomes, name: str) -> None:
    for circumstance, outcome in outcomes[name].items():
        told = (name, circumstance, outcome)
        assert "made a mistake" not in outcome.err, told
        assert "Traceback" not in outcome.err, told
        assert "Exception ignored" not in outcome.err, told
        assert outcome.code in set(Exit), told


@pytest.mark.parametrize("name", sorted(PRINTING))
def test_output_that_can_not_be_written_is_one_sentence_and_a_failure(outcomes: Outcomes, name: str) -> None:
    fine = outcomes[name]["fine"]
    assert fine.out, "it printed nothing, so this test showed nothing"
    for circumstance, words in (("full", "disk is full"), ("closed", "standard output is closed")):
        outcome = outcomes[name][circumstance]
        told = [line for line in outcome.err.splitlines() if "the output can't be written" in line]
        assert outcome.code == Exit.PROBLEM
        assert len(told) == 1
        assert words in told[0]
    assert outcomes[name]["unread"].code == Exit.PROBLEM
    assert "written" not in outcomes[name]["unread"].err


@pytest.mark.parametrize("name", ["set", "unset", "import"])
def test_a_change_that_was_saved_before_its_output_failed_is_told_to_be(outcomes: Outcomes, name: str) -> None:
    assert outcomes[name]["full"].err.endswith(" The file was saved.\n")


@pytest.mark.parametrize("name", sorted(set(ARGUMENTS) - PRINTING))
def test_a_command_that_prints_nothing_does_not_care(outcomes: Outcomes, name: str) -> None:
    fine = outcomes[name]["fine"]
    assert not fine.out
    for circumstance in ("full", "closed", "unread"):
        assert outcomes[name][circumstance] == fine, circumstance


@pytest.mark.parametrize("name", ARGUMENTS)
def test_without_the_other_streams_a_command_does_the_same(outcomes: Outcomes, name: str) -> None:
    fine = outcomes[name]["fine"]
    for circumstance in ("no stderr", "full stderr", *(() if name in READING else ("no stdin",))):
        outcome = outcomes[name][circumstance]
        assert (outcome.code, len(outcome.out)) == (fine.code, len(fine.out))  # the path of the file is another


@pytest.mark.parametrize("name", ARGUMENTS)
def test_with_the_whole_path_a_directory_that_is_gone_makes_no_difference(outcomes: Outcomes, name: str) -> None:
    fine, gone = outcomes[name]["fine"], outcomes[name]["no cwd"]
    assert gone.code == fine.code
    assert "current directory" not in gone.err


@pytest.mark.parametrize("args", [["get"], ["--config", "x.toml", "get"], ["set", "timeout", "9"], ["--plain"]])
def test_without_it_the_missing_directory_is_named(tmp_path: Path, args: list[str]) -> None:
    script = 'mkdir gone && cd gone && rmdir ../gone && exec "$@"'
    done = subprocess.run(
        ["sh", "-c", script, "-", sys.executable, "-P", "-m", "tui", *args],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert done.returncode == Exit.PROBLEM
    assert "the current directory was deleted" in done.stderr
    assert len(done.stderr.splitlines()) == 1
