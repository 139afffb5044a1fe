"""What the fields accept and how they are shown."""

from __future__ import annotations

import math
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.config.schema import (
    FIELDS,
    GROUPS,
    LLM,
    Field,
    InvalidValueError,
    Kind,
    Plain,
    checked,
    parsed,
    plain,
    read_env,
    shown,
)
from tui.config.secret import Secret

CANARY = "sk-canary-27182"
every_field = pytest.mark.parametrize("field", FIELDS.values(), ids=lambda field: field.name)
numbers = [field for field in FIELDS.values() if field.kind in ("integer", "number")]
TYPES: dict[Kind, type] = {"text": str, "choice": str, "switch": bool, "integer": int, "number": float}
ANYTHING = st.one_of(
    st.text(max_size=8), st.booleans(), st.integers(), st.floats(), st.none(), st.lists(st.integers()), st.just({})
)


def fitting(field: Field) -> st.SearchStrategy[Plain]:
    match field.kind:
        case "text":
            return st.text(max_size=20)
        case "choice":
            return st.sampled_from(field.choices)
        case "switch":
            return st.booleans()
        case "integer":
            return st.integers(int(field.ge or 0), 2**63 - 1)
        case "number":
            return st.floats(field.ge, field.le, allow_nan=False, allow_infinity=False)


@every_field
def test_a_field_says_all_that_a_form_needs(field: Field) -> None:
    assert field.title
    assert field.help.endswith(".")
    assert field.group in GROUPS
    assert field.kind in get_args(Kind)
    assert field.expects
    assert field.env_name == f"LLM_{field.name.upper()}"
    assert field.optional == (field.default is None)
    assert field.default is None or checked(field, field.default) == field.default


@every_field
@given(st.data())
def test_a_fitting_value_survives_checking_and_printing_and_parsing(field: Field, data: st.DataObject) -> None:
    value = checked(field, data.draw(fitting(field)))
    assert checked(field, plain(value)) == value
    if field.secret:
        assert shown(field, value) == "••••••••"
        assert parsed(field, str(plain(value))) == value
    elif isinstance(value, float):
        assert parsed(field, repr(value)) == value
        assert math.isclose(float(shown(field, value)), value)
    else:
        assert parsed(field, shown(field, value)) == value


@every_field
@given(st.data())
def test_no_value_of_whatever_type_is_taken_unless_it_fits(field: Field, data: st.DataObject) -> None:
    value = data.draw(ANYTHING)
    try:
        result = checked(field, value)
    except InvalidValueError as error:
        message = str(error)
    else:
        assert plain(result) == (float(value) if isinstance(result, float) else value)  # 2**53 + 1 has no float
        assert type(result) is TYPES[field.kind] or field.secret
        return
    assert message.startswith(f"{field.name}: ")
    assert field.expects in message


@pytest.mark.parametrize("field", numbers, ids=lambda field: field.name)
@pytest.mark.parametrize("value", [-1, -0.5, math.nan, math.inf, True, "5", 10**400, -(10**400), 2**63])
def test_a_number_out_of_bounds_or_of_another_type_is_refused(field: Field, value: object) -> None:
    with pytest.raises(InvalidValueError):
        checked(field, value)


def test_the_bounds_themselves_are_fine() -> None:
    assert checked(FIELDS["top_p"], 1) == 1.0
    assert checked(FIELDS["top_p"], 0) == 0.0
    assert checked(FIELDS["num_retries"], 0) == 0
    with pytest.raises(InvalidValueError, match=r"top_p: 1\.5 is out of range\. It takes a number from 0 to 1\."):
        checked(FIELDS["top_p"], 1.5)
    with pytest.raises(InvalidValueError):
        checked(FIELDS["max_output_tokens"], 0)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("timeout", " 1_000 ", 1000),
        ("temperature", "1e-1", 0.1),
        ("drop_params", " YES ", True),
        ("drop_params", "off", False),
        ("reasoning_effort", "low", "low"),
        ("model", " as typed ", " as typed "),
    ],
)
def test_text_is_read_as_a_person_means_it(name: str, text: str, value: Plain) -> None:
    assert parsed(FIELDS[name], text) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("timeout", "5.0"),
        ("timeout", ""),
        ("timeout", "9" * 5_000),
        ("temperature", "nan"),
        ("temperature", "warm"),
        ("drop_params", "maybe"),
        ("reasoning_effort", "LOW"),
    ],
)
def test_text_that_does_not_fit_is_never_guessed_at(name: str, text: str) -> None:
    with pytest.raises(InvalidValueError, match=FIELDS[name].expects.replace("(", r"\(").replace(")", r"\)")):
        parsed(FIELDS[name], text)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("drop_params", "TRUE", True),
        ("drop_params", "1", True),
        ("drop_params", "yes", False),
        ("drop_params", " true", False),
        ("timeout", "5", 5),
        ("temperature", "-3", -3.0),
        ("reasoning_effort", "enormous", "enormous"),
        ("api_key", CANARY, Secret(CANARY)),
    ],
)
def test_a_variable_is_cast_as_openhands_casts_it(name: str, text: str, value: object) -> None:
    assert read_env(FIELDS[name], text) == value


@pytest.mark.parametrize(("name", "text"), [("timeout", "5.0"), ("temperature", "hot"), ("timeout", "9" * 5_000)])
def test_a_variable_that_cannot_be_cast_says_so(name: str, text: str) -> None:
    with pytest.raises(InvalidValueError, match=name):
        read_env(FIELDS[name], text)


@pytest.mark.parametrize("name", [field.name for field in FIELDS.values() if field.secret])
def test_a_secret_is_in_no_message_and_no_repr(name: str) -> None:
    value = checked(FIELDS[name], CANARY)
    assert CANARY not in f"{value}{value!r}{shown(FIELDS[name], value)}{LLM(**{name: value})!r}"  # type: ignore[arg-type]  # one secret field by name
    with pytest.raises(InvalidValueError) as caught:
        checked(FIELDS[name], [CANARY])
    assert CANARY not in str(caught.value)
    assert plain(value) == CANARY
