"""The app's own preferences: lenient to read, careful to write."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui.config.errors import BadFileError
from tui.config.preferences import BadAmountError, Limits, Preferences, PreferencesFile, amount_of


def of(folder: Path, text: str) -> PreferencesFile:
    path = folder / "preferences.toml"
    path.write_text(text, encoding="utf-8")
    return PreferencesFile(path)


def test_without_a_file_the_defaults_hold_and_nothing_is_told(tmp_path: Path) -> None:
    loaded = PreferencesFile(tmp_path / "not there" / "preferences.toml").read()
    assert (loaded.preferences, loaded.problems) == (Preferences(), ())
    assert loaded.preferences.limits == Limits(session_usd=2.0, day_usd=5.0)
    assert list(tmp_path.iterdir()) == []


def test_it_is_looked_for_in_the_users_configuration_directory(home: Path) -> None:
    assert PreferencesFile().path == home / ".config" / "llm-backends" / "preferences.toml"


def test_amounts_may_be_whole_or_none_and_the_theme_is_a_word(tmp_path: Path) -> None:
    loaded = of(tmp_path, 'theme = "light"\n[spending]\nsession_usd = 3\nday_usd = "none"\n').read()
    assert loaded.preferences == Preferences("light", Limits(3.0, None))
    assert loaded.problems == ()


@pytest.mark.parametrize("bad", ["-1", "true", '"much"', "nan", "inf", "1e99", "[1]", "{a = 1}"])
def test_a_bad_amount_is_told_and_the_default_holds_beside_the_good_ones(tmp_path: Path, bad: str) -> None:
    loaded = of(tmp_path, f"[spending]\nsession_usd = {bad}\nday_usd = 9\n").read()
    assert loaded.preferences.limits == Limits(2.0, 9.0)
    (problem,) = loaded.problems
    assert "session_usd has to be an amount in USD" in problem
    assert problem.endswith("Until it is, 2.0 holds.")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("theme = 7", "theme has to be the name of a theme"),
        ("thema = 1", "there is no preference 'thema'"),
        ("spending = 3", "spending has to be a table"),
        ("[spending]\nhour_usd = 1", "there is no preference 'hour_usd'"),
        ("theme =", "can't be read: line 1"),
    ],
)
def test_whatever_else_is_wrong_is_told_and_nothing_fails(tmp_path: Path, text: str, words: str) -> None:
    loaded = of(tmp_path, text).read()
    assert loaded.preferences == Preferences()
    assert words in loaded.problems[0]


def test_a_limit_is_written_without_touching_anything_else(tmp_path: Path) -> None:
    text = '# mine\ntheme = "light"  # for the sun\n\n[spending]\nday_usd = 5.0 # a coffee\n'
    file = of(tmp_path, text)
    file.set_limit("day_usd", 7.5)
    assert file.path.read_text(encoding="utf-8") == text.replace("5.0", "7.5")
    file.set_limit("session_usd", None)
    assert file.read().preferences == Preferences("light", Limits(None, 7.5))
    assert "# a coffee" in file.path.read_text(encoding="utf-8")


def test_a_new_file_is_its_owners_alone(tmp_path: Path) -> None:
    file = PreferencesFile(tmp_path / "new" / "preferences.toml")
    file.set_theme("light")
    assert file.read().preferences.theme == "light"
    assert file.path.stat().st_mode & 0o777 == 0o600


def test_a_file_that_can_not_be_read_is_not_written_over(tmp_path: Path) -> None:
    file = of(tmp_path, "theme =")
    with pytest.raises(BadFileError):
        file.set_limit("day_usd", 1)
    assert file.path.read_text(encoding="utf-8") == "theme ="


@pytest.mark.parametrize(
    ("text", "amount"), [("1.5", 1.5), (" $2 ", 2.0), ("0", 0.0), ("None", None), ("none", None), ("1e1", 10.0)]
)
def test_a_typed_amount_is_read_as_people_write_it(text: str, amount: float | None) -> None:
    assert amount_of(text) == amount


@pytest.mark.parametrize("text", ["", "-1", "much", "nan", "inf", "1,5", "$", "2000000"])
def test_anything_else_is_no_amount(text: str) -> None:
    with pytest.raises(BadAmountError, match='Enter an amount or "none"'):
        amount_of(text)
