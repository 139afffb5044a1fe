"""The real keyring library against a real gnome-keyring, in every state that users meet."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from tests.secret_service import ServiceState, secret_service
from tests.vault.keyring_child import Report
from tests.vault.keyring_runs import ANSWER_S, EXIT_S, GAP_S, Ran, kill_when_asked, ran

pytestmark = [pytest.mark.contract, pytest.mark.real("Secret Service")]

UNLOCK_S = 0.5


def run(
    env: Mapping[str, str], *calls: str, unlock_s: float = 10, meanwhile: Callable[[], None] | None = None
) -> list[Report]:
    """Make the calls in a process of their own."""
    return ran(env, *calls, unlock_s=unlock_s, meanwhile=meanwhile).reports


def check_bounds(done: Ran) -> None:
    assert done.exit_s < EXIT_S
    assert max(report.took_s for report in done.reports) < ANSWER_S
    assert max(report.gap_s for report in done.reports) < GAP_S


def test_an_open_keyring_keeps_a_key_for_other_processes_until_it_is_deleted() -> None:
    with secret_service("unlocked") as env:
        first = run(env, "state", "get", "set", "get")
        second = run(env, "get", "unlock", "delete", "delete", "get")
    assert [report.answer for report in first] == ["ok", "none", "ok", "same"]
    assert [report.answer for report in second] == ["same", "ok", "ok", "none", "none"]


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
def test_a_keyring_that_can_t_be_used_says_so_and_prompts_nobody(state: ServiceState) -> None:
    with secret_service(state) as env:
        *reports, listing = run(env, "state", "get", "set", "delete", "list")
    kind, named, says = ERRORS[state]
    assert listing.answer == "ok"
    assert {(report.answer, report.state) for report in reports} == {(kind, named)}
    assert all(says in report.message and "for this session only" in report.message for report in reports)


@pytest.mark.parametrize("state", ["prompting", "never unlocked, prompting"])
def test_a_prompt_that_nobody_answers_ends_with_its_bound_and_locks_nobody_in(state: ServiceState) -> None:
    with secret_service(state) as env:
        unlock, after = run(env, "unlock", "get", unlock_s=UNLOCK_S)
    assert unlock.answer == "KeyringTimeoutError"
    assert "prompt" in unlock.message
    assert unlock.took_s >= UNLOCK_S
    assert after.answer in {"KeyringLockedError", "NeverUnlockedError"}


@pytest.mark.parametrize("state", ["locked", "never unlocked"])
def test_a_prompt_that_can_t_be_shown_is_told_as_such(state: ServiceState) -> None:
    with secret_service(state) as env:
        (unlock,) = run(env, "unlock")
    assert unlock.state == state
    assert "could not be shown" in unlock.message


def test_a_service_that_stops_answering_ends_with_the_bound_and_the_next_call_knows() -> None:
    with secret_service("frozen") as env:
        first, second = run(env, "get", "set")
    assert (first.answer, second.answer) == ("KeyringTimeoutError", "KeyringTimeoutError")
    assert "within 3 s" in first.message
    assert "still does not answer" in second.message


def test_a_bus_that_never_says_a_word_ends_with_the_bound() -> None:
    with secret_service("deaf bus") as env:
        (report,) = run(env, "get")
    assert report.answer in {"NoKeyringError", "KeyringTimeoutError"}


def test_a_service_that_vanishes_in_the_middle_of_a_call_is_told() -> None:
    with secret_service("frozen") as env:
        (report,) = run(env, "get", meanwhile=lambda: kill_when_asked(env))
    assert report.answer in {"KeyringFailedError", "NoKeyringError"}
    assert "for this session only" in report.message


@pytest.mark.slow
@pytest.mark.parametrize("state", ["unlocked", *ERRORS])
def test_calls_are_answered_at_once_whatever_the_state(state: ServiceState) -> None:
    """Within a second; the first one, which imports the library, within the bound."""
    with secret_service(state) as env:
        done = ran(env, "state", "get", "set", "delete", "list")
    check_bounds(done)
    assert max(report.took_s for report in done.reports[1:]) < 1


@pytest.mark.slow
@pytest.mark.parametrize("state", ["prompting", "never unlocked, prompting"])
def test_a_prompt_that_nobody_answers_takes_its_bound_and_hardly_more(state: ServiceState) -> None:
    with secret_service(state) as env:
        done = ran(env, "unlock", "get", unlock_s=UNLOCK_S)
    check_bounds(done)
    assert done.reports[0].took_s < UNLOCK_S + 0.5


@pytest.mark.slow
def test_a_service_that_does_not_answer_takes_its_bound_once() -> None:
    with secret_service("frozen") as env:
        done = ran(env, "get", "set")
    check_bounds(done)
    assert done.reports[1].took_s < 0.5


@pytest.mark.slow
def test_a_bus_that_never_says_a_word_takes_the_bound_and_hardly_more() -> None:
    with secret_service("deaf bus") as env:
        check_bounds(ran(env, "get"))


@pytest.mark.slow
def test_a_service_that_vanishes_is_told_before_the_bound() -> None:
    with secret_service("frozen") as env:
        done = ran(env, "get", meanwhile=lambda: kill_when_asked(env))
    check_bounds(done)
    assert done.reports[0].took_s < 3
