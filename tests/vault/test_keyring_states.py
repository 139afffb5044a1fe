"""The real keyring library against a real gnome-keyring, in every state that users meet."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from tests.secret_service import ServiceState, secret_service
from tests.vault.keyring_child import Report
from tests.vault.keyring_runs import ANSWER_S, EXIT_S, GAP_S, kill_when_asked, ran

pytestmark = pytest.mark.real

UNLOCK_S = 0.5


def run(
    env: Mapping[str, str], *calls: str, unlock_s: float = 10, meanwhile: Callable[[], None] | None = None
) -> list[Report]:
    """Make the calls in a process of their own; it has to end within `EXIT_S` of the last report."""
    done = ran(env, *calls, unlock_s=unlock_s, meanwhile=meanwhile)
    assert done.exit_s < EXIT_S
    return done.reports


def check_bounds(reports: list[Report]) -> None:
    assert max(report.took_s for report in reports) < ANSWER_S
    assert max(report.gap_s for report in reports) < GAP_S


def test_an_open_keyring_keeps_a_key_for_other_processes_until_it_is_deleted() -> None:
    with secret_service("unlocked") as env:
        first = run(env, "state", "get", "set", "get")
        second = run(env, "get", "unlock", "delete", "delete", "get")
    assert [report.answer for report in first] == ["ok", "none", "ok", "same"]
    assert [report.answer for report in second] == ["same", "ok", "ok", "none", "none"]
    check_bounds(first + second)


ERRORS: dict[ServiceState, tuple[str, str, str]] = {
    "locked": ("KeyringLockedError", "locked", "is locked. Unlock it"),
    "wrong password": ("KeyringLockedError", "locked", "is locked. Unlock it"),
    "prompting": ("KeyringLockedError", "locked", "is locked. Unlock it"),
    "never unlocked": ("NeverUnlockedError", "never unlocked", "never been unlocked. Unlock it"),
    "never unlocked, prompting": ("NeverUnlockedError", "never unlocked", "never been unlocked. Unlock it"),
    "no service": ("NoKeyringError", "no service", "No keyring service"),
    "stale bus": ("NoKeyringError", "no bus", "can't be reached"),
    "no bus": ("NoKeyringError", "no bus", "no session bus"),
}


@pytest.mark.parametrize("state", ERRORS)
def test_a_keyring_that_can_t_be_used_says_so_at_once_and_prompts_nobody(state: ServiceState) -> None:
    with secret_service(state) as env:
        *reports, listing = run(env, "state", "get", "set", "delete", "list")
    kind, named, says = ERRORS[state]
    assert listing.answer == "ok"
    assert {(report.answer, report.state) for report in reports} == {(kind, named)}
    assert all(says in report.message and "for this session only" in report.message for report in reports)
    check_bounds(reports)
    assert max(report.took_s for report in reports[1:]) < 1


@pytest.mark.parametrize("state", ["prompting", "never unlocked, prompting"])
def test_a_prompt_that_nobody_answers_ends_with_its_bound_and_locks_nobody_in(state: ServiceState) -> None:
    with secret_service(state) as env:
        unlock, after = run(env, "unlock", "get", unlock_s=UNLOCK_S)
    assert unlock.answer == "KeyringTimeoutError"
    assert "prompt" in unlock.message
    assert UNLOCK_S <= unlock.took_s < UNLOCK_S + 0.5
    assert after.answer in {"KeyringLockedError", "NeverUnlockedError"}
    check_bounds([unlock, after])


@pytest.mark.parametrize("state", ["locked", "never unlocked"])
def test_a_prompt_that_can_t_be_shown_is_told_as_such(state: ServiceState) -> None:
    with secret_service(state) as env:
        (unlock,) = run(env, "unlock")
    assert unlock.state == state
    assert "could not be shown" in unlock.message


def test_a_service_that_stops_answering_ends_with_the_bound_and_delays_the_next_calls_less() -> None:
    with secret_service("frozen") as env:
        first, second = run(env, "get", "set")
    assert (first.answer, second.answer) == ("KeyringTimeoutError", "KeyringTimeoutError")
    assert "within 3 s" in first.message
    assert "still does not answer" in second.message
    assert second.took_s < 0.5
    check_bounds([first, second])


def test_a_bus_that_never_says_a_word_ends_with_the_bound() -> None:
    with secret_service("deaf bus") as env:
        (report,) = run(env, "get")
    assert report.answer in {"NoKeyringError", "KeyringTimeoutError"}
    check_bounds([report])


def test_a_service_that_vanishes_in_the_middle_of_a_call_is_told_without_waiting_for_the_bound() -> None:
    with secret_service("frozen") as env:
        (report,) = run(env, "get", meanwhile=lambda: kill_when_asked(env))
    assert report.answer in {"KeyringFailedError", "NoKeyringError"}
    assert "for this session only" in report.message
    check_bounds([report])
    assert report.took_s < 3
