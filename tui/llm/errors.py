"""Tells failures apart, by what went over the wire; LiteLLM's exception class is the last thing to go by.

http for https           found by a look at the port, or in the server's words            -> scheme.py
nothing was sent         LiteLLM refused the settings, or the exchange refused LiteLLM    -> here
no answer                DNS, refused, reset, TLS, timeout                                -> network.py
a status of 300 or more  the provider's own words say which                               -> refusals.py
a 200 that is no answer  a web page, an empty or cut stream, an error inside it           -> here
"""

from __future__ import annotations

import os
from typing import Final

from msgspec.structs import replace

from tui.config.installation import this_installation
from tui.llm import network, network_variables, refusals
from tui.llm.exchange import EncodingError, Exchange, NotAnAnswerError, StrayRequestError
from tui.llm.local_setup import local_row, missing_package
from tui.llm.masking import detail
from tui.llm.problem import ADVANCED, Trouble
from tui.llm.request_context import Situation
from tui.llm.scheme import mixed_up
from tui.llm.startup import shortage
from tui.llm.words import looks_like_page, plain_words
from tui.providers.registry import find

_FIRST_BAD_STATUS: Final = 300
_REPEATS: Final = "repeating the same chunk"
"""LiteLLM's words when it stops a stream whose pieces are all alike."""


def classify(error: BaseException, exchange: Exchange, situation: Situation) -> Trouble:
    """What `error` means for the user; all text from outside is masked, made visible and bounded."""
    trouble = mixed_up(exchange) or _classify(error, exchange, situation)
    secrets = situation.secrets
    happened, advice = detail(trouble.happened, secrets), detail(trouble.advice, secrets)
    return replace(trouble, happened=happened, advice=advice, detail=detail(trouble.detail, secrets))


def _classify(error: BaseException, exchange: Exchange, situation: Situation) -> Trouble:
    if isinstance(exchange.error, StrayRequestError):
        return _stray(exchange.error, situation)
    if exchange.status is not None and exchange.status >= _FIRST_BAD_STATUS:
        return refusals.refused(exchange, situation)
    if isinstance(error, TimeoutError):
        return network.too_slow(exchange, situation)
    if isinstance(exchange.error, NotAnAnswerError):
        return _no_answer(exchange.error, exchange, situation)
    if exchange.error is not None:
        return network.no_answer(exchange.error, exchange, situation)
    return _not_sent(error, situation) if exchange.status is None else _bad_answer(error, exchange, situation)


def _stray(error: StrayRequestError, situation: Situation) -> Trouble:
    said = str(error).rstrip(".")
    advice = (
        f"LiteLLM ignores base_url for {situation.provider}; write openai/ before the model for a server of your own."
    )
    return Trouble(
        cause="settings",
        happened=f"Nothing was sent: {said[:1].lower()}{said[1:]}",
        advice=advice,
        field="model",
    )


def _not_sent(error: BaseException, situation: Situation) -> Trouble:
    blamed = network_variables.blamed(error, os.environ) or shortage(error)
    if blamed is not None:
        return Trouble(cause="setup", happened=blamed.happened, advice=blamed.advice)
    status, words = getattr(error, "status_code", None), _words(error)
    if type(error).__name__ == "UnsupportedParamsError":
        happened, field = "The model does not take one of the parameters", "drop_params"
        advice = f"Set drop_params to true, or change the parameter that the details name {ADVANCED}."
    elif (
        (package := missing_package(words))
        or isinstance(error, ImportError)
        or isinstance(error.__context__, ImportError)
    ):
        happened, field = f"LiteLLM's {situation.provider} provider needs a package that is not installed", "model"
        provider = find(situation.provider)
        package = (provider.install if provider is not None else "") or package or "PACKAGE"
        which = "" if package != "PACKAGE" else ", where PACKAGE is what the details name"
        advice = f"Install it with: {this_installation(os.environ).add(package)}{which}"
    elif (known := local_row(words)) is not None:
        row, happened = known
        return Trouble(cause=row.cause, happened=happened, advice=row.advice, field=row.field, detail=words)
    elif status in (401, 403):
        return replace(refusals.no_key("", situation), detail=words)
    else:
        happened, field = f"LiteLLM could not make a request for {situation.settings.model}", "model"
        advice = "The details say why; check model and base_url."
    return Trouble(cause="settings", happened=happened, advice=advice, field=field, detail=words)


def _no_answer(error: NotAnAnswerError, exchange: Exchange, situation: Situation) -> Trouble:
    if isinstance(error, EncodingError):
        happened = f"{exchange.host} sent the answer {error}"
        advice = "No compression was asked for: have the server, or the proxy before it, leave it out."
        return Trouble(cause="protocol", happened=happened, advice=advice, field="base_url", status=exchange.status)
    return _page(exchange, situation) if exchange.is_page else _endless()


def _page(exchange: Exchange, situation: Situation) -> Trouble:
    hint = situation.base_url_hint(_path(exchange))
    return Trouble(
        cause="protocol",
        happened=f"{exchange.host} sent a web page instead of a model's answer",
        advice=f"base_url probably points at a web site, a login page or the wrong path: {hint}",
        field="base_url",
        status=exchange.status,
        detail=plain_words(exchange.body),
    )


def _endless() -> Trouble:
    advice = f"The server does not end its answers; set max_output_tokens {ADVANCED}, or use another server."
    return Trouble(cause="protocol", happened="The answer would not end", advice=advice, field="max_output_tokens")


def _bad_answer(error: BaseException, exchange: Exchange, situation: Situation) -> Trouble:
    raw = exchange.raw
    if raw.words is not None:
        return refusals.refused_inside(raw.words, exchange, situation)
    if looks_like_page(exchange.body):
        return _page(exchange, situation)
    if _REPEATS in str(error):
        happened, field = "The model repeats itself without end, and the answer was stopped", "model"
        advice = f"Word the message differently, raise temperature {ADVANCED}, or choose another model."
    elif not raw.has_data:
        happened, field = f"{exchange.host} sent an empty answer", "base_url"
        advice = f"Try again; if it stays empty, {situation.base_url_hint(_path(exchange))}"
    elif exchange.cut:
        happened, field = f"{exchange.host} ended the answer in the middle: it was cut off", ""
        advice = "Try again; if it stays so, the server or a proxy before it cuts long answers."
    else:
        happened, field = f"{exchange.host} sent an answer that LiteLLM can't read", "model"
        protocol = situation.provider or "the model"
        advice = f"Check that the server speaks the protocol of {protocol}, which the model's prefix chooses."
    words = "\n".join(filter(None, [_words(error), plain_words(exchange.body)]))
    return Trouble(
        cause="protocol", happened=happened, advice=advice, field=field, status=exchange.status, detail=words
    )


def _path(exchange: Exchange) -> str:
    return exchange.url.path if exchange.url else ""


def _words(error: BaseException) -> str:
    """An exception's own words; LiteLLM puts whole tracebacks into some."""
    return str(error).partition("Traceback (most recent call last)")[0].strip()
