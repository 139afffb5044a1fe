"""Failures with an answer: an HTTP status, or an error inside a stream, told apart by the provider's code and words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

import httpx
from msgspec.structs import replace

from tui.llm.exchange import Exchange
from tui.llm.nearest import nearest_words
from tui.llm.problem import ADVANCED, SETTINGS, Trouble
from tui.llm.request_context import Situation
from tui.llm.retry_after import asked_wait_s
from tui.llm.words import Words, error_inside, words_of

_OVERLOADED: Final = 529
"""Anthropic's own status."""
_PASSING: Final = frozenset({408, 409, 429, 500, 502, 503, 504, _OVERLOADED})
_QUOTA: Final = re.compile(
    r"insufficient[_ ]?(quota|balance|credit|fund)|credit balance|exceeded[_ ](your[_ ])?current[_ ]quota"
    r"|quota[_ ]exceeded|billing_(hard_limit|not_active)|out of credits|payment required|spend(ing)? limit|arrearage",
    re.IGNORECASE,
)
_MAYBE_QUOTA: Final = re.compile(r"billing|quota", re.IGNORECASE)
"""Words that stand in advice about rate limits as well; there the code or type says so."""
_RATE: Final = re.compile(r"rate[_ ]?limit|RESOURCE_EXHAUSTED", re.IGNORECASE)
_CONTEXT: Final = re.compile(
    r"context[_ ](length|window|size)|maximum context|(prompt|input) is too long|too many (input )?tokens"
    r"|maximum prompt length|token count.{0,40}exceeds|string_above_max_length",
    re.IGNORECASE,
)
_POLICY: Final = re.compile(
    r"content[_ ]?(filter|policy|management)|responsible ?ai|moderation|safety system|flagged|prohibited_content",
    re.IGNORECASE,
)
_BAD_KEY: Final = re.compile(
    r"api[_ ]key[_ ](not[_ ]valid|invalid)|invalid[_ ]api[_ ]key|no_db_connection", re.IGNORECASE
)
"""Under a 400: Google; and a LiteLLM Proxy without a database, which knows its master key only."""
_MODEL: Final = re.compile(r"model|deployment", re.IGNORECASE)
_NO_MODEL: Final = re.compile(
    r"model_not_found|not a valid model|model not exist|invalid model( name)?\b|model identifier is invalid"
    r"|model\W.{0,80}(does not exist|not found|not supported|is not available)",
    re.IGNORECASE,
)
"""Under a 400: OpenRouter, DeepSeek, a LiteLLM Proxy, Bedrock; some answer 403 or 422."""
_STATUS_OF_LABEL: Final[Mapping[str, int]] = {
    "insufficient_quota": 429, "overloaded_error": _OVERLOADED, "rate_limit": 429, "RESOURCE_EXHAUSTED": 429,
    "authentication_error": 401, "invalid_api_key": 401, "permission_error": 403, "not_found": 404,
    "context_length_exceeded": 400, "invalid_request": 400, "timeout_error": 504, "UNAVAILABLE": 503,
}  # fmt: skip
"""Inside a stream there is no status line; these stand for it."""
_SERVER_WORDS: Final[Mapping[int, str]] = {
    408: "gave up waiting for the request", 409: "is busy with a conflicting request", _OVERLOADED: "is overloaded",
    502: "has a proxy that got no answer", 503: "is not available", 504: "has a proxy that waited too long",
}  # fmt: skip
_AWS: Final = (
    "AWS credentials",
    f"Check Access key ID, Secret access key and Region {ADVANCED}, or their AWS_… variables; API Key stays empty.",
    "aws_access_key_id",
)
_GOOGLE: Final = (
    "Google credentials",
    "Point GOOGLE_APPLICATION_CREDENTIALS at a service account's key file, and start this program again.",
    "",
)
_OTHER_CREDENTIALS: Final[Mapping[str, tuple[str, str, str]]] = {
    "bedrock": _AWS, "bedrock_converse": _AWS, "sagemaker": _AWS, "sagemaker_chat": _AWS, "sagemaker_nova": _AWS,
    "vertex_ai": _GOOGLE, "vertex_ai_beta": _GOOGLE,
}  # fmt: skip
"""What stands in for a key, what to do about it, and the field that holds it."""
_WAIT: Final = f"Wait a while, or raise num_retries {ADVANCED}."


