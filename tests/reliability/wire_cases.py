"""Point seven, the cases: each fault in each dialect, asked for in both ways, and whether a turn ended as it must."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Final

import msgspec

from tests.reliability.wire_faults import FAULTS
from tests.reliability.wire_outcomes import RETRIES, Fault, Outcome, fault
from tests.reliability.wire_server import Wire
from tui.config.schema import LLM
from tui.config.secret import Secret
from tui.llm.events import Ask, Delta, Failed, Finished, Message, Retrying, TurnEvent

CANARY: Final = "sk-canary-51c7e0b2d94f4a68"
NOBODY: Final = "nobody listens"


class Dialect(msgspec.Struct, frozen=True):
    """One protocol: the model that chooses it, and the end of its base URL."""

    model: str
    path: str = ""


DIALECTS: Final[Mapping[str, Dialect]] = {
    "openai": Dialect("openai/fake-model", "/v1"),
    "anthropic": Dialect("anthropic/claude-sonnet-4-5"),
    "gemini": Dialect("gemini/gemini-2.5-flash"),
    "azure": Dialect("azure/deployed"),
}


class Case(msgspec.Struct, frozen=True):
    """One fault in one dialect, asked for in one way."""

    fault: Fault
    dialect: str
    stream: bool

    @property
    def name(self) -> str:
        """The case in words."""
        return f"{self.fault.name}, {self.dialect}, {'streamed' if self.stream else 'whole'}"

    @property
    def outcome(self) -> Outcome:
        """How it must end."""
        return self.fault.stream if self.stream else self.fault.whole


def cases() -> list[Case]:
    """All of them."""
    refused = Outcome(requests=0, cause="network", words="Nothing answers at 127.0.0.1:")
    all_faults = (fault(NOBODY, Wire.reset, refused), *FAULTS)
    return [Case(one, dialect, stream) for one in all_faults for dialect in DIALECTS for stream in (True, False)]


def judged_events(events: Sequence[TurnEvent], requests: int, outcome: Outcome) -> str:
    """The same, by what came of it."""
    last = events[-1]
    if CANARY in repr(events):
        return "the key is in the events"
    if requests != outcome.requests:
        return f"{requests} requests instead of {outcome.requests}; {words_of(last)}"
    waits = tuple(event.wait_s for event in events if isinstance(event, Retrying))
    if waits != (outcome.waits or (0.0,) * len(waits)):
        return f"the waits were {waits}"
    if isinstance(last, Finished):
        fine = not outcome.cause and outcome.words in f"{text_of(events)} {last.note}"
        return "" if fine else f"an answer came: {text_of(events)[:80]!r}, {last.note}"
    if not isinstance(last, Failed) or (last.cause, last.partial) != (outcome.cause, outcome.partial):
        return f"it ended with {words_of(last)}"
    kept = bool(text_of(events)) is outcome.partial
    return "" if outcome.words in last.message and kept else f"it said {words_of(last)}"


def words_of(event: TurnEvent) -> str:
    """How a turn ended, for a report."""
    return (
        f"{event.cause} (partial={event.partial}): {event.message} | {event.detail[:200]}"
        if isinstance(event, Failed)
        else repr(event)[:300]
    )


def text_of(events: Sequence[TurnEvent]) -> str:
    """All of an answer."""
    return "".join(event.text for event in events if isinstance(event, Delta))


def ask(port: int, case: Case) -> Ask:
    """The request of a case."""
    dialect = DIALECTS[case.dialect]
    settings = LLM(
        model=dialect.model,
        base_url=f"http://127.0.0.1:{port}{dialect.path}",
        api_version="2024-10-21",
        num_retries=RETRIES,
        retry_min_wait=0,
        retry_max_wait=2,
        retry_multiplier=0,
        timeout=case.fault.timeout_s,
    )  # fmt: skip
    return Ask(id="t1", settings=settings, key=Secret(CANARY), messages=(Message("user", "hello"),), stream=case.stream)


async def all_of(turn: AsyncGenerator[TurnEvent, None]) -> list[TurnEvent]:
    """The events of a turn."""
    async with aclosing(turn):
        return [event async for event in turn]
