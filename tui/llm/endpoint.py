"""Fetches one JSON document from an endpoint, with the key in the header that its kind of server wants."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import httpx
import msgspec

from tui.config.secret import Secret
from tui.llm import list_trouble as trouble
from tui.llm.addresses import Protocol
from tui.llm.exchange import Exchange, Limits, NotAnAnswerError
from tui.llm.problem import ADVANCED, SETTINGS
from tui.llm.request_context import Situation
from tui.llm.scheme import look

CONNECT_S: Final = 5.0
LIST_S: Final = 7.0
MAX_BYTES: Final = 5_000_000
_LIMITS: Final = Limits(connect_s=CONNECT_S, idle_s=LIST_S, total_s=LIST_S)
_FIRST_BAD_STATUS: Final = 300


class Fetched(msgspec.Struct, frozen=True):
    """A document, and the headers it came with, names in lower case."""

    data: Any
    headers: Mapping[str, str]
    exchange: Any
    """The `Exchange`, for the words of whoever finds that the document is another than was asked for."""


class Endpoint:
    """The server that is asked; every request to it has the same key and bounds."""

    def __init__(self, http: httpx.AsyncClient, key: Secret | None, situation: Situation) -> None:
        """Raise `ListError` if the key can't be put into a header."""
        text = key.reveal() if key else ""
        if not (text.isascii() and text.isprintable()) or text != text.strip():
            advice = f"Enter it again under API Key {SETTINGS}."
            raise trouble.not_sent("settings", "The API key has characters that no key can have", advice, "api_key")
        self._http = http
        self._key = key
        self._situation = situation
        self.last = Exchange(http, _LIMITS, None, _nothing)
        """The exchange that was begun last, for the words about a time that has run out."""

    async def fetch(self, url: str, protocol: Protocol, body: Any = None) -> Fetched:
        """What an address sends, parsed; asked with POST where there is a `body`. Raises `ListError`."""
        try:
            exchange = self.last = Exchange(self._http, _LIMITS, self._situation.settings.base_url or url, _nothing)
        except httpx.InvalidURL as error:
            advice = f"Check base_url {ADVANCED}."
            raise trouble.not_sent("settings", "base_url is no address", advice, "base_url") from error
        try:
            sent = httpx.Request("GET" if body is None else "POST", url, headers=self._headers(protocol), json=body)
            answer = await exchange.send(sent)
            if answer.status_code >= _FIRST_BAD_STATUS:
                raise trouble.refused(exchange, self._situation)
            return Fetched(await self._parsed(answer, exchange), exchange.headers, exchange)
        except NotAnAnswerError as error:
            raise trouble.no_list("html", exchange, self._situation) from error
        except httpx.HTTPError as error:
            await look(exchange, self._situation)
            raise trouble.no_answer(error, exchange, self._situation) from error
        finally:
            await exchange.close()

    async def _parsed(self, answer: httpx.Response, exchange: Exchange) -> Any:
        data = bytearray()
        async for part in answer.aiter_raw():
            data += part
            if len(data) > MAX_BYTES:
                raise trouble.no_list("too_large", exchange, self._situation)
        try:
            return msgspec.json.decode(data)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            page = bytes(data[:100]).lstrip().startswith(b"<")
            raise trouble.no_list("html" if page else "not_json", exchange, self._situation) from error

    def _headers(self, protocol: Protocol) -> Mapping[str, str]:
        version = {"anthropic-version": "2023-06-01"} if protocol == "anthropic" else {}
        if not self._key:
            return version
        match protocol:
            case "anthropic":
                return {"x-api-key": self._key.reveal(), **version}
            case "gemini":
                return {"x-goog-api-key": self._key.reveal()}
            case _:
                return {"authorization": f"Bearer {self._key.reveal()}"}


def _nothing() -> None:
    """No clock runs for a list."""
