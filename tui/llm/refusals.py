"""Failures with an answer: an HTTP status, or an error inside a stream, told apart by the provider's code and words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

import httpx
from msgspec.structs import replace

from tui.llm.causes import MEANINGS, WAIT, Kind, Meaning, row_of
from tui.llm.exchange import Exchange
from tui.llm.nearest import nearest_words
from tui.llm.problem import ADVANCED, SETTINGS, Trouble
from tui.llm.request_context import Situation
from tui.llm.retry_after import asked_wait_s, reset_wait_s
from tui.llm.words import Words, looks_like_page, words_of

_OVERLOADED: Final = 529
"""Anthropic's own status."""
_PASSING: Final = frozenset({408, 409, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, _OVERLOADED})
_LIMITED: Final = frozenset({429, _OVERLOADED})
_MODEL: Final = re.compile(r"model|deployment", re.IGNORECASE)
_BLOCKED: Final = re.compile(rb"\A\s*error code: 1\d{3}\b", re.IGNORECASE)
"""Cloudflare, to a client that takes no pages."""
_STATUS_OF_LABEL: Final[Mapping[str, int]] = {
    "insufficient_quota": 429, "overloaded": _OVERLOADED, "rate_limit": 429, "resource_exhausted": 429,
    "throttling": 429, "too_many_requests": 429, "authentication_error": 401, "invalid_api_key": 401,
    "unauthenticated": 401, "permission": 403, "accessdenied": 403, "not_found": 404, "resourcenotfound": 404,
    "request_too_large": 413, "context_length_exceeded": 400, "invalid_argument": 400, "validationexception": 400,
    "invalid_request": 400, "invalid_prompt": 400, "content_filter": 400, "timeout": 504, "deadline_exceeded": 504,
    "unavailable": 503,
}  # fmt: skip
"""Inside a stream there is no status line; these, in lower case, stand for it."""
_SERVER_WORDS: Final[Mapping[int, str]] = {
    408: "gave up waiting for the request", 409: "is busy with a conflicting request", _OVERLOADED: "is overloaded",
    502: "has a proxy that got no answer", 503: "is not available", 504: "has a proxy that waited too long",
    520: "has a gateway that got an answer it can't read", 521: "has a gateway that was refused by the server",
    522: "has a gateway that could not connect to the server", 523: "has a gateway that can't reach the server",
    524: "has a gateway that waited too long for the server", 525: "has a gateway that failed at TLS with the server",
    526: "has a gateway that does not trust the server's certificate", 530: "has a gateway that can't find the server",
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


def refused(exchange: Exchange, situation: Situation) -> Trouble:
    """What a status of 300 or more means."""
    words, headers = words_of(exchange.body), exchange.headers
    kinds = (headers.get(name, "").partition(":")[0] for name in ("x-amzn-errortype", "x-ms-error-code"))
    labels = " ".join(filter(None, (words.labels, *kinds)))
    asked_s = asked_wait_s(headers)
    if asked_s is None:
        asked_s = words.asked_s
    if asked_s is None and exchange.status in _LIMITED:
        asked_s = reset_wait_s(headers)
    return _trouble(exchange.status or 0, replace(words, labels=labels, asked_s=asked_s), exchange, situation)


def refused_inside(words: Words, exchange: Exchange, situation: Situation) -> Trouble:
    """What an error in the body of a 200 means."""
    labels = words.labels.lower()
    named = next((status for label, status in _STATUS_OF_LABEL.items() if label in labels), None)
    status = words.code or named or HTTPStatus.INTERNAL_SERVER_ERROR
    return _trouble(status, words, exchange, situation)


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
    if status < HTTPStatus.BAD_REQUEST:
        return None
    row = row_of(status, words, situation.provider)
    kind = row.kind if row else _by_page(status, exchange)
    match kind:
        case None:
            return None
        case "key":
            return no_key(exchange.host, situation)
        case "no_model":
            return _no_model(status, exchange, situation)
        case "path":
            return _no_page(exchange.status or status, exchange, situation)
        case _:
            return _meant(MEANINGS[kind], status, exchange, situation)


def _by_page(status: int, exchange: Exchange) -> Kind | None:
    """What a page says by being one, whatever its words: it comes from something in front of the API."""
    page = exchange.is_page or looks_like_page(exchange.body)
    if status == HTTPStatus.FORBIDDEN and (page or _BLOCKED.search(exchange.body)):
        return "gateway"
    if status == HTTPStatus.PAYMENT_REQUIRED:
        return "quota"
    return "context" if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE else None


def _meant(meaning: Meaning, status: int, exchange: Exchange, situation: Situation) -> Trouble:
    happened = meaning.happened.format(host=exchange.host, model=situation.settings.model, status=status)
    return Trouble(
        cause=meaning.cause,
        happened=happened,
        advice=meaning.advice,
        field=meaning.field,
        may_pass=meaning.may_pass,
    )


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
            return _meant(MEANINGS["rate"], status, exchange, situation)
        case _ if status in _PASSING:
            happened = f"{host} {_SERVER_WORDS.get(status, 'failed')} ({status})"
            return Trouble(cause="server", happened=happened, advice=WAIT, field="num_retries", may_pass=True)
        case _ if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            happened = f"{host} {_SERVER_WORDS.get(status, 'failed')} ({status})"
            return Trouble(cause="server", happened=happened, advice="Try again later, or use another server.")
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
    return _no_page(status, exchange, situation)


def _no_page(status: int, exchange: Exchange, situation: Situation) -> Trouble:
    path = exchange.url.path if exchange.url else ""
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
