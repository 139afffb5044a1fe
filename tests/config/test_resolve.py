"""Which source wins, and what is said about the others."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from tui.config.resolve import EMPTY_SOURCE, Edit, Resolved, Set, Source, Unset, resolve, settings
from tui.config.schema import FIELDS, LLM
from tui.config.secret import Secret


def source(**values: object) -> Source:
    return Source(values, {name: 10 + index for index, name in enumerate(values)})


def one(
    name: str,
    base: Source = EMPTY_SOURCE,
    *,
    env: Mapping[str, str] | None = None,
    edit: Edit | None = None,
    overlay: Source | None = None,
) -> Resolved:
    edits = {} if edit is None else {name: edit}
    profile = None if overlay is None else "cheap"
    return resolve(base, env=env or {}, edits=edits, profile=profile, overlay=overlay or EMPTY_SOURCE)[name]


def test_every_field_is_resolved_in_the_order_of_the_schema() -> None:
    found = resolve(EMPTY_SOURCE, env={}, edits={})
    assert list(found) == list(FIELDS)
    assert all(str(item.origin) == str(item.saved_origin) == "default" for item in found.values())
    assert settings(found) == LLM()


def test_each_source_wins_over_those_below_it() -> None:
    base, env = source(timeout=1), {"LLM_TIMEOUT": "2"}
    found = one("timeout", base)
    assert (found.value, str(found.origin)) == (1, "file:10")
    found = one("timeout", base, env=env)
    assert (found.value, str(found.origin), found.env_name) == (2, "env LLM_TIMEOUT", "LLM_TIMEOUT")
    found = one("timeout", base, env=env, edit=Set(3))
    assert (found.value, str(found.origin)) == (3, "edited")
    assert (found.saved, str(found.saved_origin)) == (2, "env LLM_TIMEOUT")


def test_a_profile_inherits_the_values_of_the_file_and_overrides_them() -> None:
    base, overlay = source(timeout=1, model="big"), source(model="small")
    assert str(one("timeout", base, overlay=overlay).origin) == "inherited · file:10"
    found = one("model", base, overlay=overlay)
    assert (found.value, str(found.origin)) == ("small", "profile:10")


def test_the_environment_counts_for_the_default_table_only() -> None:
    found = one("model", source(model="big"), env={"LLM_MODEL": "other"}, overlay=source())
    assert (found.value, str(found.origin), found.env_name) == ("big", "inherited · file:10", "")


def test_an_empty_variable_counts_as_unset() -> None:
    found = one("model", source(model="big"), env={"LLM_MODEL": ""})
    assert (found.value, found.env_name, found.problem) == ("big", "", "")


def test_a_bad_value_is_named_and_hides_neither_its_neighbours_nor_what_lies_below() -> None:
    found = resolve(source(timeout="soon", model="big"), env={}, edits={})
    assert found["timeout"].value is None
    assert found["timeout"].problem.startswith("line 10: timeout: 'soon' is text. It takes")
    assert (found["model"].value, found["model"].problem) == ("big", "")
    inherited = one("timeout", source(timeout=9), overlay=source(timeout=[1]))
    assert (inherited.value, str(inherited.origin)) == (9, "inherited · file:10")
    assert "is a list" in inherited.problem


def test_a_value_that_openhands_takes_though_it_does_not_fit_counts_and_is_named() -> None:
    outside = one("timeout", source(timeout=9), overlay=source(timeout=-1))
    assert (outside.value, str(outside.origin)) == (-1, "profile:10")
    assert "out of range" in outside.problem
    converted = one("num_retries", source(num_retries="7"))
    assert (converted.value, str(converted.origin)) == (7, "file:10")
    assert converted.problem.startswith("line 10: num_retries: '7' is text.")


def test_a_variable_that_cannot_be_cast_is_passed_over_with_its_name() -> None:
    found = one("timeout", source(timeout=9), env={"LLM_TIMEOUT": "5.0"})
    assert (found.value, str(found.origin), found.env_name) == (9, "file:10", "LLM_TIMEOUT")
    assert found.problem.startswith("LLM_TIMEOUT in the environment: ")


def test_a_variable_that_openhands_takes_though_it_is_out_of_bounds_counts_and_is_named() -> None:
    found = one("temperature", env={"LLM_TEMPERATURE": "-1"})
    assert (found.value, str(found.origin)) == (-1.0, "env LLM_TEMPERATURE")
    assert "out of range" in found.problem


def test_unset_shows_what_the_field_inherits() -> None:
    base, overlay = source(timeout=1), source(timeout=2)
    found = one("timeout", base, overlay=overlay, edit=Unset())
    assert (found.value, str(found.origin), found.saved) == (1, "edited", 2)
    assert one("timeout", base, edit=Unset()).value is None
    assert one("num_retries", source(num_retries=9), edit=Unset()).value == 4


def test_a_whole_number_is_fine_where_a_number_is_wanted() -> None:
    found = one("temperature", source(temperature=1))
    assert found.value == 1.0
    assert isinstance(found.value, float)


def test_a_key_in_a_message_stays_hidden() -> None:
    found = resolve(source(api_key=["sk-canary"]), env={"LLM_API_KEY": "sk-canary"}, edits={})["api_key"]
    assert found.value == Secret("sk-canary")
    assert "sk-canary" not in repr(found)


@given(
    st.dictionaries(
        st.sampled_from(list(FIELDS)), st.one_of(st.text(), st.integers(), st.floats(), st.none(), st.booleans())
    ),
    st.dictionaries(st.sampled_from([field.env_name for field in FIELDS.values()]), st.text()),
)
def test_whatever_the_sources_hold_every_field_has_a_value_of_its_type(
    values: dict[str, object], env: dict[str, str]
) -> None:
    found = resolve(source(**values), env=env, edits={})
    for name, item in found.items():
        assert item.value is None or isinstance(item.value, type(plain_default(name)))
        assert item.problem or item.origin.kind in ("default", "file", "env")


def plain_default(name: str) -> object:
    """A value of the field's type."""
    field = FIELDS[name]
    kinds = {"text": "", "choice": "", "integer": 0, "number": 0.0, "switch": False}
    return Secret("") if field.secret else kinds[field.kind]
