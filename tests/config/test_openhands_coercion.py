"""What OpenHands takes for a value; `tests.openhands` asks OpenHands itself."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.config.openhands_coercion import taken
from tui.config.schema import FIELDS, InvalidValueError, checked
from tui.config.secret import Secret

VALUES = st.one_of(st.text(max_size=6), st.booleans(), st.integers(), st.floats(), st.lists(st.integers()))


@pytest.mark.parametrize(
    ("name", "value", "result"),
    [
        ("num_retries", "4", 4),
        ("num_retries", " 1_000\n", 1000),
        ("num_retries", "+4.00", 4),
        ("num_retries", 5.0, 5),
        ("num_retries", True, 1),
        ("temperature", "0.5", 0.5),
        ("temperature", ".5", 0.5),
        ("temperature", "-inf", -math.inf),
        ("temperature", 2**70, float(2**70)),
        ("drop_params", "Yes", True),
        ("drop_params", "off", False),
        ("drop_params", 0.0, False),
        ("reasoning_effort", "enormous", "enormous"),
        ("top_p", 1.5, 1.5),
        ("api_key", "k", Secret("k")),
    ],
)
def test_what_pydantic_converts_is_converted(name: str, value: object, result: object) -> None:
    found = taken(FIELDS[name], value)
    assert found == result
    assert type(found) is type(result)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("num_retries", "4.5"),
        ("num_retries", "0x1"),
        ("num_retries", "1__0"),
        ("num_retries", 1e20),
        ("num_retries", math.nan),
        ("num_retries", "9" * 5000),
        ("temperature", "warm"),
        ("temperature", 10**400),
        ("drop_params", " true"),
        ("drop_params", 2),
        ("drop_params", math.nan),
        ("model", 5),
        ("model", ["x"]),
        ("api_key", 5),
    ],
)
def test_what_pydantic_refuses_is_refused(name: str, value: object) -> None:
    with pytest.raises(InvalidValueError):
        taken(FIELDS[name], value)


@given(st.sampled_from(list(FIELDS.values())), VALUES)
def test_what_fits_a_field_is_taken_as_it_is(field: object, value: object) -> None:
    try:
        wanted = checked(field, value)  # type: ignore[arg-type]  # sampled from the fields
    except InvalidValueError:
        return
    assert taken(field, value) == wanted  # type: ignore[arg-type]  # as above
