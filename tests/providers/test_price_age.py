"""How old the price map is, as far as that can be told."""

from __future__ import annotations

from datetime import date
from importlib.metadata import version

import pytest

from tui.providers.price_age import PriceAge, dates, price_age

TODAY = date(2999, 1, 1)


@pytest.mark.contract
def test_the_installed_map_has_a_version_a_date_and_a_day_of_installation() -> None:
    age = price_age(TODAY)
    assert age.version == version("litellm")
    assert age.newest is not None
    assert age.installed is not None
    assert date(2026, 11, 1) < age.newest <= age.installed


def test_a_day_on_which_a_model_ends_says_nothing_about_the_map() -> None:
    raw = (
        b'{"a": {"deprecation_date": "2027-01-01", "comment": "checked 2026-10-29"}, "b-2026-99-01": {}, '
        b'"c": {"comment": "half of it until 2026-12-31, (retiring 2026-11-19), ends on 2026-11-20"}}'
    )
    assert list(dates(raw)) == [date(2026, 10, 29)]


def test_what_is_not_known_is_left_out() -> None:
    day = date(2026, 11, 2)
    assert PriceAge("1.2", None, None).words == "LiteLLM 1.2"
    assert PriceAge("1.2", day, None).short == "Prices: LiteLLM 1.2, 2026-11-02"
    assert PriceAge("1.2", day, day).words == "LiteLLM 1.2, whose newest date is 2026-11-02, installed on 2026-11-02"
