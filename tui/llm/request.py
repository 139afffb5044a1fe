"""Builds the parameters of one `acompletion` call from an `Ask`: what the settings say, and nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import httpx
import msgspec
from msgspec.structs import replace

from tui.config.schema import LLM
from tui.llm import client
from tui.llm.events import Ask, Message, Tool
from tui.llm.exchange import Limits
from tui.llm.problem import ADVANCED, SETTINGS, AttemptError, Trouble
from tui.providers.registry import as_litellm

DUMMY_KEY: Final = "no-key"
"""LiteLLM reads None as "look in the environment"."""
_SIGNS_ITSELF: Final = frozenset(
    {"bedrock", "bedrock_converse", "sagemaker", "sagemaker_chat", "vertex_ai", "vertex_ai_beta"}
)
"""These authenticate by other means; a dummy key would be sent in their place."""
_THINKING_ROOM: Final = 8_192
"""Anthropic's thinking budget (4,096 tokens for "high") has to fit below max_tokens, with room for the answer."""


class Sendable(msgspec.Struct, frozen=True):
    """A request that LiteLLM can send."""

    provider: str
    model: str
    """Without the provider's prefix."""
    params: Mapping[str, Any]
    limits: Limits = Limits()


def sendable(ask: Ask) -> Sendable:
    """The request for `ask`.

    Raises:
        AttemptError: the base URL is no address, or LiteLLM knows no provider for the model.
    """
    ask = replace(ask, settings=as_litellm(ask.settings))
    settings = ask.settings
    try:
        provider, model = client.resolve(settings.model, settings.base_url, settings.custom_llm_provider)
    except client.UnresolvedModelError as error:
        raise AttemptError(_unresolved(settings)) from error
    if settings.base_url and not _is_address(settings.base_url):
        raise AttemptError(_BAD_ADDRESS)
    limits = Limits.of(settings.timeout, stream=ask.stream)
    params = {
        "model": settings.model,
        "messages": _messages(ask, provider, model),
        "stream": ask.stream,
        "timeout": limits.total_s,
        "drop_params": settings.drop_params,
        **_generation(ask, provider),
        **_asked_for(ask),
        **_endpoint(ask, provider),
    }
    if ask.stream:
        params["stream_options"] = {"include_usage": True}
    return Sendable(provider, model, params, limits)


_BAD_ADDRESS: Final = Trouble(
    cause="settings",
    happened="base_url is not an address",
    advice=f"It has to start with http:// or https://, and a host has to follow {ADVANCED}.",
    field="base_url",
)


def _is_address(text: str) -> bool:
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL:
        return False
    return url.scheme in ("http", "https") and bool(url.host)


def _unresolved(settings: LLM) -> Trouble:
    model = settings.model
    if not model:
        happened, advice = "No model is set", f"Choose one {SETTINGS}."
    elif "/" not in model and model.lower().startswith("claude"):
        happened = f"LiteLLM does not know which provider serves {model}"
        advice = f"Write anthropic/{model} as the model {SETTINGS}."
    else:
        happened = f"LiteLLM does not know which provider serves {model}"
        other = f"openai/{model} for a server that speaks OpenAI's protocol"
        advice = f"Write provider/model {SETTINGS}, such as {other}, or set custom_llm_provider {ADVANCED}."
    return Trouble(cause="settings", happened=happened, advice=advice, field="model")


def _generation(ask: Ask, provider: str) -> dict[str, Any]:
    settings = ask.settings
    most = min((bound for bound in (ask.max_tokens, settings.max_output_tokens) if bound), default=None)
    params: dict[str, Any] = {} if most is None else {"max_tokens": most}
    if _takes_effort(settings, provider, most):
        return params | {"reasoning_effort": settings.reasoning_effort}  # such models refuse temperature and top_p
    params["temperature"] = settings.temperature
    if settings.top_p != 1:  # 1 changes nothing, and some models refuse to be given both
        params["top_p"] = settings.top_p
    return params


def _asked_for(ask: Ask) -> dict[str, Any]:
    """What the answer should be, besides text."""
    params: dict[str, Any] = {"response_format": {"type": "json_object"}} if ask.response_format == "json" else {}
    return params | ({"tools": [_tool(tool) for tool in ask.tools]} if ask.tools else {})


def _tool(tool: Tool) -> dict[str, Any]:
    function = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
    return {"type": "function", "function": function}


def _takes_effort(settings: LLM, provider: str, max_tokens: int | None) -> bool:
    if not client.supports_reasoning(settings.model, provider):
        return False
    if settings.reasoning_effort == "none":
        return _speaks_anthropic(provider, settings.model) or "gemini" in settings.model
    return not (_speaks_anthropic(provider, settings.model) and max_tokens is not None and max_tokens < _THINKING_ROOM)


def _endpoint(ask: Ask, provider: str) -> dict[str, Any]:
    settings = ask.settings
    given: dict[str, Any] = {
        "api_base": settings.base_url,
        "api_version": settings.api_version,
        "custom_llm_provider": settings.custom_llm_provider,
        "aws_access_key_id": settings.aws_access_key_id and settings.aws_access_key_id.reveal(),
        "aws_secret_access_key": settings.aws_secret_access_key and settings.aws_secret_access_key.reveal(),
        "aws_region_name": settings.aws_region_name,
    }
    params = {name: value for name, value in given.items() if value}
    if ask.key:
        params["api_key"] = ask.key.reveal()
    elif provider not in _SIGNS_ITSELF:
        params["api_key"] = DUMMY_KEY
    if provider == "openrouter":
        sender = {"HTTP-Referer": settings.openrouter_site_url, "X-Title": settings.openrouter_app_name}
        params["extra_headers"] = {name: value for name, value in sender.items() if value}
    return params


def _messages(ask: Ask, provider: str, model: str) -> list[dict[str, Any]]:
    cached: set[int] = set()
    if ask.settings.caching_prompt and _speaks_anthropic(provider, model) and ask.messages:
        systems = [at for at, message in enumerate(ask.messages) if message.role == "system"]
        cached = {len(ask.messages) - 1, *systems[-1:]}
    return [_message(message, cached=at in cached) for at, message in enumerate(ask.messages)]


def _message(message: Message, *, cached: bool) -> dict[str, Any]:
    if not cached and not message.images:
        return {"role": message.role, "content": message.content}
    text: dict[str, Any] = {"type": "text", "text": message.content}
    images = [{"type": "image_url", "image_url": {"url": image}} for image in message.images]
    last = {"cache_control": {"type": "ephemeral"}} if cached else {}
    return {"role": message.role, "content": [*images, text | last]}


def _speaks_anthropic(provider: str, model: str) -> bool:
    if provider == "anthropic":
        return True
    return provider in ("openrouter", "bedrock", "vertex_ai") and "claude" in model.lower()
