"""The facts at the head of a saved chat, as TOML: what may stand there, and how it is written and read back.

Only what is listed here is ever written. Of the settings that is every field that is no secret, and of an address no
more than its origin; a text that looks like a key is left out wherever it stands.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final, Literal

import msgspec

from tui.chat.conversation import Conversation, Turn
from tui.chat.key_shaped import key_shaped
from tui.config.resolve import Resolved
from tui.config.schema import FIELDS
from tui.config.secret import Secret
from tui.config.toml.document import dumped
from tui.llm.events import Cause, Failed, Usage
from tui.usage.totals import totals_words
from tui.vault.places import BadURLError, canonical_origin

VERSION: Final = 1
UNKNOWN: Final = "unknown"
_LEFT_OUT: Final = "(left out: it looks like a key)"
_NO_ADDRESS: Final = "(left out: it is no address)"
_FAILED: Final = "This turn failed before the chat was saved; what the provider said is not in the file."
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


class Failure(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why a turn failed: never in the provider's words, which may repeat what is in the settings."""

    cause: Cause
    status: int = 0
    field: str = ""
    partial: bool = False


class TurnFacts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One turn without its texts."""

    status: Literal["done", "cut", "stopped", "failed"]
    model: str = ""
    attempts: Annotated[int, msgspec.Meta(ge=0)] = 0
    local: bool = False
    replaced: bool = False
    usage: dict[str, Any] | None = None
    """The fields of `Usage`; one that is not known is the word "unknown", never 0."""
    failure: Failure | None = None


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """The whole head."""

    transcript: int
    """The version of the format."""
    saved: datetime
    model: str = ""
    """Empty where none was set when the chat was saved."""
    base_url: str = ""
    """The origin alone, where the settings name an address."""
    used: str = ""
    """All turns together, in words; for readers only."""
    mark: Annotated[str, msgspec.Meta(pattern="^[a-z0-9-]+$")]
    """What begins the comments that part the texts."""
    settings: dict[str, str | int | float | bool] = {}
    turns: tuple[TurnFacts, ...] = ()


def facts_of(talk: Conversation, settings: Mapping[str, Resolved], saved: datetime, mark: str) -> Facts:
    """What the head of this chat says."""
    shareable = _shareable(settings)
    return Facts(
        transcript=VERSION,
        saved=saved.replace(microsecond=0),
        model=str(shareable.get("model", "")),
        base_url=str(shareable.get("base_url", "")),
        used=totals_words(Conversation(talk.turns).totals()),
        mark=mark,
        settings=shareable,
        turns=tuple(map(_turn_facts, talk.turns)),
    )


def turn_of(facts: TurnFacts, texts: Mapping[str, str]) -> Turn:
    """The turn with these facts and texts. Raises `msgspec.ValidationError` if what it used is written wrongly."""
    usage = None
    if facts.usage is not None:
        usage = msgspec.convert(
            {name: None if value == UNKNOWN else value for name, value in facts.usage.items()}, Usage
        )
    return Turn(
        prompt=texts["prompt"],
        reply=texts.get("reply", ""),
        thinking=texts.get("thinking", ""),
        status=facts.status,
        usage=usage,
        attempts=facts.attempts,
        failure=None if facts.failure is None else _failed(facts.failure, usage),
        local=facts.local,
        replaced=facts.replaced,
        model=facts.model,
    )


def name_of(model: str) -> str:
    """The model's name as a file may hold it."""
    return _LEFT_OUT if key_shaped(model) else model


def written(facts: Facts) -> str:
    """The head as TOML; what no text file can hold, a lone surrogate, becomes the replacement character."""
    table = {name: value for name, value in msgspec.structs.asdict(facts).items() if value not in ("", {}, ())}
    if facts.turns:
        table["turns"] = [msgspec.to_builtins(turn) for turn in facts.turns]
    return _SURROGATE.sub("\ufffd", dumped(table))


def _shareable(settings: Mapping[str, Resolved]) -> dict[str, str | int | float | bool]:
    secrets = {item.value for item in settings.values() if isinstance(item.value, Secret)}
    shared: dict[str, str | int | float | bool] = {}
    for name, field in FIELDS.items():
        value = settings[name].value
        if not field.secret and value is not None and not isinstance(value, Secret) and value != "":
            shared[name] = _safe(name, value, secrets) if isinstance(value, str) else value
    return shared


def _safe(name: str, text: str, secrets: set[Secret]) -> str:
    if Secret(text) in secrets:
        return _LEFT_OUT
    if name.endswith("_url") or "://" in text:
        try:
            text = canonical_origin(text)
        except BadURLError:
            return _NO_ADDRESS
    return name_of(text)


def _turn_facts(turn: Turn) -> TurnFacts:
    failed = turn.failure
    return TurnFacts(
        status="stopped" if turn.status == "running" else turn.status,
        model=name_of(turn.model),
        attempts=turn.attempts,
        local=turn.local,
        replaced=turn.replaced,
        usage=None if turn.usage is None else _usage_facts(turn.usage),
        failure=None if failed is None else Failure(failed.cause, failed.status or 0, failed.field, failed.partial),
    )


def _usage_facts(usage: Usage) -> dict[str, Any]:
    return {name: UNKNOWN if value is None else value for name, value in msgspec.structs.asdict(usage).items()}


def _failed(failure: Failure, usage: Usage | None) -> Failed:
    return Failed(
        id="",
        cause=failure.cause,
        message=_FAILED,
        status=failure.status or None,
        field=failure.field,
        partial=failure.partial,
        usage=usage or Usage(),
    )
