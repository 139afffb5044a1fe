"""Asks an endpoint which models it serves: the addresses in turn until one lists them, then what else the server says.

Bounds: 5 s for a connection, 7 s until there is a list, 3 s more for details, 5 MB for each answer, 5,000 models. No
redirect is followed, and nothing goes to another origin than that of `base_url` or the provider's home. The key goes as
the server's kind wants it, in a header; without a key no header is sent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any, Final

import httpx
from msgspec.structs import replace

from tui.config.secret import Secret
from tui.llm import list_trouble as trouble
from tui.llm import lists
from tui.llm.addresses import BadAddressError, NoAddressError, Protocol, Question, questions, root_of
from tui.llm.endpoint import LIST_S, Endpoint
from tui.llm.events import Listed, ListFailed, ListModels, Served
from tui.llm.list_trouble import ListError
from tui.llm.lists import Models
from tui.llm.problem import ADVANCED
from tui.llm.request_context import Situation

DETAILS_S: Final = 3.0
_DETAILED: Final = 50
"""Ollama is asked about each model by itself; no more than these."""
_AT_ONCE: Final = 5
_NAMING: Final = 8
"""A key of so many characters is not part of a model's name by chance."""
_LITELLM_DAY: Final = 1_677_610_602
"""A LiteLLM Proxy gives every model this time of creation."""


async def discover(request: ListModels, http: httpx.AsyncClient, secrets: Iterable[Secret] = ()) -> Listed | ListFailed:
    """The models that the endpoint of the settings serves, or why there is no list of them.

    Args:
        request: whom to ask.
        http: sends; it must not follow redirects by itself.
        secrets: masked in whatever the server says, beside those of the request.
    """
    settings = request.settings
    own = (request.key, settings.api_key, settings.aws_access_key_id, settings.aws_secret_access_key)
    hidden = (*(secret for secret in own if secret), *secrets)
    situation = Situation(settings, request.provider, bool(request.key), hidden)
    try:
        asked = _questions(request)
        return await _Discovery(request, Endpoint(http, request.key, situation), situation).listed(asked)
    except ListError as error:
        return error.failed(request.id, situation)


def _questions(request: ListModels) -> Sequence[Question]:
    try:
        return questions(request.provider, request.settings, _home(request))
    except NoAddressError as error:
        raise trouble.no_address(str(error)) from error
    except BadAddressError as error:
        raise trouble.not_sent("settings", str(error), f"The field is Base URL {ADVANCED}.", "base_url") from error


def _home(request: ListModels) -> str:
    if request.settings.base_url:
        return ""
    from tui.llm.client import default_base  # noqa: PLC0415  # LiteLLM; a server of one's own can be asked without it

    return default_base(request.provider)


class _Discovery:
    """One list in the making."""

    def __init__(self, request: ListModels, endpoint: Endpoint, situation: Situation) -> None:
        self._request = request
        self._endpoint = endpoint
        self._situation = situation
        keys = (secret.reveal() for secret in situation.secrets)
        self._keys = [key for key in keys if len(key) >= _NAMING]

    async def listed(self, asked: Sequence[Question]) -> Listed:
        """The list, with all details that come in time. Raises `ListError`."""
        try:
            async with asyncio.timeout(LIST_S):
                question, models = await self._first(asked)
        except TimeoutError as error:
            raise trouble.no_answer(error, self._endpoint.last, self._situation) from error
        models = await self._detailed(question, models)
        given = (self._request.settings.base_url or "").strip().rstrip("/")
        right = question.base_url if given and question.base_url != given else ""
        note = _note(models, right)
        return Listed(id=self._request.id, models=models.models, server=models.kind, base_url=right, note=note)

    async def _first(self, asked: Sequence[Question]) -> tuple[Question, Models]:
        """The first address that lists models; if none does, what the first of them said that should have."""
        failed: ListError | None = None
        for question in asked:
            try:
                return question, await self._read(question)
            except ListError as error:
                answered = error.trouble.status is not None
                if not (error.elsewhere or (question.aside and answered)):
                    raise
                if not question.aside:
                    failed = failed or error
        if failed is None:
            raise trouble.no_address("There is no address to ask")
        raise failed

    async def _read(self, question: Question) -> Models:
        fetched = await self._endpoint.fetch(question.url, question.protocol)
        models = lists.read(question.protocol, fetched.data, fetched.headers, self._keys)
        if models is None:
            raise trouble.no_list("not_a_list", fetched.exchange, self._situation)
        return _proxied(models, fetched.data)

    async def _detailed(self, question: Question, models: Models) -> Models:
        """The list with what only further questions tell; as it is where they are not answered in time."""
        if not self._request.settings.base_url and models.kind != "Ollama":
            return models
        try:
            async with asyncio.timeout(DETAILS_S):
                return await self._asked_further(root_of(question.base_url), question.protocol, models)
        except (ListError, TimeoutError):
            return models

    async def _asked_further(self, root: str, protocol: Protocol, models: Models) -> Models:
        match models.kind, protocol:
            case "llama.cpp", _:
                props = (await self._endpoint.fetch(f"{root}/props", protocol)).data
                return _with_context(models, lists.count(lists.at(props, "default_generation_settings.n_ctx")))
            case "Ollama", _:
                return await self._shown(root, models)
            case "LM Studio", "openai":
                return await self._read(Question(f"{root}/api/v0/models", "lm_studio", root))
            case "LiteLLM Proxy", "openai":
                return await self._read(Question(f"{root}/v1/model/info", "litellm", root))
            case _:
                return models

    async def _shown(self, root: str, models: Models) -> Models:
        """Ollama tells the context window of one model at a time."""
        gate = asyncio.Semaphore(_AT_ONCE)

        async def one(model: Served) -> Served | None:
            async with gate:
                try:
                    info = (await self._endpoint.fetch(f"{root}/api/show", "ollama", {"model": model.name})).data
                except ListError:
                    return model
            if lists.is_no_chat(info):
                return None
            return replace(model, context=lists.shown_context(info) or model.context)

        shown = await asyncio.gather(*map(one, models.models[:_DETAILED]))
        kept = (*(model for model in shown if model is not None), *models.models[_DETAILED:])
        return replace(models, models=kept)


def _proxied(models: Models, data: Any) -> Models:
    """A LiteLLM Proxy's list looks like OpenAI's, but for one thing."""
    rows = lists.at(data, "data")
    times = {str(lists.at(row, "created")) for row in rows} if isinstance(rows, list) else set()
    same = models.kind == "OpenAI-compatible" and times == {str(_LITELLM_DAY)}
    return replace(models, kind="LiteLLM Proxy") if same else models


def _with_context(models: Models, context: int | None) -> Models:
    if context is None:
        return models
    return replace(models, models=tuple(replace(model, context=context) for model in models.models))


def _note(models: Models, right: str) -> str:
    notes = []
    if right:
        notes.append(f"The models are listed under {right}: enter that as base_url {ADVANCED}.")
    if models.left_out:
        notes.append(f"{models.left_out:,} more models are left out.")
    if not models.models:
        load = " `ollama pull NAME` fetches one." if models.kind == "Ollama" else ""
        notes.append(f"The server has no model for chat to offer.{load}")
    return " ".join(notes)
