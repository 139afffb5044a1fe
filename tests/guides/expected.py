"""What arrives at each provider after its guide was followed, by the providers' own descriptions of their APIs.

OpenAI       platform.openai.com/docs/api-reference/chat; so do the local servers, Groq and OpenRouter
Azure        learn.microsoft.com, "Azure OpenAI REST API reference": deployment in the path, api-key, api-version
Anthropic    docs.anthropic.com/en/api/messages: x-api-key and anthropic-version
Gemini       ai.google.dev/api/generate-content: model in the path, x-goog-api-key, no model in the body
Bedrock      docs.aws.amazon.com, "ConverseStream": model in the path, Signature Version 4
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final


@dataclass(frozen=True)
class Expected:
    """One request."""

    url: str
    """Without the query; of https requests the host is the one whose certificate was asked for."""
    key: tuple[str, str]
    """The header that says who asks, and a pattern that its whole value fits; no other such header may be there."""
    body: Mapping[str, Any]
    """The whole body."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """More of them that have to be there."""
    query: str = ""


_HELLO: Final = {"role": "user", "content": "hello"}
_OPENAI: Final = {"messages": [_HELLO], "stream": True, "stream_options": {"include_usage": True}}
_PLAIN: Final = {**_OPENAI, "temperature": 0.0}
_THINKING: Final = {**_OPENAI, "reasoning_effort": "high"}
"""A reasoning model of OpenAI takes no temperature."""
_SIGNED: Final = (
    r"AWS4-HMAC-SHA256 Credential=YOUR-ACCESS-KEY-ID/\d{8}/us-east-1/bedrock/aws4_request, "
    r"SignedHeaders=content-type;host;x-amz-date, Signature=[0-9a-f]{64}"
)


def _bearer(key: str) -> tuple[str, str]:
    return "authorization", re.escape(f"Bearer {key}")


EXPECTED: Final[Mapping[str, Expected]] = {
    "openai": Expected(
        "https://api.openai.com/v1/chat/completions", _bearer("YOUR-OPENAI-KEY"), {"model": "gpt-6.1-sol", **_THINKING}
    ),
    "anthropic": Expected(
        "https://api.anthropic.com/v1/messages",
        ("x-api-key", "YOUR-ANTHROPIC-KEY"),
        {
            "model": "claude-sonnet-5-5",
            "messages": [
                {
                    "role": "user",
                    "content": [{"type": "text", "text": "hello", "cache_control": {"type": "ephemeral"}}],
                }
            ],
            "thinking": {"type": "adaptive", "display": "summarized"},
            "output_config": {"effort": "high"},
            "max_tokens": 128_000,
            "stream": True,
        },
        headers={"anthropic-version": "2023-06-01"},
    ),
    "gemini": Expected(
        "https://generativelanguage.googleapis.com/v1alpha/models/gemini-3.8-flash:streamGenerateContent",
        ("x-goog-api-key", "YOUR-GEMINI-KEY"),
        {
            "contents": [{"role": "user", "parts": [{"text": "hello"}]}],
            "generationConfig": {"thinkingConfig": {"thinkingLevel": "high", "includeThoughts": True}},
        },
        query="alt=sse",
    ),
    "azure": Expected(
        "https://my-resource.openai.azure.com/openai/deployments/my-gpt-4o/chat/completions",
        ("api-key", "YOUR-AZURE-KEY"),
        {"model": "my-gpt-4o", **_PLAIN},
        query="api-version=2024-10-21",
    ),
    "bedrock": Expected(
        "https://bedrock-runtime.us-east-1.amazonaws.com/model/us.anthropic.claude-sonnet-5-5/converse-stream",
        ("authorization", _SIGNED),
        {
            "messages": [{"role": "user", "content": [{"text": "hello"}, {"cachePoint": {"type": "default"}}]}],
            "inferenceConfig": {},
            "additionalModelRequestFields": {
                "thinking": {"type": "adaptive", "display": "summarized"},
                "output_config": {"effort": "high"},
            },
            "additionalModelResponseFieldPaths": ["/usage/output_tokens_details"],
        },
    ),
    "groq": Expected(
        "https://api.groq.com/openai/v1/chat/completions",
        _bearer("YOUR-GROQ-KEY"),
        {"model": "openai/gpt-oss-120b", **_THINKING},
    ),
    "openrouter": Expected(
        "https://openrouter.ai/api/v1/chat/completions",
        _bearer("YOUR-OPENROUTER-KEY"),
        {"model": "openai/gpt-6.1-sol", **_THINKING, "usage": {"include": True}},
        headers={"http-referer": "https://docs.all-hands.dev/", "x-title": "OpenHands"},
    ),
    "litellm_proxy": Expected(
        "http://localhost:4000/chat/completions", _bearer("YOUR-PROXY-KEY"), {"model": "my-model", **_PLAIN}
    ),
    "ollama": Expected("http://localhost:11434/v1/chat/completions", _bearer("local"), {"model": "qwen3:8b", **_PLAIN}),
    "lm_studio": Expected(
        "http://localhost:1234/v1/chat/completions", _bearer("local"), {"model": "qwen3-8b", **_PLAIN}
    ),
    "vllm": Expected(
        "http://localhost:8000/v1/chat/completions", _bearer("local"), {"model": "Qwen/Qwen3-8B", **_PLAIN}
    ),
    "llama_cpp": Expected(
        "http://localhost:8080/v1/chat/completions", _bearer("local"), {"model": "local-model", **_PLAIN}
    ),
}
"""By guide. Vertex AI is not here: without Google's library nothing is sent."""

HOSTS: Final = (
    "api.openai.com", "api.anthropic.com", "generativelanguage.googleapis.com", "my-resource.openai.azure.com",
    "bedrock-runtime.us-east-1.amazonaws.com", "api.groq.com", "openrouter.ai", "us-central1-aiplatform.googleapis.com",
)  # fmt: skip
"""All that is reached over TLS."""

KEY_HEADERS: Final = ("authorization", "x-api-key", "api-key", "x-goog-api-key")
