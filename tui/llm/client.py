"""The one module that imports litellm: quiet, offline, without retries of its own, with guarded clients only.

Importing it takes about three seconds and 180 MB, which is why only the worker process does.
"""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing, suppress
from contextvars import ContextVar
from types import ModuleType
from typing import Any, Final

import msgspec

from tui.llm.events import ToolCall
from tui.llm.exchange import GuardedClient

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # else importing it fetches the price map over the network
os.environ["LITELLM_MODE"] = "PRODUCTION"  # else importing it reads .env of the working directory, keys and all
os.environ["LITELLM_LOG"] = "ERROR"

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # deprecations of its own dependencies, at import
    import litellm
    import openai
    from litellm.llms.custom_httpx.http_handler import AsyncHTTPHandler


class UnresolvedModelError(Exception):
    """LiteLLM knows no provider for the model."""


class Piece(msgspec.Struct, frozen=True):
    """What one chunk of an answer says, or a whole answer."""

    text: str = ""
    thinking: str = ""
    finish_reason: str = ""
    model: str = ""
    usage: Any = None
    """LiteLLM's usage object; None in all chunks but one."""
    tool_calls: tuple[ToolCall, ...] = ()
    """Of a whole answer; a chunk has none."""


class Price(msgspec.Struct, frozen=True):
    """USD per token, as the price list has it; None where it does not."""

    input: float | None = None
    output: float | None = None


def resolve(model: str, base_url: str | None, custom: str | None) -> tuple[str, str]:
    """(provider, model name) as LiteLLM would send it.

    Raises:
        UnresolvedModelError: it would not.
    """
    try:
        name, provider, _, _ = litellm.get_llm_provider(model, custom_llm_provider=custom, api_base=base_url)
    except litellm.exceptions.BadRequestError as error:
        raise UnresolvedModelError(model) from error
    return provider or "", name


def default_base(provider: str) -> str:
    """The base URL that LiteLLM uses for a provider by itself; "" where only the code of that provider knows it."""
    try:
        return litellm.get_llm_provider(f"{provider}/any")[3] or ""
    except litellm.exceptions.BadRequestError:
        return ""


def supports_reasoning(model: str, provider: str) -> bool:
    """Whether the price list says that the model takes `reasoning_effort`."""
    return bool(litellm.supports_reasoning(model=model, custom_llm_provider=provider))


async def pieces(params: Mapping[str, Any], *, modify_params: bool) -> AsyncGenerator[Piece, None]:
    """Send one request and give its answer in pieces. LiteLLM's exceptions come through as they are."""
    _MODIFY_PARAMS.set(modify_params)
    answer = await litellm.acompletion(**params, max_retries=0)
    if not params["stream"]:
        yield _whole(answer)
        return
    async with aclosing(answer):
        async for chunk in answer:
            yield _piece(chunk)


async def warm_up() -> None:
    """Have LiteLLM do what it puts off until its first request and its first chunk; nothing is sent."""
    asked = {"model": "openai/none", "api_key": "none", "messages": [{"role": "user", "content": ""}], "stream": True}
    with suppress(openai.APIError):  # the guard refuses the request, which is how it ends
        await litellm.acompletion(api_base="http://127.0.0.1", max_retries=0, **asked)
    async for _ in await litellm.acompletion(mock_response="ready", **asked):
        pass


def price(model: str, provider: str) -> Price:
    """The list price of a model; a missing price is unknown, where LiteLLM would say 0."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            key = litellm.get_model_info(model, custom_llm_provider=provider or None)["key"]
        except Exception:  # noqa: BLE001  # it raises bare Exception for a model that it does not know
            return Price()
    listed = litellm.model_cost.get(key, {})
    return Price(listed.get("input_cost_per_token"), listed.get("output_cost_per_token"))


def listed_cost_usd(model: str, provider: str, usage: Any) -> float | None:
    """What the counted tokens cost, with the price list's tiers and cache prices; None where they are not listed."""
    listed = price(model, provider)
    if listed.input is None or listed.output is None:
        return None
    own = usage.model_copy(update={"cost": None})  # LiteLLM takes the server's word for it
    answer = litellm.ModelResponse(model=model, usage=own)
    try:
        return float(litellm.completion_cost(answer, model=model, custom_llm_provider=provider or None))
    except Exception:  # noqa: BLE001  # a price that LiteLLM can't work out, for whatever reason, is unknown
        return None


def usage(prompt_tokens: int, completion_tokens: int) -> Any:
    """LiteLLM's usage object for counts of our own."""
    total = prompt_tokens + completion_tokens
    return litellm.Usage(prompt_tokens=prompt_tokens, completion_tokens=completion_tokens, total_tokens=total)


def count_tokens(model: str, *, text: str = "", messages: Sequence[Mapping[str, Any]] = ()) -> int | None:
    """Our own count, for servers that send none; None where LiteLLM has no tokenizer to hand."""
    try:
        if messages:
            return int(litellm.token_counter(model=model, messages=list(messages)))
        return int(litellm.token_counter(model=model, text=text))
    except Exception:  # noqa: BLE001  # an estimate is not worth failing a turn for
        return None


def _whole(answer: Any) -> Piece:
    choice = answer.choices[0]
    return Piece(
        text=_text(choice.message.content),
        thinking=getattr(choice.message, "reasoning_content", None) or "",
        finish_reason=choice.finish_reason or "",
        model=answer.model or "",
        usage=getattr(answer, "usage", None),
        tool_calls=tuple(
            ToolCall(call.function.name or "", call.function.arguments or "")
            for call in choice.message.tool_calls or ()
        ),
    )


def _piece(chunk: Any) -> Piece:
    usage = getattr(chunk, "usage", None)
    if not chunk.choices:
        return Piece(model=chunk.model or "", usage=usage)
    choice = chunk.choices[0]
    return Piece(
        text=_text(choice.delta.content),
        thinking=getattr(choice.delta, "reasoning_content", None) or "",
        finish_reason=choice.finish_reason or "",
        model=chunk.model or "",
        usage=usage,
    )


_MODIFY_PARAMS: Final[ContextVar[bool]] = ContextVar("_MODIFY_PARAMS", default=False)


class _PerTurn(ModuleType):
    """LiteLLM's module with an attribute for each task where it has one for the process and no parameter for a call.

    A context variable follows a request into the threads that LiteLLM builds it in, and into no other turn.
    """

    @property
    def modify_params(self) -> bool:
        """What the running turn's settings say; off outside of a turn."""
        return _MODIFY_PARAMS.get()

    @modify_params.setter
    def modify_params(self, value: bool) -> None:
        _MODIFY_PARAMS.set(value)


def _text(content: Any) -> str:
    return content if isinstance(content, str) else ""


class _Quiet(logging.NullHandler):
    """Takes the place of LiteLLM's handlers, which write to stderr."""


def _guarded(*_: object, **__: object) -> GuardedClient:
    return GuardedClient()


def _tame() -> None:
    litellm.__class__ = _PerTurn
    litellm.suppress_debug_info = True
    litellm.telemetry = False
    litellm.disable_hf_tokenizer_download = True
    litellm.aclient_session = GuardedClient()  # for providers that go through the OpenAI SDK
    AsyncHTTPHandler.create_client = _guarded  # type: ignore[method-assign]  # for all others; many ignore `client=`
    for handler in litellm.in_memory_llm_clients_cache.cache_dict.values():  # Bedrock's and Vertex's, made at import
        handler.client = GuardedClient()
    for name in ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy", "httpx", "openai"):
        logger = logging.getLogger(name)
        logger.handlers[:] = [_Quiet()]
        logger.propagate = False


_tame()
