"""The fields of `[llm]`, each declared once: everything else that knows a field derives it from here.

Names, types, bounds and defaults are those of OpenHands 0.26; the four retry defaults are those of its
document on LLM backends. To add a field, add one annotated line to `LLM`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import NoneType, UnionType
from typing import Annotated, Final, Literal, TypeAlias, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta

from tui.config.secret import Secret

Plain: TypeAlias = str | int | float | bool
"""What a key of the file can hold. TOML has no null: an absent key is `None` in `LLM` and nowhere else."""

Value: TypeAlias = Plain | Secret
"""What a field holds inside the app: the text of a secret field is wrapped as soon as it is read."""

ScreenName: TypeAlias = Literal["settings", "advanced"]

ENV_PREFIX: Final = "LLM_"
GROUPS: Final = (
    "Model", "Endpoint", "Retries", "Generation", "Limits", "Features", "Prices", "AWS", "OpenRouter", "Embeddings", "Logging",
)  # fmt: skip
"""Group titles in the order in which screens and tables show them."""


def _about(  # one keyword for each thing a field declares
    group: str,
    title: str,
    description: str,
    *,
    unit: str = "",
    ge: float | None = None,
    le: float | None = None,
    screen: ScreenName = "advanced",
    until: str = "",
) -> Meta:
    extra = {"group": group, "unit": unit, "screen": screen, "until": until}
    return Meta(title=title, description=description, ge=ge, le=le, extra=extra)


class LLM(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One whole `[llm]` table, every field with its default. Durations are in seconds, prices in USD per token."""

    # fmt: off
    model: Annotated[str, _about("Model", "LLM Model", "The model to send requests to, as LiteLLM names it: provider/model.", screen="settings")] = "claude-3-5-sonnet-20241022"
    api_key: Annotated[Secret, _about("Model", "API Key", "The provider's key. Better kept in the keyring than in this file.", screen="settings")] | None = None

    base_url: Annotated[str, _about("Endpoint", "Base URL", "Where requests go. Leave empty for the provider's own address; LiteLLM appends /chat/completions, so most servers want it to end in /v1.")] | None = None
    api_version: Annotated[str, _about("Endpoint", "API version", "The version of the provider's API. Azure needs one, such as 2024-10-21.")] | None = None
    custom_llm_provider: Annotated[str, _about("Endpoint", "Custom provider", "The LiteLLM provider to use when the model's name does not start with one.")] | None = None
    ollama_base_url: Annotated[str, _about("Endpoint", "Ollama base URL", "Where OpenHands lists the models of an Ollama server.")] | None = None
    timeout: Annotated[int, _about("Endpoint", "Timeout", "How long one request may take. Unset, LiteLLM waits up to 6000 s.", unit="s", ge=0)] | None = None

    num_retries: Annotated[int, _about("Retries", "Retries", "How many times to retry after the first try when the provider is busy or limits the rate.", ge=0)] = 4
    retry_min_wait: Annotated[int, _about("Retries", "Shortest wait", "The shortest wait before a retry. If it is above the longest wait, it wins.", unit="s", ge=0)] = 5
    retry_max_wait: Annotated[int, _about("Retries", "Longest wait", "The longest wait before a retry; a provider that asks for more ends the turn.", unit="s", ge=0)] = 30
    retry_multiplier: Annotated[float, _about("Retries", "Multiplier", "The first wait before the bounds apply; it doubles with each further retry.", unit="s", ge=0)] = 2.0

    temperature: Annotated[float, _about("Generation", "Temperature", "How freely the model chooses its words; 0 is the most predictable.", ge=0)] = 0.0
    top_p: Annotated[float, _about("Generation", "Top p", "Choose only among the likeliest words that together have this probability.", ge=0, le=1)] = 1.0
    reasoning_effort: Annotated[Literal["low", "medium", "high", "none"], _about("Generation", "Reasoning effort", "How long a reasoning model may think before it answers.")] = "high"

    max_input_tokens: Annotated[int, _about("Limits", "Input tokens", "The longest prompt to send. Unset, the model's own context window holds.", unit="tokens", ge=1)] | None = None
    max_output_tokens: Annotated[int, _about("Limits", "Output tokens", "The longest answer to ask for. Unset, the model's own limit holds.", unit="tokens", ge=1)] | None = None
    max_message_chars: Annotated[int, _about("Limits", "Message length", "How much of one observation OpenHands puts into a prompt.", unit="characters", ge=0)] = 30_000

    caching_prompt: Annotated[bool, _about("Features", "Prompt caching", "Use the provider's prompt cache where it has one: repeated prompts cost less.")] = True
    disable_vision: Annotated[bool, _about("Features", "Disable vision", "Send no pictures, even to a model that can see them.")] | None = None
    native_tool_calling: Annotated[bool, _about("Features", "Native tool calls", "Use the model's own tool calls. Unset, OpenHands decides by model.")] | None = None
    drop_params: Annotated[bool, _about("Features", "Drop parameters", "Leave out parameters that the provider does not know, instead of failing.")] = True
    modify_params: Annotated[bool, _about("Features", "Modify parameters", "Let LiteLLM adjust a request to what the provider accepts.")] = True

    input_cost_per_token: Annotated[float, _about("Prices", "Input price", "What a prompt token costs; overrides the price list.", unit="USD per token", ge=0)] | None = None
    output_cost_per_token: Annotated[float, _about("Prices", "Output price", "What an answer token costs; overrides the price list.", unit="USD per token", ge=0)] | None = None

    aws_access_key_id: Annotated[Secret, _about("AWS", "Access key ID", "The access key of an AWS account, for Bedrock.")] | None = None
    aws_secret_access_key: Annotated[Secret, _about("AWS", "Secret access key", "The secret that belongs to the access key.")] | None = None
    aws_region_name: Annotated[str, _about("AWS", "Region", "The AWS region that serves the model, such as us-east-1.")] | None = None

    openrouter_site_url: Annotated[str, _about("OpenRouter", "Site URL", "The site that OpenRouter lists as the sender of requests.")] = "https://docs.all-hands.dev/"
    openrouter_app_name: Annotated[str, _about("OpenRouter", "App name", "The name that OpenRouter lists as the sender of requests.")] = "OpenHands"

    embedding_model: Annotated[str, _about("Embeddings", "Embedding model", "The model for OpenHands' memory.", until="0.28")] = "local"
    embedding_base_url: Annotated[str, _about("Embeddings", "Embedding base URL", "Where embedding requests go.", until="0.28")] | None = None
    embedding_deployment_name: Annotated[str, _about("Embeddings", "Embedding deployment", "The Azure deployment that serves embeddings.", until="0.28")] | None = None

    log_completions: Annotated[bool, _about("Logging", "Log completions", "Have OpenHands write every request and answer to a folder.")] = False
    log_completions_folder: Annotated[str, _about("Logging", "Log folder", "The folder for logged completions.")] = ("logs/completions")
    custom_tokenizer: Annotated[str, _about("Logging", "Custom tokenizer", "The tokenizer with which OpenHands counts tokens.")] | None = None
    # fmt: on


