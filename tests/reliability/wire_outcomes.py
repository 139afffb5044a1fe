"""How a turn must end when something goes wrong on the wire."""

from __future__ import annotations

from typing import Final

import msgspec

from tests.reliability.wire_server import Play

RETRIES: Final = 2
TRIES: Final = RETRIES + 1
TIMEOUT_S: Final = 1
ANSWER: Final = ("Hel", "lo ", "there")
TEXT: Final = "".join(ANSWER)


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How a turn must end."""

    requests: int = 1
    cause: str = ""
    """Empty: with an answer."""
    words: str = ""
    """What the message says; of an answer, what its text holds."""
    partial: bool = False
    waits: tuple[float, ...] = ()
    """The waits before the retries, where the provider asks for some."""


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that goes wrong."""

    name: str
    play: Play
    whole: Outcome
    stream: Outcome
    also: Outcome | None = None
    """Another end that is as good, where what reads an answer differs by protocol."""
    timeout_s: int = 20
    hangs: bool = False
    """Whether the user could want to cancel it: nothing comes, or no end."""


def fault(
    name: str,
    play: Play,
    outcome: Outcome,
    stream: Outcome | None = None,
    *,
    also: Outcome | None = None,
    timeout_s: int = 20,
    hangs: bool = False,
) -> Fault:
    """A fault; `outcome` holds for both ways to ask, unless `stream` is given."""
    streamed = stream or outcome
    return Fault(name=name, play=play, whole=outcome, stream=streamed, also=also, timeout_s=timeout_s, hangs=hangs)


def network(words: str) -> Outcome:
    """No answer, however often it was tried."""
    return Outcome(requests=TRIES, cause="network", words=words)


def protocol(words: str) -> Outcome:
    """An answer that is none, and would be none again."""
    return Outcome(cause="protocol", words=words)


def cut_off(cause: str, words: str) -> Outcome:
    """After the first token nothing is repeated."""
    return Outcome(cause=cause, words=words, partial=True)


FINE: Final = Outcome(words=TEXT)
