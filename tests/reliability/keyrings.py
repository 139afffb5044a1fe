"""Point eight: every state of a keyring times every call, with real services, and how long each took."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from tests.reliability.counts import Counts
from tests.reliability.figures import Figure, tell
from tests.secret_service import ServiceState, secret_service
from tests.vault.keyring_child import Report
from tests.vault.keyring_runs import ANSWER_S, EXIT_S, GAP_S, Ran, kill_when_asked, ran

CALLS: Final = ("get", "set", "delete", "list")
_NAMES: Final = "read, write, delete, list"
_UNLOCK_S: Final = 0.5

NAMED: Final[Mapping[ServiceState, tuple[str, ...]]] = {
    "unlocked": (),
    "locked": ("is locked",),
    "wrong password": ("is locked",),
    "prompting": ("is locked",),
    "never unlocked": ("never been unlocked",),
    "never unlocked, prompting": ("never been unlocked",),
    "no service": ("No keyring service",),
    "stale bus": ("bus", "can't be reached"),
    "deaf bus": ("",),  # by what it does, it is a bus that is gone or one that hangs
    "no bus": ("no session bus",),
    "frozen": ("did not answer within 3 s",),
}
"""Each state, and words that have to be in the sentence about it; none where the keyring works."""
_FEW: Final[tuple[ServiceState, ...]] = ("locked", "stale bus")


class Timed(msgspec.Struct, frozen=True):
    """The slowest of some runs."""

    answer_s: float
    gap_s: float
    exit_s: float

    def __str__(self) -> str:
        """As the table shows it."""
        return (
            f"answer within {self.answer_s:.2f} s, event loop still for {self.gap_s * 1000:.0f} ms at most, "
            f"exit within {self.exit_s:.2f} s"
        )

    @property
    def in_bounds(self) -> bool:
        """Whether nothing took too long."""
        return self.answer_s < ANSWER_S and self.gap_s < GAP_S and self.exit_s < EXIT_S


def figures(counts: Counts) -> Iterator[Figure]:
    """All states times all calls, a service that vanishes in mid-call, and prompts that nobody answers."""
    states = tuple(NAMED) if counts.all_keyrings else _FEW
    yield _figure(f"{len(states)} states of a real keyring, each times {_NAMES}", list(_states(states)))
    if not counts.all_keyrings:
        return
    yield _figure("the service is killed in mid-call: read, write, delete", list(_vanishing()))
    yield _figure(f"a prompt to unlock that nobody answers, with a bound of {_UNLOCK_S:g} s", list(_prompts()))


def _figure(what: str, done: list[tuple[str, Ran]]) -> Figure:
    wrong = [problem for problem, _ in done if problem]
    reports = [report for _, run in done for report in run.reports]
    slowest = Timed(
        max(report.took_s for report in reports),
        max(report.gap_s for report in reports),
        max(run.exit_s for _, run in done),
    )
    passed = not wrong and slowest.in_bounds
    result = tell(wrong, f"each answered or named its state; {slowest}")
    return Figure(part="Keyring", what=what, count=len(reports), result=result, passed=passed)


def _states(states: tuple[ServiceState, ...]) -> Iterator[tuple[str, Ran]]:
    for state in states:
        with secret_service(state) as env:
            for call in CALLS:
                run = ran(env, call)
                words = NAMED[state] if call != "list" else ()
                yield (
                    _judged(f"{state}, {call}", run.reports[0], words, fails=call != "list" and state != "unlocked"),
                    run,
                )


def _vanishing() -> Iterator[tuple[str, Ran]]:
    for call in CALLS[:3]:
        with secret_service("frozen") as env:
            run = ran(env, call, meanwhile=lambda env=env: kill_when_asked(env))  # type: ignore[misc]  # mypy can't infer it
            yield _judged(f"vanishing, {call}", run.reports[0], ("keyring",), fails=True), run


def _prompts() -> Iterator[tuple[str, Ran]]:
    prompting: tuple[ServiceState, ...] = ("prompting", "never unlocked, prompting")
    for state in prompting:
        with secret_service(state) as env:
            run = ran(env, "unlock", unlock_s=_UNLOCK_S)
            yield _judged(f"{state}, unlock", run.reports[0], ("prompt",), fails=True), run


def _judged(name: str, report: Report, words: tuple[str, ...], *, fails: bool) -> str:
    if fails != bool(report.message):
        return f"{name}: {report.answer} {report.message}"
    told = all(word in report.message for word in words) and (not fails or "for this session only" in report.message)
    return "" if told else f"{name}: the state is not named: {report.message}"
