"""Unsaved edits on the disk: what is kept, whose they are, what is offered."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.config.made import TEXT
from tui.config.draft_file import KeptEdit, kept
from tui.config.recovery import DraftKeeper
from tui.config.resolve import Edit, Set, Unset
from tui.config.schema import FIELDS, Field, Kind, Value
from tui.config.secret import Secret
from tui.config.storage import Snapshot
from tui.config.workspace import Workspace

CANARY = "sk-canary-5f0e9b27c1d84a63"
EDITS = (KeptEdit(("llm",), "num_retries", 7), KeptEdit(("llm", "cheap"), "model", None))
SNAPSHOT = Snapshot(Path("config.toml"), b"[llm]\n")
TABLE = ("llm",)


def keeper(folder: Path, config: str = "config.toml", **options: object) -> DraftKeeper:
    return DraftKeeper(folder / config, folder / "drafts", **options)  # type: ignore[arg-type]  # a clock


def leave(folder: Path, config: str = "config.toml", edits: tuple[KeptEdit, ...] = EDITS) -> None:
    """What a session that was cut off leaves behind: its locks end with it."""
    one = keeper(folder, config)
    one.note(SNAPSHOT, edits, ("API Key",))
    one.write()
    one.close()


def is_left(folder: Path, config: str = "config.toml") -> bool:
    found = keeper(folder, config).left()
    if found is not None:
        found.release()
    return found is not None


def test_what_one_session_leaves_the_next_one_finds_once(tmp_path: Path) -> None:
    leave(tmp_path)
    found = keeper(tmp_path).left()
    assert found is not None
    assert (found.draft.edits, found.draft.not_kept) == (EDITS, ("API Key",))
    found.remove()
    assert keeper(tmp_path).left() is None
    assert list((tmp_path / "drafts").iterdir()) == []


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    leave(tmp_path)
    (path,) = (tmp_path / "drafts").iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_a_draft_that_is_saved_or_discarded_leaves_no_file(tmp_path: Path) -> None:
    one = keeper(tmp_path)
    one.note(SNAPSHOT, EDITS)
    one.write()
    one.note(SNAPSHOT, ())
    assert one.behind
    one.write()
    assert list((tmp_path / "drafts").iterdir()) == []


def test_the_draft_of_a_session_that_still_runs_is_nobody_elses(tmp_path: Path) -> None:
    running = keeper(tmp_path)
    for count in range(3):  # each write replaces the file, and the lock goes along
        running.note(SNAPSHOT, EDITS[: count % 2 + 1])
        running.write()
        assert keeper(tmp_path).left() is None
    running.close()
    assert is_left(tmp_path)


def test_a_draft_that_one_session_asks_about_is_not_offered_to_another(tmp_path: Path) -> None:
    leave(tmp_path)
    first = keeper(tmp_path).left()
    assert first is not None
    assert keeper(tmp_path).left() is None
    first.release()
    assert is_left(tmp_path)


def test_a_draft_belongs_to_one_file_by_whatever_path_it_is_reached(tmp_path: Path) -> None:
    leave(tmp_path, "one.toml")
    assert keeper(tmp_path, "two.toml").left() is None
    (tmp_path / "one.toml").touch()
    (tmp_path / "link.toml").symlink_to("one.toml")
    assert is_left(tmp_path, "link.toml")


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"\xff\xfe", b"[]", b'{"base":"","at_s":0,"edits":[{"table":["llm"],"name":"none","value":1}]}',
     b'{"base":"","at_s":0,"edits":[{"table":["llm"],"name":"top_p","value":"high"}]}'],
)  # fmt: skip
def test_a_damaged_draft_is_removed_and_counted(tmp_path: Path, raw: bytes) -> None:
    leave(tmp_path)
    (path,) = (tmp_path / "drafts").iterdir()
    path.write_bytes(raw)
    one = keeper(tmp_path)
    assert one.left() is None
    assert one.damaged == 1
    assert not path.exists()


def test_drafts_that_nobody_came_back_for_go_after_a_month(tmp_path: Path) -> None:
    leave(tmp_path, "other.toml")
    (path,) = (tmp_path / "drafts").iterdir()
    keeper(tmp_path).left()
    assert path.exists()
    keeper(tmp_path, clock=lambda: path.stat().st_mtime + 31 * 86_400).left()
    assert not path.exists()


def test_secrets_are_named_and_never_written(tmp_path: Path) -> None:
    workspace = Workspace(SNAPSHOT, {})
    workspace.edit("api_key", Secret(CANARY))
    workspace.edit("aws_secret_access_key", Secret(CANARY))
    workspace.edit("base_url", f"https://me:{CANARY}@host.example/v1")
    workspace.edit("timeout", 60)
    edits, secret = kept(workspace.all_edits)
    assert edits == (KeptEdit(TABLE, "timeout", 60),)
    assert secret == ("API Key", FIELDS["aws_secret_access_key"].title, "Base URL")
    leave(tmp_path, edits=edits)
    assert all(CANARY.encode() not in path.read_bytes() for path in (tmp_path / "drafts").iterdir())


def edits_of(field: Field) -> st.SearchStrategy[Edit]:
    fitting: Mapping[Kind, st.SearchStrategy[Value]] = {
        "text": TEXT,
        "integer": st.integers(1, 2**53),
        "number": st.floats(0, 1),
        "switch": st.booleans(),
        "choice": st.sampled_from(field.choices or ("",)),
    }
    return st.one_of(st.just(Unset()), fitting[field.kind].map(Set))


OPEN_FIELDS = {name: edits_of(field) for name, field in FIELDS.items() if not field.secret}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
@given(made=st.fixed_dictionaries({}, optional=OPEN_FIELDS))
def test_whatever_is_kept_comes_back_as_the_same_edits(tmp_path: Path, made: dict[str, Edit]) -> None:
    edits, secret = kept({TABLE: made})
    if edits:
        leave(tmp_path, edits=edits)
        found = keeper(tmp_path).left()
        assert found is not None
        assert found.draft.edits == edits
        found.remove()
    back = {entry.name: entry.edit for entry in edits}
    assert back == {name: edit for name, edit in made.items() if FIELDS[name].title not in secret}


def test_a_killed_process_leaves_its_draft_to_the_next(tmp_path: Path) -> None:
    program = """
