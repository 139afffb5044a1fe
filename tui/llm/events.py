"""What crosses the pipe between the app and the worker: requests in, events out, as tagged structs.

Request = Ask | Cancel | RetryNow | ListModels
Event   = Ready | StartFailed                         exactly one, before all others: LiteLLM is loaded, or can't be
        | Attempting | Delta | Retrying               any number
        | Finished | Failed | Cancelled               exactly one, last
        | Listed | ListFailed | Cancelled             exactly one for each ListModels
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias, TypeGuard

import msgspec

from tui.config.schema import LLM
from tui.config.secret import Secret


class Message(msgspec.Struct, frozen=True):
    """One message of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str
    images: tuple[str, ...] = ()
    """Pictures that go with the text, as data URLs."""


class Tool(msgspec.Struct, frozen=True):
    """A function that the model may ask for."""

    name: str
    description: str
    parameters: dict[str, Any]
    """JSON Schema of its arguments."""


class ToolCall(msgspec.Struct, frozen=True):
    """A function that the model asks for; nothing has checked that it is one of those offered."""

    name: str
    arguments: str
    """As the model wrote them: JSON, if it is able to."""


class _Tagged(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    id: str
    """The turn that this belongs to; chosen by the asker."""


class Ask(_Tagged, frozen=True):
    """Send a conversation to the model that `settings` describe, with their retry policy."""

    settings: LLM
    """Effective settings; `api_key` in it is ignored, `key` counts."""
    key: Secret | None
    """The key that may go to `origin`; None sends a dummy, never one from the environment."""
    messages: tuple[Message, ...]
    origin: str | None = None
    """The one origin that requests may go to, where the settings have no base URL; None where it is not known."""
    max_tokens: int | None = None
    """A bound for this request below the settings' own."""
    stream: bool = True
    response_format: Literal["", "json"] = ""
    """`json` asks the provider to let the model write nothing but one JSON object."""
    tools: tuple[Tool, ...] = ()
    """Functions on offer; what the model asks for is read from whole answers only, so don't stream."""


class ListModels(_Tagged, frozen=True):
    """Ask an endpoint which models it serves. One event answers: `Listed`, `ListFailed`, or `Cancelled`."""

    provider: str
    """As LiteLLM names it: it decides where the list is and how the key is sent."""
    settings: LLM
    """Effective settings; of them only `base_url` counts, and the secrets, which are masked in what the server says."""
    key: Secret | None
    """The key that may go to this origin; None sends none."""


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
    "setup",  # this machine's set-up: a variable, a package or a limit keeps anything from being sent
    "worker",  # the worker died
    "limit",  # the user's own spending limit
]


class Ready(msgspec.Struct, frozen=True, tag=True):
    """LiteLLM is loaded."""

    seconds: float
    """Time from the worker's start."""


StartReason: TypeAlias = Literal[
    "proxy",  # a proxy variable
    "certificates",  # a variable that names certificates, or the certificates themselves
    "package",  # a package that is missing, broken, or does not fit another
    "memory",
    "limit",  # of processes, threads or open files
    "permission",
    "program",  # Python can't be run
    "timeout",
    "other",
]


class StartFailed(msgspec.Struct, frozen=True, tag=True):
    """The worker can't start, and ends."""

    reason: StartReason
    happened: str
    """A clause that starts with a capital and has no full stop: "HTTPS_PROXY is not an address"."""
    advice: str
    """What to do, in full sentences."""
    name: str = ""
    """The variable, package or program that has to change."""
    detail: str = ""
    """The exception's own words, without secrets."""

    @property
    def message(self) -> str:
        """What happened and what to do, in a few sentences."""
        return f"{self.happened}. {self.advice}"


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
    detail: str = ""
    """The provider's own words, with any key in them masked."""


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
    """Whether the counts are ours because the provider sent none, or none that can be true."""
    cost_stated: bool = False
    """Whether the cost is the provider's own word."""
    limit_usd: float | None = None
    """What counts towards the spending limits, where that is more: a server that is not the provider's states less."""

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
    note: str = ""
    """What the user should know about the answer, such as which limit of ours cut it; mostly empty."""
    pieces: int = 0
    """How many pieces with text the answer came in; deltas may join several."""
    tool_calls: tuple[ToolCall, ...] = ()


class Failed(_Tagged, frozen=True):
    """The turn ended without a complete answer."""

    cause: Cause
    message: str
    """What happened and what to do, in one or two sentences."""
    advice: str = ""
    """The part of `message` that says what to do."""
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


ServerKind: TypeAlias = Literal[
    "OpenAI-compatible", "OpenRouter", "LiteLLM Proxy", "Ollama", "LM Studio", "vLLM", "llama.cpp",
    "Anthropic", "Google AI Studio",
]  # fmt: skip


class Served(msgspec.Struct, frozen=True):
    """One model that an endpoint serves. What the server does not say is None, never 0."""

    name: str
    """As it has to stand after the provider and a slash in the field `model`."""
    context: int | None = None
    """Tokens that fit into the prompt, as it is served."""
    max_output: int | None = None
    """Tokens that the answer can have."""
    input_price: float | None = None
    """USD per 1M prompt tokens."""
    output_price: float | None = None
    """USD per 1M answer tokens."""


class Listed(_Tagged, frozen=True):
    """The models that an endpoint serves, in its own order; those that it says are not for chat are left out."""

    models: tuple[Served, ...]
    server: ServerKind
    """What the list looks like; a server may imitate another."""
    base_url: str = ""
    """Where the list was found, if not under the `base_url` of the settings: that one has to be changed to this."""
    note: str = ""
    """What the user should know or do, in sentences; mostly empty."""


ListReason: TypeAlias = Literal[
    "dns",  # the host's name is not known
    "refused",  # nothing listens
    "tls",  # certificate, or TLS where there is none, or none where there is TLS
    "timeout",
    "network",  # any other way not to get an answer
    "key",  # 401, or no key where one is wanted
    "forbidden",  # 403
    "not_found",  # 404
    "redirect",
    "html",  # a web page
    "not_json",
    "not_a_list",  # JSON, but no list of models
    "too_large",
    "busy",  # 429, 5xx
    "request",  # any other status
    "unsupported",  # the provider has no list that could be asked for
    "settings",  # the address or the key can't be sent
    "setup",  # this machine's set-up keeps anything from being sent
    "worker",  # the worker died
]


class ListFailed(_Tagged, frozen=True):
    """There is no list; nothing but the list is lost, a model's name can be typed."""

    reason: ListReason
    cause: Cause
    """The reason in the words of a turn."""
    message: str
    """What happened and what to do, in one or two sentences."""
    detail: str = ""
    """The server's own words, with any key in them masked."""
    status: int | None = None
    field: str = ""
    """The field of `[llm]` that most likely has to change, if one does."""


Request: TypeAlias = Ask | Cancel | RetryNow | ListModels
ListEvent: TypeAlias = Listed | ListFailed
TurnEvent: TypeAlias = Attempting | Retrying | Delta | Finished | Failed | Cancelled
Event: TypeAlias = Ready | StartFailed | TurnEvent | ListEvent


LastEvent: TypeAlias = Finished | Failed | Cancelled | Listed | ListFailed


def is_last(event: Event) -> TypeGuard[LastEvent]:
    """Whether the event ends its request."""
    return isinstance(event, Finished | Failed | Cancelled | Listed | ListFailed)
