"""Settings become a request, or a sentence that says what is missing."""

from __future__ import annotations

import traceback
from contextlib import aclosing

import pytest

from tests.chat.fakes import CANARY, FakeModels, Parts, settings
from tui.config.resolve import Resolved, Set
from tui.config.schema import LLM
from tui.config.secret import Secret
from tui.llm.events import Finished, Message, Usage
from tui.local.errors import DiskFullError, NoNetworkError
from tui.request.consent import ApprovalNeededError
from tui.request.prepare import place_of
from tui.usage.prepared import Prepared
from tui.usage.question import NotReadyError
from tui.vault.places import Place
from tui.vault.trouble import KeyringTimeoutError
from tui.vault.vault import FoundKey, KeySource, Search, Wanted

QUESTION = "Send your OpenAI key to other.example?"


async def refusal(parts: Parts, resolved: dict[str, Resolved]) -> NotReadyError:
    with pytest.raises(NotReadyError) as caught:
        await parts.backend.prepare(resolved)
    return caught.value


async def wanted(resolved: dict[str, Resolved]) -> Wanted:
    parts = Parts()
    await parts.backend.prepare(resolved)
    return parts.keys.asked[0]


def found(source: KeySource = "keyring", question: str = "") -> FoundKey:
    return FoundKey(secret=Secret(CANARY), source=source, question=question)


async def test_a_complete_setting_gets_its_key_and_loses_the_one_inside() -> None:
    prepared = await Parts().backend.prepare(settings({"model": "openai/gpt-4o", "api_key": "in the file"}))
    assert prepared.key == Secret(CANARY)
    assert prepared.settings == LLM(model="openai/gpt-4o")
    assert (prepared.provider.name, prepared.local) == ("openai", False)


async def test_an_empty_model_is_refused() -> None:
    error = await refusal(Parts(), settings({"model": " "}))
    assert (error.field, error.cause) == ("model", "settings")
    assert "Settings (F2)" in error.message


async def test_a_model_without_a_provider_is_refused() -> None:
    error = await refusal(Parts(), settings({"model": "no-such-model-anywhere"}))
    assert error.field == "model"
    assert "no-such-model-anywhere" in error.message


async def test_a_field_that_the_provider_needs_is_named_with_its_screen() -> None:
    error = await refusal(Parts(), settings({"model": "azure/mine", "base_url": "https://mine.openai.azure.com"}))
    assert error.field == "api_version"
    assert "Advanced (F3)" in error.message


async def test_a_base_url_that_is_none_is_refused_without_being_quoted() -> None:
    error = await refusal(Parts(), settings({"model": "openai/x", "base_url": CANARY}))
    assert (error.field, error.cause) == ("base_url", "settings")
    assert CANARY not in error.message


async def test_a_source_that_was_passed_over_blocks_where_it_decides_who_gets_the_request() -> None:
    error = await refusal(Parts(), settings({"model": 5}))
    assert error.field == "model"
    assert "line 3" in error.message


async def test_a_passed_over_source_of_another_field_does_not_block() -> None:
    prepared = await Parts().backend.prepare(settings({"model": "openai/gpt-4o", "temperature": "hot"}))
    assert prepared.settings.temperature == 0


async def test_a_value_out_of_range_from_the_environment_blocks() -> None:
    error = await refusal(Parts(), settings(env={"LLM_TOP_P": "7"}))
    assert error.field == "top_p"
    assert "LLM_TOP_P" in error.message


async def test_a_missing_key_names_the_field_and_the_variable() -> None:
    parts = Parts()
    parts.keys.found = None
    error = await refusal(parts, settings({"model": "anthropic/claude-sonnet-4-5"}))
    assert (error.cause, error.field) == ("key", "api_key")
    assert error.message == "No key for Anthropic: enter one in Settings (F2), or set ANTHROPIC_API_KEY."


async def test_trouble_with_the_keyring_is_told_when_no_key_was_found() -> None:
    parts = Parts()
    parts.keys.found, parts.keys.trouble = None, Search(trouble=KeyringTimeoutError(3))
    assert "did not answer within 3 s" in (await refusal(parts, settings())).message


@pytest.mark.parametrize("base_url", ["http://127.0.0.1:8000/v1", "http://localhost:1234/v1"])
async def test_a_server_on_this_machine_goes_without_a_key(base_url: str) -> None:
    parts = Parts()
    parts.keys.found = None
    prepared = await parts.backend.prepare(settings({"model": "openai/x", "base_url": base_url}))
    assert (prepared.key, prepared.local) == (None, True)


async def test_a_far_providers_variable_is_not_offered_to_a_server_on_this_machine() -> None:
    parts = Parts()
    parts.keys.found = found("provider env", QUESTION)
    local = settings({"model": "openai/x", "base_url": "http://127.0.0.1:8000/v1"})
    assert (await parts.backend.prepare(local)).key is None


async def test_a_provider_that_signs_by_the_environment_gets_its_own_variables_and_no_key() -> None:
    env = {"AWS_PROFILE": "work", "AWS_REGION": "eu-west-1", "OPENAI_API_KEY": CANARY}
    prepared = await Parts(env=env).backend.prepare(settings({"model": "bedrock/anthropic.claude-v2"}))
    assert prepared.key is None
    assert prepared.env == {"AWS_PROFILE": "work", "AWS_REGION": "eu-west-1"}


