"""Reads lists of models in the dialects in use: which rows are models for chat, and what they say of themselves.

What a server says comes from outside: any part of it may be missing, of another type, absurd or hostile. Names are made
visible and bounded, numbers checked; a row that says nothing usable is passed over.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias

import msgspec

from tui.llm.addresses import Protocol
from tui.llm.events import Served, ServerKind
from tui.text import visible_line

Row: TypeAlias = Mapping[str, Any]

MAX_MODELS: Final = 5_000
"""The longest list that is shown; OpenRouter has some hundreds."""
_NAME_CHARS: Final = 300
_MOST_TOKENS: Final = 10**9
_MOST_DOLLARS: Final = 10**6
"""USD per 1M tokens: more is no price but a mistake."""
_PER_MILLION: Final = 1e6
_NAMES: Final[Mapping[Protocol, tuple[str, ...]]] = {
    "openai": ("id", "name", "model"),
    "litellm": ("model_name", "id"),
    "lm_studio": ("id",),
    "ollama": ("model", "name"),
    "anthropic": ("id",),
    "gemini": ("name",),
}
_CONTEXT: Final = (
    "loaded_context_length", "context_window", "context_length", "max_context_length", "max_model_len",
    "max_input_tokens", "inputTokenLimit", "meta.n_ctx", "meta.n_ctx_train", "model_info.max_input_tokens",
    "metadata.context_length", "top_provider.context_length", "limits.max_input_tokens",
)  # fmt: skip
_OUTPUT: Final = (
    "max_completion_tokens", "max_output_tokens", "outputTokenLimit", "top_provider.max_completion_tokens",
    "model_info.max_output_tokens", "limits.max_output_tokens",
)  # fmt: skip
_OTHER_TYPES: Final = frozenset({
    "embedding", "embeddings", "image", "rerank", "moderation", "audio", "video", "tts", "speech", "transcribe",
    "transcription",
})  # fmt: skip
_CHAT_MODES: Final = frozenset({"", "chat", "responses", "completion"})


class Models(msgspec.Struct, frozen=True):
    """A list that was read."""

    models: tuple[Served, ...]
    kind: ServerKind
    left_out: int
    """How many models there were beyond `MAX_MODELS`."""


def read(protocol: Protocol, data: Any, headers: Mapping[str, str], keys: Iterable[str] = ()) -> Models | None:
    """The models in a parsed body; None if it is no list of models.

    Args:
        protocol: whose list was asked for.
        data: the body.
        headers: of the answer, names in lower case.
        keys: texts that no name may hold; a row with one is passed over.
    """
    rows = _rows(data)
    if rows is None:
        return None
    named = {name: row for row in reversed(rows) if (name := _name(protocol, row))}
    if rows and not named:
        return None
    hidden = [key.casefold() for key in keys]
    kept = [
        _served(protocol, name, named[name])
        for name in reversed(named)
        if _chats(named[name]) and not any(key in name.casefold() for key in hidden)
    ]
    kind = _kind(protocol, rows, headers)
    return Models(tuple(kept[:MAX_MODELS]), kind, max(0, len(kept) - MAX_MODELS))


def count(value: Any) -> int | None:
    """A number of tokens; None for anything else."""
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:20])
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 1 <= value <= _MOST_TOKENS:
        return None
    return int(value)


def at(row: Any, path: str) -> Any:
    """The value at `a.b`; None where there is none."""
    for part in path.split("."):
        row = row.get(part) if isinstance(row, Mapping) else None
    return row


def shown_context(info: Any) -> int | None:
    """The context window in an answer of Ollama's /api/show: as set for the model, else as trained."""
    parameters = at(info, "parameters")
    for line in parameters.splitlines() if isinstance(parameters, str) else ():
        name, _, value = line.strip().partition(" ")
        if name == "num_ctx":
            return count(value.strip())
    facts = at(info, "model_info")
    lengths = (
        (value for key, value in facts.items() if key.endswith(".context_length")) if isinstance(facts, dict) else ()
    )
    return next(filter(None, map(count, lengths)), None)


def is_no_chat(info: Any) -> bool:
    """Whether an answer of Ollama's /api/show says that the model can't chat, as those for embeddings do."""
    abilities = at(info, "capabilities")
    return isinstance(abilities, list) and bool(abilities) and "completion" not in abilities


