"""What crosses the pipe between the app and the worker: requests in, events out, as tagged structs.

Request = Ask | Cancel | RetryNow
Event   = Ready                                       once, when LiteLLM is loaded
        | Attempting | Delta | Retrying               any number
        | Finished | Failed | Cancelled               exactly one, last
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from tui.config.schema import LLM
from tui.config.secret import Secret


class Message(msgspec.Struct, frozen=True):
    """One message of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


class _Tagged(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    id: str
    """The turn that this belongs to; chosen by the asker."""


class Ask(_Tagged, frozen=True):
    """Send a conversation to the model that `settings` describe, with their retry policy."""

    settings: LLM
    """Effective settings; `api_key` in it is ignored, `key` counts."""
    key: Secret | None
    """The key that may go to this origin; None sends a dummy, never one from the environment."""
    messages: tuple[Message, ...]
    max_tokens: int | None = None
    """A bound for this request below the settings' own."""
    stream: bool = True


class Cancel(_Tagged, frozen=True):
    """End the turn now: close the connection, or stop waiting."""


class RetryNow(_Tagged, frozen=True):
    """End the wait before the next attempt."""


Cause: TypeAlias = Literal[
    "key",  # 401, 403, or no key at all
    "rate_limit",  # 429 that may pass
    "quota",  # exhausted quota or billing, 402
    "network",  # DNS, refused, reset, TLS, timeout
    "not_found",  # 404: model or path
    "context",  # prompt longer than the context window
    "policy",  # content policy
    "request",  # 400, 422: the provider does not take the request
    "server",  # 5xx, overloaded
    "protocol",  # an answer that is no model's answer
    "settings",  # the settings can't be sent
    "worker",  # the worker died
]


class Ready(msgspec.Struct, frozen=True, tag=True):
    """LiteLLM is loaded."""

    seconds: float
    """Time from the worker's start."""


class Attempting(_Tagged, frozen=True):
    """An HTTP request is being sent."""

    attempt: int
    """From 1."""
    of: int
    """Most attempts there can be: retries + 1."""


class Retrying(_Tagged, frozen=True):
    """An attempt failed in a way that may pass; the next one starts after the wait."""

    attempt: int
    """The attempt that comes next, from 2."""
    of: int
    wait_s: float
    status: int | None
    """HTTP status of the failed attempt; None if there was no answer."""
    reason: str
    """What happened, in a few words: "rate limited (429)"."""
    asked_s: float | None = None
    """The wait that the provider asked for, if it did."""


class Delta(_Tagged, frozen=True):
    """A piece of the answer."""

    text: str
    thinking: bool = False
    """Whether this is reasoning that comes before the answer."""


class Usage(msgspec.Struct, frozen=True):
    """What one turn used. Unknown is None, never 0."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int | None = None
    cost_usd: float | None = None
    first_token_s: float | None = None
    """Time to first token, from the sending of the attempt that answered."""
    total_s: float = 0.0
    """From the sending of that attempt to its end."""
    waited_s: float = 0.0
    """Spent on failed attempts and on waits before them."""
    attempts: int = 1
    tokens_estimated: bool = False
    """Whether the counts are ours because the provider sent none."""

    @property
    def tokens_per_s(self) -> float | None:
        """Output tokens per second after the first token; None where it can't be known."""
        if self.output_tokens is None or self.output_tokens <= 1 or self.first_token_s is None:
            return None
        if self.total_s <= self.first_token_s:
            return None
        return (self.output_tokens - 1) / (self.total_s - self.first_token_s)


class Finished(_Tagged, frozen=True):
    """The answer is complete."""

    usage: Usage
    finish_reason: str = "stop"
    """`stop`, or `length` where a limit cut the answer."""
    model: str = ""
    """The model that answered, as the server names it."""


class Failed(_Tagged, frozen=True):
    """The turn ended without a complete answer."""

    cause: Cause
    message: str
    """What happened and what to do, in one or two sentences."""
    detail: str = ""
    """The provider's own words, with any key in them masked."""
    status: int | None = None
    field: str = ""
    """The field of `[llm]` that most likely has to change, if one does."""
    partial: bool = False
    """Whether part of the answer had already been shown; it stays."""
    usage: Usage = msgspec.field(default_factory=Usage)


class Cancelled(_Tagged, frozen=True):
    """The user ended the turn."""

    usage: Usage = msgspec.field(default_factory=Usage)


Request: TypeAlias = Ask | Cancel | RetryNow
TurnEvent: TypeAlias = Attempting | Retrying | Delta | Finished | Failed | Cancelled
Event: TypeAlias = Ready | TurnEvent
