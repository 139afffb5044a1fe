"""Asks a fake provider for its models in this process, and makes lists in the dialects of servers."""

from __future__ import annotations

import json
from typing import Any

from tests.fake_provider import FakeProvider, Reply
from tests.llm.asking import CANARY
from tui.config.schema import LLM
from tui.config.secret import Secret
from tui.llm.discovery import discover
from tui.llm.events import Listed, ListFailed, ListModels
from tui.llm.exchange import new_http


def question(base_url: str | None, provider: str = "openai", key: str | None = CANARY) -> ListModels:
    """A question for the models at an address."""
    return ListModels(
        id="l1",
        provider=provider,
        settings=LLM(model=f"{provider}/x", base_url=base_url),
        key=Secret(key) if key else None,
    )


async def asked(base_url: str | None, provider: str = "openai", key: str | None = CANARY) -> Listed | ListFailed:
    """The answer."""
    async with new_http() as http:
        return await discover(question(base_url, provider, key), http)


async def listed(base_url: str | None, provider: str = "openai", key: str | None = CANARY) -> Listed:
    """The answer, which has to be a list."""
    answer = await asked(base_url, provider, key)
    assert isinstance(answer, Listed), answer
    return answer


async def failed(base_url: str | None, provider: str = "openai", key: str | None = CANARY) -> ListFailed:
    """The answer, which has to be a failure."""
    answer = await asked(base_url, provider, key)
    assert isinstance(answer, ListFailed), answer
    return answer


def page(data: Any, status: int = 200, **headers: str) -> Reply:
    """A JSON document."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply.raw(status, json.dumps(data), content_type="application/json", headers=named)


def rows(*found: dict[str, Any]) -> Reply:
    """A list in OpenAI's shape."""
    return page({"object": "list", "data": list(found)})


def only(server: FakeProvider, pages: dict[str, Reply]) -> None:
    """Let the server have these pages and no others."""
    server.pages = pages
    server.elsewhere = Reply.error(404, "no such page")