Kind: TypeAlias = Literal["text", "integer", "number", "switch", "choice"]


class Field(msgspec.Struct, frozen=True):
    """What every part of the app may know of one field of `LLM`."""

    name: str
    kind: Kind
    default: Value | None
    optional: bool
    """Whether the field may be absent with no default at all (`None`)."""
    choices: tuple[str, ...]
    ge: float | None
    le: float | None
    title: str
    help: str
    group: str
    unit: str
    screen: ScreenName
    secret: bool
    until: str
    """The last OpenHands version that accepts the field; empty if the newest still does."""

    @property
    def env_name(self) -> str:
        """The environment variable that overrides the field."""
        return ENV_PREFIX + self.name.upper()

    @property
    def expects(self) -> str:
        """What the field accepts, in words: "a whole number of seconds, 0 or more"."""
        return _expects(self) + _bounds(self)


class InvalidValueError(ValueError):
    """A value does not fit its field; the message says what would."""

    def __init__(self, field: Field, reason: str) -> None:
        super().__init__(f"{field.name}: {reason}. It takes {field.expects}.")
        self.field = field
        self.reason = reason


def _bounds(field: Field) -> str:
    if field.ge is not None and field.le is not None:
        return f" from {field.ge:g} to {field.le:g}"
    return f", {field.ge:g} or more" if field.ge is not None else ""


def _expects(field: Field) -> str:
    unit = "seconds" if field.unit == "s" else field.unit
    match field.kind:
        case "text":
            return "text"
        case "integer":
            return f"a whole number of {unit}" if unit else "a whole number"
        case "number":
            return f"a number ({unit})" if unit else "a number"
        case "switch":
            return "true or false"
        case "choice":
            return "one of " + ", ".join(field.choices)


_EXACT: Final = 2**53
"""The largest whole number up to which each has a floating-point number of its own."""
_TYPES: Final[Mapping[Kind, type]] = {"text": str, "choice": str, "integer": int, "number": float, "switch": bool}
_KINDS: Final[Mapping[type, Kind]] = {str: "text", int: "integer", float: "number", bool: "switch", Secret: "text"}