def refused(exchange: Exchange, situation: Situation) -> Trouble:
    """What a status of 300 or more means."""
    words = words_of(exchange.body)
    asked_s = asked_wait_s(exchange.headers)
    if asked_s is not None:
        words = replace(words, asked_s=asked_s)
    return _trouble(exchange.status or 0, words, exchange, situation)


def refused_inside(exchange: Exchange, situation: Situation) -> Trouble | None:
    """What an error in the body of a 200 means; None if there is none in the part that was kept."""
    words = error_inside(exchange.body)
    if words is None:
        return None
    named = next((status for label, status in _STATUS_OF_LABEL.items() if label in words.labels), None)
    return _trouble(words.code or named or HTTPStatus.INTERNAL_SERVER_ERROR, words, exchange, situation)


def no_key(host: str, situation: Situation) -> Trouble:
    """The key is missing or refused."""
    if not situation.has_key and situation.provider in _OTHER_CREDENTIALS:
        what, advice, field = _OTHER_CREDENTIALS[situation.provider]
        happened = f"{host} does not accept the {what}" if host else f"LiteLLM finds no {what}"
        return Trouble(cause="key", happened=happened, advice=advice, field=field)
    whose = host or situation.provider or "The provider"
    if situation.has_key:
        happened, advice = f"{whose} does not accept the API key", f"Enter a valid one under API Key {SETTINGS}."
    else:
        happened, advice = f"{whose} wants an API key, and none is set for it", f"Enter it under API Key {SETTINGS}."
    return Trouble(cause="key", happened=happened, advice=advice, field="api_key")


def _trouble(status: int, words: Words, exchange: Exchange, situation: Situation) -> Trouble:
    trouble = _by_words(status, words, exchange, situation) or _by_status(status, words, exchange, situation)
    asked_s = words.asked_s if trouble.may_pass else None
    return replace(trouble, status=status, detail=words.message or words.labels, asked_s=asked_s)


def _by_words(status: int, words: Words, exchange: Exchange, situation: Situation) -> Trouble | None:
    """Troubles that come under several statuses."""
    said = f"{words.labels} {words.message}"
    if status == HTTPStatus.PAYMENT_REQUIRED or (status in (400, 403, 429) and _is_quota(status, words)):
        happened = f"The account's quota or credit is used up ({status})"
        advice = "Check the account's plan and billing at the provider, or use another key or model."
        return Trouble(cause="quota", happened=happened, advice=advice, field="api_key")
    if status in (400, 413, 422, 500) and _CONTEXT.search(said):
        happened = "The conversation is longer than the model's context window"
        advice = f"Clear the chat, send less, or choose a model with a larger window {SETTINGS}."
        return Trouble(cause="context", happened=happened, advice=advice, field="model")
    if status in (400, 403, 422) and _POLICY.search(said):
        advice = f"Word the message differently, or choose another model {SETTINGS}."
        return Trouble(cause="policy", happened="The provider's content policy stopped the request", advice=advice)
    if status == HTTPStatus.BAD_REQUEST and _BAD_KEY.search(said):
        return no_key(exchange.host, situation)
    if status in (400, 422) and _NO_MODEL.search(said):
        return _no_model(status, exchange, situation)
    return None


def _is_quota(status: int, words: Words) -> bool:
    """Google words a limit per minute like an exhausted account, but then says how long to wait."""
    if words.per_day or _QUOTA.search(words.labels):
        return True
    if "RESOURCE_EXHAUSTED" in words.labels and words.asked_s is not None:
        return False
    if _QUOTA.search(words.message):
        return True
    too_many = status == HTTPStatus.TOO_MANY_REQUESTS
    return too_many and _MAYBE_QUOTA.search(words.message) is not None and not _RATE.search(words.labels)