async def test_a_provider_without_an_address_of_its_own_asks_for_one() -> None:
    error = await refusal(Parts(), settings({"model": "huggingface/some/model"}))
    assert error.field == "base_url"


async def test_the_home_of_the_provider_is_the_place_without_a_base_url() -> None:
    asked = await wanted(settings())
    assert asked.place == Place("openai", "https://api.openai.com")
    assert (asked.home, asked.base_url_from) == ("https://api.openai.com", "default")
    assert asked.env_names == ("OPENAI_API_KEY",)


async def test_a_blank_base_url_is_none() -> None:
    parts = Parts()
    prepared = await parts.backend.prepare(settings({"model": "openai/gpt-4o", "base_url": ""}))
    assert prepared.settings.base_url is None
    assert parts.keys.asked[0].base_url_from == "default"


async def test_key_and_base_url_of_the_file_are_told_apart_from_those_of_the_environment() -> None:
    file = {"model": "openai/x", "base_url": "https://a.example/v1", "api_key": "F"}
    asked = await wanted(settings(file))
    assert (asked.place.origin, asked.base_url_from) == ("https://a.example", "file")
    assert (asked.file_key, asked.env_key) == (Secret("F"), None)
    asked = await wanted(settings(file, env={"LLM_API_KEY": "E"}))
    assert (asked.base_url_from, asked.file_key, asked.env_key) == ("file", None, Secret("E"))
    asked = await wanted(settings(file, env={"LLM_BASE_URL": "https://b.example"}))
    assert (asked.place.origin, asked.base_url_from, asked.file_key) == ("https://b.example", "env", Secret("F"))


async def test_an_edited_base_url_and_an_edited_key_are_the_drafts() -> None:
    edits = {"base_url": Set("https://c.example"), "api_key": Set(Secret("D"))}
    asked = await wanted(settings(edits=edits))
    assert (asked.base_url_from, asked.file_key) == ("edited", Secret("D"))


async def test_a_question_comes_before_anything_else_and_holds_the_key_out_of_sight() -> None:
    parts = Parts()
    parts.keys.found = found("env", QUESTION)
    with pytest.raises(ApprovalNeededError) as caught:
        await parts.backend.prepare(settings())
    assert caught.value.question == QUESTION
    text = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + repr(vars(caught.value))
    assert CANARY not in text


async def test_a_yes_is_remembered_and_holds_for_that_key_only() -> None:
    parts = Parts()
    parts.keys.found = found("env", QUESTION)
    with pytest.raises(ApprovalNeededError) as caught:
        await parts.backend.prepare(settings())
    await parts.backend.approve(caught.value)
    assert parts.keys.approved == [parts.keys.found]
    assert (await parts.backend.prepare(settings(), approved=caught.value)).key == Secret(CANARY)
    parts.keys.found = FoundKey(secret=Secret("another"), source="env", question=QUESTION)
    with pytest.raises(ApprovalNeededError):
        await parts.backend.prepare(settings(), approved=caught.value)


async def test_the_built_in_model_is_started_with_its_progress_told_and_no_key_looked_for() -> None:
    parts = Parts(models=FakeModels(wanted=True))
    told: list[tuple[str, float | None]] = []
    built_in = settings({"model": "openai/smollm2-135m-instruct", "base_url": "http://127.0.0.1:9/v1"})
    prepared = await parts.backend.prepare(built_in, lambda words, share: told.append((words, share)))
    assert (prepared.key, prepared.local, parts.keys.asked) == (None, True, [])
    assert told == [
        ("starting the built-in model", None),
        ("fetching the built-in model 34 of 93 MB", pytest.approx(34 / 93)),
    ]


async def test_a_built_in_model_that_can_not_start_says_why() -> None:
    parts = Parts(models=FakeModels(wanted=True, error=NoNetworkError("No network. Connect and try again.")))
    error = await refusal(parts, settings({"model": "openai/x", "base_url": "http://127.0.0.1:9/v1"}))
    assert (error.message, error.cause) == ("No network. Connect and try again.", "network")
    parts = Parts(models=FakeModels(wanted=True, error=DiskFullError("The disk is full. Free some space.")))
    error = await refusal(parts, settings({"model": "openai/x", "base_url": "http://127.0.0.1:9/v1"}))
    assert error.cause == "settings"


async def test_a_turn_carries_settings_key_messages_and_variables_to_the_worker() -> None:
    parts = Parts()
    parts.worker.plays(lambda turn: [Finished(id=turn, usage=Usage())])
    prepared = await parts.backend.prepare(settings())
    messages = (Message("user", "hi"),)
    async with aclosing(parts.backend.turn(prepared, messages, turn_id="t", max_tokens=5)) as events:
        assert [event async for event in events] == [Finished(id="t", usage=Usage())]
    ask = parts.worker.asks[0]
    assert (ask.id, ask.key, ask.messages, ask.max_tokens) == ("t", Secret(CANARY), messages, 5)
    assert parts.worker.envs == [{}]


async def test_what_is_prepared_shows_no_key() -> None:
    prepared = await Parts().backend.prepare(settings({"model": "openai/gpt-4o", "api_key": CANARY}))
    assert isinstance(prepared, Prepared)
    assert CANARY not in repr(prepared)


def test_the_place_of_settings_is_where_their_key_belongs() -> None:
    assert place_of(LLM(model="openai/x", base_url="HTTPS://A.example:443/v1")) == Place("openai", "https://a.example")
    with pytest.raises(NotReadyError):
        place_of(LLM(model="azure/mine"))