def _field(name: str, hint: object, default: Value | None) -> Field:
    parts = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    core, meta = get_args(next(part for part in parts if part is not NoneType))
    choices = get_args(core) if get_origin(core) is Literal else ()
    return Field(
        name=name,
        kind="choice" if choices else _KINDS[core],
        secret=core is Secret,
        default=default,
        optional=NoneType in parts,
        choices=choices,
        ge=meta.ge,
        le=meta.le,
        title=meta.title,
        help=meta.description,
        **meta.extra,
    )


def _fields() -> dict[str, Field]:
    hints = get_type_hints(LLM, include_extras=True)
    defaults = LLM()
    return {name: _field(name, hints[name], getattr(defaults, name)) for name in LLM.__struct_fields__}


FIELDS: Final[Mapping[str, Field]] = _fields()
"""Every field by name, in the order of declaration."""


def checked(field: Field, value: object) -> Value:
    """`value` as the field's own type; an integer is fine where a number is wanted, nothing else is converted.

    Raises:
        InvalidValueError: the type is wrong, the number is out of bounds or not finite, or it is not one of the choices.
    """
    if field.secret and isinstance(value, str):
        value = Secret(value)
    if isinstance(value, int) and not -_INT64 <= value < _INT64:
        raise InvalidValueError(field, "the number is too large")
    if field.kind == "number" and isinstance(value, int) and not isinstance(value, bool):
        if abs(value) > _EXACT:
            raise InvalidValueError(field, f"{value} has more digits than a number keeps")
        value = float(value)
    wanted = Secret if field.secret else _TYPES[field.kind]
    if type(value) is not wanted or not isinstance(value, (str, int, float, bool, Secret)):
        raise InvalidValueError(field, f"{_shown(field, value)} is {_TYPE_WORDS.get(type(value), 'not a plain value')}")
    if isinstance(value, float) and not math.isfinite(value):
        raise InvalidValueError(field, f"{value} is not a finite number")
    if field.choices and value not in field.choices:
        raise InvalidValueError(field, f"{_shown(field, value)} is not one of its choices")
    if isinstance(value, (int, float)) and not _within(field, value):
        raise InvalidValueError(field, f"{value:g} is out of range")
    return value


def parsed(field: Field, text: str) -> Value:
    """`text` as a person types it into a form or a command line, as the field's type.

    Booleans are true/false/yes/no/on/off/1/0; numbers may carry underscores and surrounding blanks.

    Raises:
        InvalidValueError: the text does not fit; it is never guessed at.
    """
    if field.kind in ("text", "choice"):
        return checked(field, text)
    if field.kind == "switch":
        if (word := text.strip().lower()) in _TRUE | _FALSE:
            return word in _TRUE
        raise InvalidValueError(field, f"{text!r} is neither true nor false")
    try:
        return checked(field, int(text) if field.kind == "integer" else float(text))
    except ValueError as error:
        if isinstance(error, InvalidValueError):
            raise
        what = "a whole number" if field.kind == "integer" else "a number"
        raise InvalidValueError(field, f"{text!r} is not {what}") from None


def read_env(field: Field, text: str) -> Value:
    """`text` of an environment variable as OpenHands reads it: cast, not validated; true and 1 are the only true.

    Raises:
        InvalidValueError: the cast fails; OpenHands logs that and ignores the variable.
    """
    if field.kind == "switch":
        return text.lower() in ("true", "1")
    if field.kind in ("text", "choice"):
        return Secret(text) if field.secret else text
    try:
        return int(text) if field.kind == "integer" else float(text)
    except ValueError:
        what = "a whole number" if field.kind == "integer" else "a number"
        raise InvalidValueError(field, f"{text!r} is not {what}") from None


def plain(value: Value) -> Plain:
    """`value` as it is written to the file: the text of a secret, anything else unchanged."""
    return value.reveal() if isinstance(value, Secret) else value


def shown(field: Field, value: Value | None) -> str:
    """`value` as the form and the command line print it; a secret as bullets, an absent value as ''."""
    if value is None:
        return ""
    if field.secret:
        return "••••••••"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float) and value == float(f"{value:g}") else str(value)


_INT64: Final = 2**63  # TOML promises no more
_TRUE: Final = frozenset({"true", "yes", "on", "1"})
_FALSE: Final = frozenset({"false", "no", "off", "0"})
_TYPE_WORDS: Final[Mapping[type, str]] = {
    str: "text", int: "a whole number", float: "a number", bool: "true/false", list: "a list", dict: "a table",
}  # fmt: skip


def _within(field: Field, value: float) -> bool:
    return (field.ge is None or value >= field.ge) and (field.le is None or value <= field.le)


def _shown(field: Field, value: object) -> str:
    return "its value" if field.secret else repr(value)
