"""What is said when the program itself fails."""

from __future__ import annotations

import pytest

from tui.cli import main
from tui.crash import report

CANARY = "sk-canary-in-a-crash"


def _first(key: str) -> None:
    raise ValueError(f"bad key {key}")


def _second(key: str) -> None:
    try:
        _first(key)
    except ValueError as error:
        raise RuntimeError(key) from error


def _crash(*_: object, **__: object) -> None:
    _second(CANARY)


def test_a_crash_is_told_with_its_place_and_its_causes_but_without_any_value(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(main, "command", _crash)
    with pytest.raises(SystemExit) as left:
        main.main()
    said = capfd.readouterr().err
    assert left.value.code == 1
    assert "made a mistake and had to stop (RuntimeError). Files are as they were last saved." in said
    assert said.index("in _first") < said.index("ValueError") < said.rindex("in _second") < said.rindex("RuntimeError")
    assert CANARY not in said


def test_a_cause_that_leads_back_to_itself_is_told_once() -> None:
    error = RuntimeError("x")
    error.__context__ = other = ValueError("y")
    other.__context__ = error
    assert report(error).count("ValueError") == 1