def _rows(data: Any) -> Sequence[Row] | None:
    if isinstance(data, Mapping):
        listed = next((data[name] for name in ("data", "models") if isinstance(data.get(name), list)), None)
        empty = listed is None and any(data.get(name, "") is None for name in ("data", "models"))
        data = [] if empty else listed  # Ollama writes null where it has none
    if not isinstance(data, list):
        return None
    rows = [{"id": row} if isinstance(row, str) else row for row in data if isinstance(row, (str, Mapping))]
    return rows if rows or not data else None


def _name(protocol: Protocol, row: Row) -> str:
    text = next((row[name] for name in _NAMES[protocol] if isinstance(row.get(name), str)), "")
    if protocol == "gemini":
        text = text.removeprefix("models/")
    if protocol == "litellm" and "*" in text:  # a pattern that stands for models, not one of them
        return ""
    return "" if len(text) > _NAME_CHARS else visible_line(text).strip()


def _chats(row: Row) -> bool:
    """False if the server says that the model is for something else, or not to be had."""
    mode = at(row, "model_info.mode") or row.get("mode")
    outputs = at(row, "architecture.output_modalities")
    methods = row.get("supportedGenerationMethods")
    endpoints = row.get("endpoints")
    ways = [one for one in endpoints if isinstance(one, str)] if isinstance(endpoints, list) else []
    return not (
        str(row.get("type") or "").lower() in _OTHER_TYPES
        or (isinstance(mode, str) and mode not in _CHAT_MODES)
        or at(row, "capabilities.completion_chat") is False
        or row.get("active") is False
        or (isinstance(outputs, list) and "text" not in outputs)
        or (isinstance(methods, list) and "generateContent" not in methods)
        or (bool(ways) and "chat" not in ways)
    )


def _served(protocol: Protocol, name: str, row: Row) -> Served:
    most = (*_OUTPUT, "max_tokens") if protocol == "anthropic" else _OUTPUT
    return Served(
        name,
        next(filter(None, (count(at(row, path)) for path in _CONTEXT)), None),
        next(filter(None, (count(at(row, path)) for path in most)), None),
        _price(row, "prompt", "input"),
        _price(row, "completion", "output"),
    )


def _price(row: Row, word: str, other: str) -> float | None:
    """USD per 1M tokens. OpenRouter means it when it says 0; elsewhere 0 stands for what is not known."""
    free = _dollars(at(row, f"pricing.{word}"), _PER_MILLION)
    if free is not None:
        return free
    plain = at(row, f"pricing.{other}")
    found = (
        _dollars(plain, _PER_MILLION if isinstance(plain, str) else 1),  # Vercel writes text, Together numbers
        _dollars(at(row, f"metadata.pricing.{other}_tokens"), 1),
        _dollars(at(row, f"model_info.{other}_cost_per_token"), _PER_MILLION),
    )
    return next(filter(None, found), None)


def _dollars(value: Any, times: float) -> float | None:
    try:
        price = math.nan if isinstance(value, (bool, bytes)) else float(value) * times
    except (TypeError, ValueError, OverflowError):
        return None
    return round(price, 6) if 0 <= price <= _MOST_DOLLARS else None


def _kind(protocol: Protocol, rows: Sequence[Row], headers: Mapping[str, str]) -> ServerKind:
    match protocol:
        case "litellm":
            return "LiteLLM Proxy"
        case "lm_studio":
            return "LM Studio"
        case "ollama":
            return "Ollama"
        case "anthropic":
            return "Anthropic"
        case "gemini":
            return "Google AI Studio"
        case "openai":
            return _imitated(rows[0] if rows else {}, headers)


def _imitated(row: Row, headers: Mapping[str, str]) -> ServerKind:
    """Which of the servers that speak OpenAI's protocol this is, by what only one of them says."""
    owner = row.get("owned_by")
    if any(name.startswith("x-litellm-") for name in headers):
        return "LiteLLM Proxy"
    if isinstance(row.get("pricing"), Mapping) and isinstance(row.get("architecture"), Mapping):
        return "OpenRouter"
    if owner == "vllm" or "max_model_len" in row:
        return "vLLM"
    if owner == "llamacpp" or at(row, "meta.n_ctx_train") is not None:
        return "llama.cpp"
    if owner == "organization_owner":
        return "LM Studio"
    return "Ollama" if owner == "library" else "OpenAI-compatible"
