"""The small files of the user's data directory: private, replaced whole, and never a reason to fail."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vault.fakes import OPENAI, make_vault
from tui.vault.approvals import Approval, Approvals
from tui.vault.index import Index
from tui.vault.places import Place

GROQ = Place("groq", "https://api.groq.com")
STEPS = st.lists(st.tuples(st.booleans(), st.sampled_from([OPENAI, GROQ, Place("x", "http://[::1]:8000")])))


@given(STEPS)
def test_what_is_added_and_not_discarded_is_there_in_the_next_run(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[bool, Place]]
) -> None:
    folder, expected = tmp_path_factory.mktemp("data"), set[Place]()
    for adds, place in steps:
        if adds:
            Index(folder).add(place)
            expected.add(place)
        else:
            assert Index(folder).discard(place) == (place in expected)
            expected.discard(place)
    assert Index(folder).all() == tuple(sorted(expected))


def test_a_file_is_private_from_its_first_byte_and_leaves_no_draft(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    before = os.umask(0)
    try:
        Approvals(folder).add("env", OPENAI)
    finally:
        os.umask(before)
    (file,) = folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_without_a_folder_it_is_in_the_user_s_data_directory(home: Path) -> None:
    Approvals().add("env", OPENAI)
    assert (home / ".local/share/llm-backends/approvals.json").is_file()


@pytest.mark.parametrize("damage", [b"", b"{", b'{"a": 1}', b"\xff\xfe", b'[{"source": 1, "place": null}]', b"[1]"])
def test_a_damaged_file_is_set_aside_and_told(damage: bytes, tmp_path: Path) -> None:
    file = tmp_path / "approvals.json"
    file.write_bytes(damage)
    approvals = Approvals(tmp_path)
    assert approvals.all() == ()
    assert "approvals.json.bad" in approvals.problem
    assert (tmp_path / "approvals.json.bad").read_bytes() == damage
    approvals.add("env", OPENAI)
    assert Approvals(tmp_path).all() == (Approval("env", OPENAI),)


def test_where_nothing_can_be_written_an_answer_holds_for_this_run(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    approvals = Approvals(tmp_path / "file")
    approvals.add("env", OPENAI)
    assert approvals.holds("env", OPENAI)
    assert "can't be" in approvals.problem
    assert approvals.revoke(Approval("env", OPENAI))
    assert not approvals.holds("env", OPENAI)


async def test_the_vault_tells_the_problems_of_its_files(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text("{")
    vault = make_vault(tmp_path)
    assert vault.problem == ""
    assert await vault.places() == ()
    assert "keys.json" in vault.problem


def test_two_runs_that_are_open_at_once_see_each_other_s_answers(tmp_path: Path) -> None:
    one, other = Approvals(tmp_path), Approvals(tmp_path)
    one.add("env", OPENAI)
    other.add("env", GROQ)
    assert one.all() == other.all() == (Approval("env", GROQ), Approval("env", OPENAI))
