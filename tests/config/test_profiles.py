"""Profiles: which names will do, who uses one, what renaming changes besides, what a list says."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.config.test_workspace import workspace
from tui.config.profiles import free_name, name_problem, not_there, overview, renamed
from tui.config.references import named_by, users
from tui.config.toml import tables
from tui.config.toml.document import Document, EditRefusedError

FILE = b"""\
[llm]
model = "big"
timeout = 5

[llm.cheap]
model = "small"
top_p = 0.5

[agent]
llm_config = 'cheap'  # saves

[agent.CodeActAgent]
llm_config = "judge"

[agent.RepoExplorerAgent]
llm_config = "cheap"
"""


@pytest.mark.parametrize("name", ["cheap-2", "long context", "grün", "a.b", "1", "Model", "🐍"])
def test_most_names_will_do(name: str) -> None:
    assert not name_problem(name, Document(FILE))


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "needs a name"), ("  ", "needs a name"), (" a", "blanks"), ("a\n", "blanks"), ("a\nb", "can't be seen"),
        ("a\x1b[31m", "can't be seen"), ("a\u202eb", "can't be seen"), ("\ud800", "can't be seen"),
        ('a"b', "OpenHands reads no name"), ("a\\b", "OpenHands reads no name"), ("model", "a field of [llm]"),
        ("top_k", "a field of [llm]"), ("llm", "[llm] itself"), ("llm.x", "[llm] itself"), ("default", "[llm] itself"),
        ("cheap", "has cheap already"),
    ],
)  # fmt: skip
def test_a_name_that_will_not_do_is_refused_with_the_reason(name: str, reason: str) -> None:
    assert reason in name_problem(name, Document(FILE))


@given(st.text(st.characters(), max_size=8))
def test_every_name_that_will_do_can_be_written_and_read_back(name: str) -> None:
    if not name_problem(name, Document(FILE)):
        assert tables.create(Document(FILE), ("llm", name)).profiles() == ("cheap", name)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=8))
def test_a_copy_always_gets_a_name_that_will_do(name: str) -> None:
    with contextlib.suppress(EditRefusedError):
        document = tables.create(Document(FILE), ("llm", name))
        assert not name_problem(free_name(name, document), document)


def test_the_name_of_a_copy_counts_on() -> None:
    document = tables.create(Document(FILE), ("llm", "cheap-2"))
    assert free_name("cheap", document) == "cheap-3"


def test_users_are_the_tables_the_variable_and_openhands_itself() -> None:
    values = Document(FILE).values
    assert named_by(values, "cheap") == (("agent",), ("agent", "RepoExplorerAgent"))
    assert users(values, {"AGENT_LLM_CONFIG": "cheap"}, "cheap") == (
        "[agent]", "[agent.RepoExplorerAgent]", "AGENT_LLM_CONFIG",
    )  # fmt: skip
    assert users(values, {}, "draft_editor") == ("OpenHands' editor",)


def test_renaming_takes_along_those_that_name_the_profile_if_they_are_to_follow() -> None:
    new = renamed(Document(FILE), "cheap", "frugal", follow=True)
    assert named_by(new.values, "frugal") == (("agent",), ("agent", "RepoExplorerAgent"))
    assert new.raw == FILE.replace(b"llm.cheap", b"llm.frugal").replace(b"'cheap'", b'"frugal"').replace(
        b'"cheap"', b'"frugal"'
    )
    stays = renamed(Document(FILE), "cheap", "frugal", follow=False)
    assert stays.raw == FILE.replace(b"llm.cheap", b"llm.frugal")


def test_a_list_says_model_own_fields_with_the_draft_and_users() -> None:
    draft = workspace(FILE, profile="cheap")
    draft.edit("timeout", 9)
    draft.clear("top_p")
    base, cheap = overview(draft)
    assert (base.name, base.model, base.own, base.users) == (None, "big", ("model", "timeout"), ())
    assert (cheap.name, cheap.model, cheap.own) == ("cheap", "small", ("model", "timeout"))
    assert cheap.users == ("[agent]", "[agent.RepoExplorerAgent]")


def test_a_profile_that_is_not_there_is_told_with_the_nearest_names() -> None:
    assert not_there("chaep", ("cheap", "judge")) == (
        "no profile [llm.chaep]. Did you mean cheap? It has: cheap, judge."
    )
    assert "It has none" in not_there("x", ())
