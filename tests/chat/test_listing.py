"""The models of an endpoint, asked for with the settings of the form."""

from __future__ import annotations

import pytest

from tests.chat.fakes import CANARY, Parts, settings
from tui.chat.live import live_models
from tui.config.resolve import Set
from tui.config.schema import LLM
from tui.config.secret import Secret
from tui.llm.events import Listed, Served
from tui.providers.catalogue import Catalogue, Model
from tui.request.consent import ApprovalNeededError
from tui.usage.question import NotReadyError
from tui.vault.vault import FoundKey

LISTED = Listed(id="l", models=(Served("gpt-4o", context=1000), Served("own/name")), server="OpenAI-compatible")


async def test_the_question_has_the_provider_the_address_and_the_key_of_a_request() -> None:
    parts = Parts()
    await parts.backend.models(settings({"model": "openai/gpt-4o", "base_url": "https://h/v1"}))
    (request,) = parts.worker.lists
    assert (request.provider, request.key) == ("openai", Secret(CANARY))
    assert request.settings == LLM(model="openai/gpt-4o", base_url="https://h/v1")


async def test_a_provider_can_be_asked_before_a_model_of_it_is_chosen() -> None:
    parts = Parts()
    await parts.backend.models(settings({"model": "", "custom_llm_provider": "azure"}), "groq")
    assert parts.worker.lists[0].provider == "groq"
    assert parts.keys.asked[0].place.origin == "https://api.groq.com"
    with pytest.raises(NotReadyError):
        await parts.backend.models(settings({"model": ""}))


async def test_a_draft_counts() -> None:
    parts = Parts()
    resolved = settings({"model": "openai/x"}, edits={"base_url": Set("http://127.0.0.1:1/v1")})
    await parts.backend.models(resolved)
    assert parts.worker.lists[0].settings.base_url == "http://127.0.0.1:1/v1"


async def test_a_key_that_may_not_go_there_is_not_sent_before_the_user_says_so() -> None:
    parts = Parts()
    parts.keys.found = FoundKey(secret=Secret(CANARY), source="keyring", question="Send it?")
    resolved = settings({"model": "openai/x", "base_url": "https://other.example/v1"})
    with pytest.raises(ApprovalNeededError) as caught:
        await parts.backend.models(resolved)
    assert parts.worker.lists == []
    await parts.backend.models(resolved, approved=caught.value)
    assert parts.worker.lists[0].key == Secret(CANARY)


async def test_what_the_provider_needs_is_named_before_anybody_is_asked() -> None:
    parts = Parts()
    with pytest.raises(NotReadyError, match="API version"):
        await parts.backend.models(settings({"model": ""}), "azure")
    assert parts.worker.lists == []


def test_rows_have_the_ids_that_the_settings_take_and_only_what_the_server_said() -> None:
    assert live_models(LISTED, "openrouter") == (
        Model(id="openrouter/gpt-4o", provider="openrouter", name="gpt-4o", context=1000),
        Model(id="openrouter/own/name", provider="openrouter", name="own/name"),
    )


def test_at_the_providers_own_address_the_catalogue_says_the_rest() -> None:
    known = Catalogue([Model(id="openai/gpt-4o", provider="openai", name="gpt-4o", context=128_000, input_price=2.5)])
    rows = live_models(LISTED, "openai", known)
    assert (rows[0].context, rows[0].input_price) == (1000, 2.5)
    assert rows[1] == Model(id="openai/own/name", provider="openai", name="own/name")
