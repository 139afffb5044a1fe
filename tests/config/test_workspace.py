"""The draft over the file: edits, undo, preview, reload."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.config.resolve import Set, Unset
from tui.config.schema import InvalidValueError, Value
from tui.config.secret import Secret
from tui.config.storage import Snapshot, StorageError, opened, read, write
from tui.config.toml import tables
from tui.config.toml.document import BadFileError, Document, EditRefusedError
from tui.config.workspace import NEW_FILE, Preview, Workspace

PATH = Path("config.toml")
RAW = b"""[core]

# The default
[llm]
model = "big"  # the big one
temperature = 1
#timeout = 0

[llm.cheap]
model = "small"
"""


def workspace(raw: bytes | None = RAW, profile: str | None = None, **env: str) -> Workspace:
    return Workspace(Snapshot(PATH, raw), env, profile)


def after(draft: Workspace) -> str:
    return draft.preview().after.decode()


def save(draft: Workspace) -> None:
    draft.saved(Snapshot(PATH, draft.preview().after))


def restored(draft: Workspace) -> bytes:
    step = draft.undo()
    assert isinstance(step, Preview)
    return step.after


def test_without_edits_a_save_would_change_nothing() -> None:
    draft = workspace()
    assert draft.unsaved == 0
    assert draft.preview() == Preview(Snapshot(PATH, RAW), RAW)
    assert draft.preview().diff() == []


def test_edits_show_at_once_and_in_the_preview() -> None:
    draft = workspace()
    draft.edit("model", "other")
    draft.edit("timeout", 5)
    assert (draft.unsaved, dict(draft.edits)) == (2, {"model": Set("other"), "timeout": Set(5)})
    assert str(draft.resolved()["model"].origin) == "edited"
    assert after(draft) == RAW.decode().replace('"big"', '"other"').replace("#timeout = 0", "timeout = 5")
    assert draft.preview().diff() == [
        "--- config.toml",
        "+++ config.toml",
        "@@ -3,7 +3,7 @@",
        " # The default",
        " [llm]",
        '-model = "big"  # the big one',
        '+model = "other"  # the big one',
        " temperature = 1",
        "-#timeout = 0",
        "+timeout = 5",
        " ",
        " [llm.cheap]",
    ]


def test_an_edit_to_what_the_file_holds_is_none() -> None:
    draft = workspace()
    draft.edit("model", "other")
    draft.edit("model", "big")
    draft.edit("temperature", 1.0)
    assert draft.unsaved == 0
    assert after(draft) == RAW.decode()


def test_a_value_that_does_not_fit_changes_nothing() -> None:
    draft = workspace()
    with pytest.raises(InvalidValueError):
        draft.edit("top_p", 2.0)
    assert draft.unsaved == 0
    assert draft.undo() is None


def test_a_good_value_replaces_a_bad_one_of_the_file() -> None:
    draft = workspace(b"[llm]\ntimeout = 'soon'\n")
    draft.edit("timeout", 5)
    assert after(draft) == "[llm]\ntimeout = 5\n"


def test_clear_takes_the_key_out_and_is_no_edit_where_there_is_none() -> None:
    draft = workspace()
    draft.clear("model")
    draft.clear("timeout")
    assert dict(draft.edits) == {"model": Unset()}
    assert draft.resolved()["model"].value != "big"
    assert after(draft) == RAW.decode().replace('model = "big"  # the big one\n', "")


def test_a_profile_has_edits_of_its_own_and_all_are_saved_together() -> None:
    draft = workspace()
    draft.edit("model", "bigger")
    draft.profile = "cheap"
    assert dict(draft.edits) == {}
    draft.edit("model", "smaller")
    draft.clear("timeout")
    assert draft.unsaved == 2
    assert draft.profiles == ("cheap",)
    assert after(draft) == RAW.decode().replace('"big"', '"bigger"').replace('"small"', '"smaller"')


def test_the_environment_shadows_the_default_table_only() -> None:
    draft = workspace(LLM_MODEL="from env")
    assert draft.resolved()["model"].value == "from env"
    draft.profile = "cheap"
    assert draft.resolved()["model"].value == "small"
    assert str(draft.resolved()["model"].origin) == "profile:10"


def test_undo_goes_back_step_by_step_across_tables() -> None:
    draft = workspace()
    draft.edit("model", "one")
    draft.edit("model", "two")
    draft.profile = "cheap"
    draft.clear("model")
    draft.profile = None
    assert draft.undo() == "model"
    assert draft.unsaved == 1
    assert draft.undo() == "model"
    assert draft.edits["model"] == Set("one")
    assert draft.undo() == "model"
    assert draft.unsaved == 0
    assert draft.undo() is None


def test_reverting_a_field_is_a_step_that_undo_takes_back() -> None:
    draft = workspace()
    draft.edit("model", "one")
    draft.revert("model")
    assert draft.unsaved == 0
    draft.undo()
    assert draft.edits["model"] == Set("one")


def test_undo_after_a_save_gives_the_old_bytes_as_often_as_it_is_asked() -> None:
    draft = workspace()
    draft.edit("model", "one")
    save(draft)
    assert draft.unsaved == 0
    assert restored(draft) == RAW
    assert restored(draft) == RAW
    draft.edit("model", "two")
    assert draft.undo() == "model"
    assert restored(draft) == RAW


def test_undoing_a_save_can_be_undone() -> None:
    draft = workspace()
    draft.edit("model", "one")
    changed = draft.preview().after
    save(draft)
    draft.saved(Snapshot(PATH, restored(draft)))
    assert draft.resolved()["model"].value == "big"
    assert restored(draft) == changed


def test_discarding_the_edits_leaves_the_undo_of_the_save() -> None:
    draft = workspace()
    draft.edit("model", "one")
    save(draft)
    draft.edit("model", "two")
    draft.discard()
    assert draft.unsaved == 0
    assert restored(draft) == RAW


def test_reloading_keeps_the_edits_on_top_of_the_newer_file() -> None:
    draft = workspace()
    draft.edit("model", "mine")
    newer = RAW.replace(b"temperature = 1", b"temperature = 2").replace(b'"big"', b'"theirs"')
    draft.reload(Snapshot(PATH, newer))
    assert after(draft) == newer.decode().replace('"theirs"', '"mine"')
    assert draft.undo() == "model"
    assert draft.resolved()["model"].value == "theirs"


def test_after_reloading_a_newer_file_undo_does_not_bring_back_one_that_lacks_it() -> None:
    draft = workspace()
    draft.edit("model", "one")
    save(draft)
    draft.reload(draft.snapshot)
    assert restored(draft) == RAW
    draft.reload(Snapshot(PATH, RAW + b"# theirs\n"))
    assert draft.undo() is None


def test_a_file_that_is_not_there_starts_with_core_and_llm() -> None:
    draft = workspace(None)
    draft.edit("model", "a/b")
    assert after(draft) == '[core]\n\n[llm]\nmodel = "a/b"\n'
    save(draft)
    assert draft.undo() is None
    assert NEW_FILE == b"[core]\n\n[llm]\n"


def test_a_bad_file_is_a_problem_to_show_and_is_not_written_over() -> None:
    draft = workspace(b"[llm]\nnative_tool_calling = None\n", LLM_MODEL="from env")
    problem = draft.problem
    assert isinstance(problem, BadFileError)
    assert problem.line == 2
    assert draft.profiles == ()
    assert draft.resolved()["model"].value == "from env"
    draft.edit("timeout", 5)
    with pytest.raises(BadFileError):
        draft.preview()
    draft.reload(Snapshot(PATH, b"[llm]\n"))
    assert draft.problem is None
    assert after(draft) == "[llm]\ntimeout = 5\n"


def test_a_file_that_could_not_be_read_is_a_problem_to_show_and_nothing_is_written_in_its_place(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.mkdir()
    draft = Workspace(opened(path), {})
    assert "is a directory" in str(draft.problem)
    draft.edit("timeout", 5)
    with pytest.raises(BadFileError, match="is a directory"):
        draft.preview()
    path.rmdir()
    with pytest.raises(StorageError, match="is a directory"):
        write(draft.snapshot, RAW)
    assert not path.exists()
    draft.reload(opened(path))
    assert after(draft) == "[core]\n\n[llm]\ntimeout = 5\n"


def test_an_edit_that_the_file_has_no_place_for_is_refused_by_the_preview() -> None:
    draft = workspace(b"llm = 3\n")
    draft.edit("model", "x")
    with pytest.raises(EditRefusedError):
        draft.preview()


def test_a_secret_is_written_to_the_file_and_shown_nowhere() -> None:
    draft = workspace()
    draft.edit("api_key", Secret("sk-canary"))
    assert b'api_key = "sk-canary"' in draft.preview().after
    shown = "\n".join(draft.preview().diff()) + repr(draft.edits) + repr(draft.resolved()["api_key"])
    assert "sk-canary" not in shown
    assert "+api_key = ••••••••" in shown


def test_a_save_through_the_disk_and_its_undo_give_the_same_bytes(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(RAW)
    draft = Workspace(read(path), {})
    draft.edit("model", "one")
    preview = draft.preview()
    draft.saved(write(preview.snapshot, preview.after))
    step = draft.undo()
    assert isinstance(step, Preview)
    draft.saved(write(step.snapshot, step.after))
    assert path.read_bytes() == RAW


_STEPS = st.lists(
    st.tuples(
        st.sampled_from((None, "cheap", "new")),
        st.sampled_from(("model", "timeout", "temperature")),
        st.sampled_from(("edit", "other", "clear", "revert")),
    ),
    max_size=12,
)
_VALUES: dict[str, tuple[Value, Value]] = {"model": ("big", "x"), "timeout": (1, 2), "temperature": (1.0, 0.5)}


@settings(max_examples=60, deadline=None)
@given(_STEPS)
def test_undoing_every_step_gives_the_file_without_edits(steps: list[tuple[str | None, str, str]]) -> None:
    draft = workspace()
    for draft.profile, name, step in steps:
        match step:
            case "clear":
                draft.clear(name)
            case "revert":
                draft.revert(name)
            case _:
                draft.edit(name, _VALUES[name][step == "other"])
    while draft.undo():
        pass
    assert draft.unsaved == 0
    assert draft.preview().after == RAW


def test_a_profile_inherits_what_is_edited_but_not_saved_in_the_default_table() -> None:
    draft = workspace()
    draft.edit("temperature", 0.5)
    draft.clear("model")
    draft.profile = "cheap"
    found = draft.resolved()
    assert (found["temperature"].value, str(found["temperature"].origin)) == (0.5, "inherited · edited")
    assert (found["temperature"].saved, str(found["temperature"].saved_origin)) == (1.0, "inherited · file:6")
    assert (found["model"].value, found["model"].beneath_origin.kind) == ("small", "default")


def test_a_field_of_a_profile_knows_what_it_would_inherit() -> None:
    draft = workspace(profile="cheap")
    found = draft.resolved()["model"]
    assert (found.in_profile, found.value, str(found.origin)) == (True, "small", "profile:10")
    assert (found.beneath, str(found.beneath_origin)) == ("big", "inherited · file:5")
    draft.clear("model")
    assert draft.resolved()["model"].value == "big"
    assert after(draft) == RAW.decode().replace('model = "small"\n', "")


def test_a_profile_that_goes_while_it_is_shown_gives_way_to_the_default_table() -> None:
    draft = workspace(profile="cheap")
    draft.saved(Snapshot(PATH, tables.delete(Document(RAW), ("llm", "cheap")).raw))
    assert draft.profile is None
    assert restored(draft) == RAW


def test_a_profile_with_edits_that_goes_on_the_disk_stays_and_a_save_makes_it_again() -> None:
    draft = workspace(profile="cheap")
    draft.edit("timeout", 9)
    draft.reload(Snapshot(PATH, b"[llm]\n"))
    assert draft.profile == "cheap"
    assert after(draft) == "[llm]\n\n[llm.cheap]\ntimeout = 9\n"