def _by_status(  # noqa: PLR0911  # one case for each status
    status: int, words: Words, exchange: Exchange, situation: Situation
) -> Trouble:
    host = exchange.host
    match status:
        case _ if status < HTTPStatus.BAD_REQUEST:
            return _redirect(status, exchange)
        case HTTPStatus.UNAUTHORIZED:
            return no_key(host, situation)
        case HTTPStatus.FORBIDDEN:
            return _forbidden(host, situation)
        case HTTPStatus.NOT_FOUND | HTTPStatus.METHOD_NOT_ALLOWED:
            return _not_found(status, words, exchange, situation)
        case HTTPStatus.TOO_MANY_REQUESTS:
            happened = "Rate limited (429)"
            return Trouble(cause="rate_limit", happened=happened, advice=_WAIT, field="num_retries", may_pass=True)
        case _ if status in _PASSING:
            happened = f"{host} {_SERVER_WORDS.get(status, 'failed')} ({status})"
            return Trouble(cause="server", happened=happened, advice=_WAIT, field="num_retries", may_pass=True)
        case _ if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            advice = "Try again later, or use another server."
            return Trouble(cause="server", happened=f"{host} failed ({status})", advice=advice)
        case _:
            happened = f"{host} does not take the request ({status})"
            advice = f"The details say why; check the model {SETTINGS} and its options {ADVANCED}."
            return Trouble(cause="request", happened=happened, advice=advice, field="model")


def _forbidden(host: str, situation: Situation) -> Trouble:
    if not situation.has_key:
        return no_key(host, situation)
    advice = f"Check that the key may use this model and region, or enter another under API Key {SETTINGS}."
    return Trouble(cause="key", happened=f"{host} refuses access (403)", advice=advice, field="api_key")


def _not_found(status: int, words: Words, exchange: Exchange, situation: Situation) -> Trouble:
    path = exchange.url.path if exchange.url else ""
    if not situation.misshapen(path) and _MODEL.search(f"{words.labels} {words.message}"):
        return _no_model(status, exchange, situation)
    hint = situation.base_url_hint(path)
    advice = hint if hint.startswith("base_url") else f"{hint[0].upper()}{hint[1:]}"
    happened = f"{exchange.host} has no page {path} ({status})"
    return Trouble(cause="not_found", happened=happened, advice=advice, field="base_url")


def _no_model(status: int, exchange: Exchange, situation: Situation) -> Trouble:
    settings, provider = situation.settings, situation.provider
    if provider == "azure":
        happened = f"{exchange.host} has no deployment {settings.model.partition('/')[2]} ({status})"
        advice = f"Azure wants azure/ and the name of your deployment, not the model's {SETTINGS}."
    else:
        happened = f"{exchange.host} does not have the model {settings.model} ({status})"
        served = "The list there shows what the server has." if settings.base_url else nearest_words(settings, provider)
        advice = f"Check the model's name {SETTINGS}. {served}".rstrip()
    return Trouble(cause="not_found", happened=happened, advice=advice, field="model")


def _redirect(status: int, exchange: Exchange) -> Trouble:
    happened = f"{exchange.host} redirects to {_target(exchange)} ({status}), and redirects are not followed"
    advice = f"If you trust that address, enter it as base_url {ADVANCED}."
    return Trouble(cause="protocol", happened=happened, advice=advice, field="base_url")


def _target(exchange: Exchange) -> str:
    """The origin only: the rest of a Location is the server's text, and may repeat what was sent."""
    location = exchange.headers.get("location", "")
    if exchange.url is None or not location:
        return "another address"
    try:
        target = exchange.url.join(location)
        return f"{target.scheme}://{target.netloc.rpartition(b'@')[2].decode('ascii', 'replace')}"
    except (httpx.InvalidURL, ValueError):
        return "an address that is not valid"
