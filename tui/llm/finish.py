"""Why an answer ended, in each provider's own word: LiteLLM reads most of them as "stop"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

from tui.llm.problem import ADVANCED, SETTINGS, Trouble

Meant: TypeAlias = Literal["", "length", "context", "policy", "broken"]
"""`""`: the answer ended by itself, or for its tool calls."""

_MEANT: Final[Mapping[str, Meant]] = {
    "length": "length", "max_tokens": "length", "max_output_tokens": "length", "token_limit": "length",
    "error_limit": "length", "incomplete": "length",
    "model_length": "context",  # Mistral
    "model_context_window_exceeded": "context",  # Anthropic, Bedrock
    "context_length": "context", "context_length_exceeded": "context",
    "content_filter": "policy", "content_filtered": "policy", "content_filtering": "policy",
    "guardrail_intervened": "policy",  # Bedrock
    "safety": "policy", "recitation": "policy", "blocklist": "policy", "prohibited_content": "policy",
    "spii": "policy", "image_safety": "policy", "image_prohibited_content": "policy", "image_recitation": "policy",
    "model_armor": "policy",
    "block_reason_unspecified": "policy", "language": "policy", "jailbreak": "policy",  # Google
    "refusal": "policy",  # Anthropic
    "sensitive": "policy",  # Zhipu
    "error_toxic": "policy",  # Cohere
    "insufficient_system_resource": "broken",  # DeepSeek
    "network_error": "broken",  # Zhipu
    "error": "broken", "abort": "broken", "aborted": "broken", "cancelled": "broken", "timeout": "broken",
    "malformed_function_call": "broken", "malformed_response": "broken", "unexpected_tool_call": "broken",  # Google
    "malformed_model_output": "broken", "malformed_tool_use": "broken",  # Bedrock
}  # fmt: skip
NO_TEXT: Final[Mapping[bool, str]] = {
    False: "The answer is empty: the model wrote no text.",
    True: "The answer has no text: the model only thought.",
}
"""By whether any thinking came."""


def meaning_of(raw: str, mapped: str) -> Meant:
    """What a finish reason means.

    Args:
        raw: in the provider's own words; "" where they were not seen.
        mapped: as LiteLLM has it.
    """
    return _MEANT.get(raw.lower()) or _MEANT.get(mapped.lower(), "")


def note_of(meant: Meant) -> str:
    """What the user should know of an answer that ended like this, beside that it was cut off."""
    return "The model's context window is full." if meant == "context" else ""


def broken_off(meant: Meant, raw: str, host: str) -> Trouble:
    """An answer that the provider stopped."""
    if meant == "policy":
        happened = "The provider's content policy cut the answer"
        advice = f"Word the message differently, or choose another model {SETTINGS}."
        return Trouble(cause="policy", happened=happened, advice=advice, detail=raw)
    advice = f"Try again; if it stays so, choose another model {SETTINGS}, or raise num_retries {ADVANCED}."
    return Trouble(
        cause="server", happened=f"{host} broke the answer off ({raw})", advice=advice, may_pass=True, detail=raw
    )
