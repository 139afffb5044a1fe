"""Why there is no list of models, told apart and put into words; the words of turns are used where they fit.

no answer             dns, refused, tls, timeout, network, settings      -> network.py, and here for time
a status from 300 on  key, forbidden, not_found, redirect, busy, request -> refusals.py, and here for paths
a 200 that is no list html, not_json, not_a_list, too_large              -> here
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

import httpx
from msgspec.structs import replace

from tui.llm.error_chain import chain
from tui.llm.errors import classify
from tui.llm.events import ListFailed, ListReason
from tui.llm.exchange import Exchange
from tui.llm.masking import detail
from tui.llm.problem import ADVANCED, SETTINGS, Trouble
from tui.llm.request_context import Situation
from tui.llm.scheme import mixed_up
from tui.llm.words import plain_words

_TYPE_IT: Final = f"or type the model's name {SETTINGS}."
_OLLAMA: Final = "an Ollama server mostly listens on port 11434; other servers mostly want openai/ before the model"
_SHAPES: Final[Mapping[str, str]] = {
    "ollama": _OLLAMA,
    "ollama_chat": _OLLAMA,
    "anthropic": "for Anthropic's protocol it is the address without /v1",
    "gemini": "for Gemini's protocol it ends in /v1beta",
}
_WRONG_PLACE: Final = frozenset({"not_found", "html", "not_json", "not_a_list", "request"})
_BY_STATUS: Final[Mapping[int, ListReason]] = {
    401: "key",
    403: "forbidden",
    404: "not_found",
    405: "not_found",
    429: "busy",
}


class ListError(Exception):
    """There is no list at one address."""

    def __init__(self, reason: ListReason, trouble: Trouble, *, elsewhere: bool = False) -> None:
        super().__init__(trouble.happened)
        self.reason = reason
        self.trouble = trouble
        self.elsewhere = elsewhere or reason in _WRONG_PLACE
        """Whether the list may be at another address of the same server."""

    def failed(self, request_id: str, situation: Situation) -> ListFailed:
        """The event; all text from outside is masked, made visible and bounded."""
        trouble, secrets = self.trouble, situation.secrets
        return ListFailed(
            id=request_id,
            reason=self.reason,
            cause=trouble.cause,
            message=detail(f"{trouble.happened}. {trouble.advice}", secrets),
            detail=detail(trouble.detail, secrets),
            status=trouble.status,
            field=trouble.field,
        )


def no_answer(error: httpx.HTTPError | TimeoutError, exchange: Exchange, situation: Situation) -> ListError:
    """No answer came, or it stopped in the middle."""
    if (mixed := mixed_up(exchange)) is not None:
        return ListError("tls", mixed)
    reason = _reason(error)
    trouble = classify(error, exchange, situation)
    if reason == "timeout" and not isinstance(exchange.error, (httpx.ConnectTimeout, httpx.PoolTimeout)):
        happened = f"{exchange.host or 'The server'} did not list its models within {exchange.limits.total_s:g} s"
        trouble = Trouble(cause="network", happened=happened, advice=f"Try again, {_TYPE_IT}")
    return ListError(reason, trouble)


def refused(exchange: Exchange, situation: Situation) -> ListError:
    """The answer's status is 300 or more."""
    if (mixed := mixed_up(exchange)) is not None:
        return ListError("tls", mixed)
    status, host = exchange.status or 0, exchange.host
    trouble = classify(ValueError(), exchange, situation)
    if trouble.cause in ("key", "quota"):
        return ListError("forbidden" if status == HTTPStatus.FORBIDDEN else "key", trouble)
    if status < HTTPStatus.BAD_REQUEST:
        return ListError("redirect", trouble, elsewhere=_to_itself(exchange))
    reason = _BY_STATUS.get(status, "busy" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "request")
    match reason:
        case "not_found":
            happened, advice = (
                f"{host} has no list of models at {_path(exchange)} ({status})",
                _address(exchange, situation),
            )
            trouble = replace(trouble, cause="not_found", happened=happened, advice=advice, field=_field(situation))
        case "busy":
            trouble = replace(trouble, advice=_busy(status, situation), field="")
        case _:
            happened = f"{host} does not take the question for its models ({status})"
            advice, field = _address(exchange, situation), _field(situation)
            trouble = replace(trouble, cause="request", happened=happened, advice=advice, field=field)
    return ListError(reason, trouble)


def no_list(reason: ListReason, exchange: Exchange, situation: Situation) -> ListError:
    """The answer is a 200 and no list of models."""
    what = {
        "html": "a web page",
        "not_json": "something that is not JSON" if exchange.body.strip() else "an empty answer",
        "not_a_list": "JSON that is no list of models",
        "too_large": "an answer that is too long",
    }[reason]
    trouble = Trouble(
        cause="protocol",
        happened=f"{exchange.host} sent {what} from {_path(exchange)} instead of its list of models",
        advice=_address(exchange, situation),
        field=_field(situation),
        status=exchange.status,
        detail=plain_words(exchange.body),
    )
    return ListError(reason, trouble)


def not_sent(reason: ListReason, happened: str, advice: str, field: str = "") -> ListError:
    """Nobody was asked."""
    return ListError(reason, Trouble(cause="settings", happened=happened.rstrip("."), advice=advice, field=field))


def no_address(why: str) -> ListError:
    """The provider has no list to be asked for."""
    return not_sent("unsupported", why, f"Choose a model from the catalogue, {_TYPE_IT}", "model")


def _reason(error: BaseException) -> ListReason:
    for cause in chain(error):
        match cause:
            case ssl.SSLError():
                return "tls"
            case socket.gaierror():
                return "dns"
            case ConnectionRefusedError():
                return "refused"
            case TimeoutError() | httpx.TimeoutException():
                return "timeout"
            case httpx.UnsupportedProtocol() | httpx.LocalProtocolError():
                return "settings"
            case _:
                continue
    return "network"


def _address(exchange: Exchange, situation: Situation) -> str:
    """What to change, judged by the path."""
    if not situation.settings.base_url:
        return f"Choose a model from the catalogue, {_TYPE_IT}"
    path = _path(exchange)
    if situation.misshapen(path):
        return situation.base_url_hint(path)
    shape = _SHAPES.get(situation.provider, "it is the address of the API, which mostly ends in /v1")
    return f"Check base_url {ADVANCED}: {shape}; {_TYPE_IT}"


def _busy(status: int, situation: Situation) -> str:
    if situation.provider == "litellm_proxy" and not situation.has_key and status == HTTPStatus.INTERNAL_SERVER_ERROR:
        return f"A LiteLLM Proxy may answer so where it gets no API key: enter it under API Key {SETTINGS}."
    return f"Wait a while and try again, {_TYPE_IT}"


def _to_itself(exchange: Exchange) -> bool:
    """Whether a redirect stays at the same origin, as those to a login page do."""
    if exchange.url is None:
        return False
    try:
        target = exchange.url.join(exchange.headers.get("location", ""))
    except (httpx.InvalidURL, ValueError):
        return False
    return (target.scheme, target.netloc) == (exchange.url.scheme, exchange.url.netloc)


def _path(exchange: Exchange) -> str:
    return exchange.url.path if exchange.url else ""


def _field(situation: Situation) -> str:
    return "base_url" if situation.settings.base_url else ""