import os, signal, sys
from pathlib import Path
from tui.config.draft_file import KeptEdit
from tui.config.recovery import DraftKeeper
from tui.config.storage import Snapshot
keeper = DraftKeeper(Path(sys.argv[1], "config.toml"), Path(sys.argv[1], "drafts"))
keeper.note(Snapshot(Path("x"), None), (KeptEdit(("llm",), "num_retries", 7),))
keeper.write()
os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], check=False, env=dict(os.environ), cwd=Path(__file__).parents[2]
    )
    assert done.returncode < 0
    found = keeper(tmp_path).left()
    assert found is not None
    assert found.draft.edits == EDITS[:1]
    found.release()


def adopted(raw: bytes, *edits: tuple[tuple[str, ...], str, Edit]) -> Workspace:
    workspace = Workspace(Snapshot(Path("config.toml"), raw), {})
    for table, name, edit in edits:
        workspace.adopt(table, name, edit)
    return workspace


@pytest.mark.parametrize("value", [7, 9])
def test_edits_of_before_go_on_top_of_the_file_as_it_is_now(value: Value) -> None:
    workspace = adopted(b"[llm]\nnum_retries = 9\n[llm.cheap]\nmodel = 'a'\n", (TABLE, "num_retries", Set(value)),
                        (("llm", "cheap"), "model", Unset()), (TABLE, "top_p", Unset()))  # fmt: skip
    assert workspace.profile is None
    expected: dict[tuple[str, ...], dict[str, Edit]] = {("llm", "cheap"): {"model": Unset()}}
    if value != 9:
        expected = {TABLE: {"num_retries": Set(value)}, **expected}
    assert workspace.all_edits == expected
    while workspace.undo():
        pass
    assert workspace.all_edits == {}
