"""Where an endpoint lists its models: the addresses to ask, likeliest first, and the base URL that each proves right.

    protocol    asked at                        base URL for chats
    openai      BASE/models                     BASE, mostly ending in /v1
    litellm     ROOT/v1/model/info              as given
    lm_studio   ROOT/api/v0/models              ROOT/v1
    ollama      ROOT/api/tags                   ROOT
    anthropic   ROOT/v1/models                  ROOT
    gemini      BASE/models                     BASE, ending in /v1beta

People leave out /v1, write it twice, or paste a full path. So the repaired forms of a base URL are asked after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, Literal, TypeAlias
from urllib.parse import urlsplit

import msgspec

from tui.config.schema import LLM
from tui.providers.registry import Provider, find
from tui.vault.places import BadURLError, canonical_origin

Protocol: TypeAlias = Literal["openai", "litellm", "lm_studio", "ollama", "anthropic", "gemini"]

_HOMES: Final[Mapping[str, str]] = {
    "amazon_nova": "https://api.nova.amazon.com/v1",
    "anthropic": "https://api.anthropic.com",
    "cohere": "https://api.cohere.com/v1",
    "cohere_chat": "https://api.cohere.com/v1",
    "cometapi": "https://api.cometapi.com/v1",
    "compactifai": "https://api.compactif.ai/v1",
    "deepseek": "https://api.deepseek.com",
    "gemini": "https://generativelanguage.googleapis.com/v1beta",
    "minimax": "https://api.minimax.io/v1",
    "ollama": "http://localhost:11434",
    "ollama_chat": "http://localhost:11434",
    "openai": "https://api.openai.com/v1",
    "openhands": "https://llm-proxy.app.all-hands.dev",
    "openrouter": "https://openrouter.ai/api/v1",
    "ovhcloud": "https://oai.endpoints.kepler.ai.cloud.ovh.net/v1",
}
"""The base URL of a provider's list, where LiteLLM does not know it or uses another one for chats."""
_NO_LIST: Final[Mapping[str, str]] = {
    "azure": "A key of Azure OpenAI can't list the deployments; the Azure portal shows their names.",
    "azure_text": "A key of Azure OpenAI can't list the deployments; the Azure portal shows their names.",
    "bedrock": "AWS Bedrock lists its models to signed requests only.",
    "sagemaker": "AWS SageMaker lists its endpoints to signed requests only.",
    "sagemaker_chat": "AWS SageMaker lists its endpoints to signed requests only.",
    "sagemaker_nova": "AWS SageMaker lists its endpoints to signed requests only.",
    "vertex_ai": "Google Vertex AI has no list of the models that a project may use.",
    "vertex_ai_beta": "Google Vertex AI has no list of the models that a project may use.",
}
_PROTOCOLS: Final[Mapping[str, Protocol]] = {
    "anthropic": "anthropic", "anthropic_text": "anthropic", "gemini": "gemini", "litellm_proxy": "litellm",
    "openhands": "litellm",    "lm_studio": "lm_studio", "ollama": "ollama", "ollama_chat": "ollama",
}  # fmt: skip
_TAIL: Final = re.compile(
    r"/(?:chat/completions|completions|responses|embeddings|models|messages|api/(?:chat|generate|tags|v0))$"
)
"""What people paste after a base URL."""
_VERSION: Final = re.compile(r"/v\d+(?:beta)?$")
_DOUBLED: Final = re.compile(r"(/v\d+(?:beta)?)(?:\1)+$")


class Question(msgspec.Struct, frozen=True):
    """One address to ask."""

    url: str
    protocol: Protocol
    base_url: str
    """The base URL with which chats arrive, if this address answers."""
    aside: bool = False
    """Whether a server of the right kind may lack this address, so that its refusal says nothing."""


class NoAddressError(Exception):
    """There is nobody to ask; the message says why."""


class BadAddressError(ValueError):
    """base_url can't be asked; the message says why and what to enter."""


def questions(provider: str, settings: LLM, home: str) -> tuple[Question, ...]:
    """The addresses for a provider, in order; all of one origin.

    Args:
        provider: as LiteLLM names it.
        settings: `base_url` decides, if it is set.
        home: the base URL that LiteLLM uses for the provider by itself; "" if it has none.

    Raises:
        NoAddressError: the provider has no list, or none that is known.
        BadAddressError: nothing can be sent to `base_url`.
    """
    if provider in _NO_LIST:
        raise NoAddressError(_NO_LIST[provider])
    given = (settings.base_url or _at_home(find(provider), provider, home)).strip()
    try:
        canonical_origin(given)
    except BadURLError as error:
        raise BadAddressError(str(error)) from error
    given = re.split("[?#]", given, maxsplit=1)[0].rstrip("/")
    protocol = _PROTOCOLS.get(provider, "openai")
    return tuple(dict.fromkeys(_asked(protocol, given)))


def root_of(base_url: str) -> str:
    """A base URL without its version: where a server keeps what is not part of OpenAI's protocol."""
    return _VERSION.sub("", base_url)


def _at_home(provider: Provider | None, name: str, home: str) -> str:
    """The list's own base URL; only at the origin to which the provider's key belongs."""
    base = _HOMES.get(name, home)
    origin = provider.home if provider is not None else None
    if not base or origin is None or not f"{base}/".startswith(f"{origin}/"):
        title = provider.title if provider is not None else name
        raise NoAddressError(f"The address of {title}'s list of models is not known.")
    return base


def _asked(protocol: Protocol, given: str) -> Iterator[Question]:
    tidy = _tidied(given)
    root = root_of(tidy)
    match protocol:
        case "ollama":
            yield Question(f"{root}/api/tags", protocol, given if given == f"{root}/api/chat" else root)
        case "anthropic":
            right = given if given == f"{root}/v1/messages" else root
            yield Question(f"{root}/v1/models?limit=1000", protocol, right)
        case "gemini":
            for base in _repaired(given, "/v1beta"):
                yield Question(f"{base}/models?pageSize=1000", protocol, base)
        case "litellm":
            yield Question(f"{root}/v1/model/info", protocol, tidy, aside=True)
            yield from _openai(given)
        case "lm_studio":
            yield Question(f"{root}/api/v0/models", protocol, f"{root}/v1", aside=True)
            yield from _openai(given)
        case "openai":
            yield from _openai(given)


def _openai(given: str) -> Iterator[Question]:
    for base in _repaired(given, "/v1"):
        yield Question(f"{base}/models", "openai", base)


def _repaired(given: str, version: str) -> Iterator[str]:
    """A base URL as given, then as it may have been meant."""
    tidy = _tidied(given)
    root = root_of(tidy)
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(given))
    yield from (given, tidy)
    yield from (root,) if root != tidy else (f"{tidy}{version}",)
    yield from (f"{origin}{version}", f"{origin}/api{version}")


def _tidied(given: str) -> str:
    """Without a full path's end, and with one version instead of two."""
    base = given
    while (shorter := _DOUBLED.sub(r"\1", _TAIL.sub("", base)).rstrip("/")) != base:
        base = shorter
    return base
