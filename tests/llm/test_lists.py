"""Lists of models in the dialects of servers, and in none."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.llm.addresses import Protocol
from tui.llm.events import Served
from tui.llm.lists import MAX_MODELS, count, is_no_chat, read, shown_context
from tui.text import visible_line

PROTOCOLS: tuple[Protocol, ...] = get_args(Protocol)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
KEYS = ("id", "name", "model", "model_name", "pricing", "context_length", "meta", "type", "capabilities", "endpoints")
ROWS = st.lists(st.dictionaries(st.sampled_from(KEYS), JSON, max_size=5), max_size=5)


def one(row: dict[str, Any], protocol: Protocol = "openai") -> Served:
    models = read(protocol, {"data": [row]}, {})
    assert models is not None
    (served,) = models.models
    return served


def kind(row: dict[str, Any]) -> str:
    models = read("openai", {"data": [row]}, {})
    assert models is not None
    return models.kind


@given(st.sampled_from(PROTOCOLS), JSON | ROWS | st.builds(lambda rows: {"data": rows}, ROWS))
def test_no_json_at_all_breaks_the_reader_or_gets_an_escape_through(protocol: Protocol, data: Any) -> None:
    models = read(protocol, data, {})
    for served in models.models if models else ():
        assert served.name
        assert served.name == visible_line(served.name)
        assert all(number is None or number >= 0 for number in (served.context, served.input_price))


@given(JSON)
def test_no_json_at_all_breaks_the_reader_of_ollamas_details(data: Any) -> None:
    assert (shown_context(data) or 1) >= 1
    assert is_no_chat(data) in (True, False)


@pytest.mark.parametrize("data", [{"error": "x"}, [], {"data": []}, "text", 7, None, {"data": [{}]}, {"data": [1, 2]}])
def test_what_is_no_list_of_models_is_told_from_an_empty_one(data: Any) -> None:
    models = read("openai", data, {})
    assert (models is not None) is (data in ([], {"data": []}))


def test_a_list_may_be_bare_or_of_names_or_null() -> None:
    for data in ([{"id": "a"}], ["a"], {"models": [{"name": "a"}]}, {"data": ["a"]}):
        models = read("openai", data, {})
        assert models is not None
        assert [served.name for served in models.models] == ["a"]
    assert read("ollama", {"models": None}, {}) == read("ollama", {"models": []}, {})


@pytest.mark.parametrize(
    ("row", "served"),
    [
        (
            {
                "id": "anthropic/claude-x",
                "context_length": 200_000,
                "architecture": {"output_modalities": ["text"]},
                "pricing": {"prompt": "0.000003", "completion": "0.000015"},
                "top_provider": {"max_completion_tokens": 64_000},
            },
            Served("anthropic/claude-x", 200_000, 64_000, 3.0, 15.0),
        ),
        ({"id": "free", "pricing": {"prompt": "0", "completion": "0"}}, Served("free", None, None, 0.0, 0.0)),
        ({"id": "auto", "pricing": {"prompt": "-1", "completion": "-1"}}, Served("auto")),
        ({"id": "groq", "context_window": 131_072, "max_completion_tokens": 8192}, Served("groq", 131_072, 8192)),
        ({"id": "mistral", "max_context_length": 32_000}, Served("mistral", 32_000)),
        ({"id": "vllm", "max_model_len": 4096}, Served("vllm", 4096)),
        ({"id": "together", "pricing": {"input": 0.18, "output": 0.2}}, Served("together", None, None, 0.18, 0.2)),
        ({"id": "v", "pricing": {"input": "0.000001", "output": "0.000002"}}, Served("v", None, None, 1.0, 2.0)),
        ({"id": "llama", "meta": {"n_ctx_train": 8192}}, Served("llama", 8192)),
        ({"id": "llama", "meta": {"n_ctx": 512, "n_ctx_train": 8192}}, Served("llama", 512)),
        (
            {"id": "hostile", "context_length": -5, "pricing": {"prompt": "NaN", "completion": "1e999"}},
            Served("hostile"),
        ),
        ({"id": "odd", "context_length": True, "max_output_tokens": "many"}, Served("odd")),
        ({"id": "big", "context_length": 10**30, "pricing": {"prompt": 10**400}}, Served("big")),
    ],
)
def test_numbers_are_taken_from_where_each_server_has_them(row: dict[str, Any], served: Served) -> None:
    assert one(row) == served


def test_a_litellm_proxy_says_prices_per_token_and_0_where_it_knows_none() -> None:
    info = {"max_input_tokens": 128_000, "max_output_tokens": 16_384, "mode": "chat"}
    paid = {"model_name": "gpt", "model_info": {**info, "input_cost_per_token": 2.5e-6, "output_cost_per_token": 1e-5}}
    assert one(paid, "litellm") == Served("gpt", 128_000, 16_384, 2.5, 10.0)
    unknown = {"model_name": "own", "model_info": {"input_cost_per_token": 0, "output_cost_per_token": 0}}
    assert one(unknown, "litellm") == Served("own")


def test_a_pattern_of_a_litellm_proxy_is_no_model() -> None:
    models = read("litellm", {"data": [{"model_name": "openai/*"}, {"model_name": "own"}]}, {})
    assert models is not None
    assert [served.name for served in models.models] == ["own"]


def test_geminis_names_lose_their_folder_and_anthropics_limits_are_read() -> None:
    row = {"name": "models/gemini-x", "inputTokenLimit": 1_048_576, "outputTokenLimit": 65_536}
    assert one(row | {"supportedGenerationMethods": ["generateContent"]}, "gemini") == Served(
        "gemini-x", 1_048_576, 65_536
    )
    claude = {"type": "model", "id": "claude-x", "max_input_tokens": 200_000, "max_tokens": 64_000}
    assert one(claude, "anthropic") == Served("claude-x", 200_000, 64_000)


@pytest.mark.parametrize(
    "row",
    [
        {"id": "e", "type": "embeddings"},
        {"id": "e", "mode": "embedding"},
        {"id": "e", "model_info": {"mode": "image_generation"}},
        {"id": "e", "capabilities": {"completion_chat": False}},
        {"id": "e", "active": False},
        {"id": "e", "architecture": {"output_modalities": ["image"]}},
        {"id": "e", "supportedGenerationMethods": ["embedContent"]},
        {"id": "e", "endpoints": ["embed", "classify"]},
    ],
)
def test_a_model_that_is_not_for_chat_is_left_out(row: dict[str, Any]) -> None:
    models = read("openai", {"data": [row, {"id": "chat"}]}, {})
    assert models is not None
    assert [served.name for served in models.models] == ["chat"]


@pytest.mark.parametrize(
    ("row", "name"),
    [
        ({"id": "m", "owned_by": "vllm"}, "vLLM"),
        ({"id": "m", "owned_by": "llamacpp"}, "llama.cpp"),
        ({"id": "m", "owned_by": "library"}, "Ollama"),
        ({"id": "m", "owned_by": "organization_owner"}, "LM Studio"),
        ({"id": "m", "pricing": {}, "architecture": {}}, "OpenRouter"),
        ({"id": "m", "owned_by": "openai"}, "OpenAI-compatible"),
    ],
)
def test_servers_that_speak_openais_protocol_are_told_apart(row: dict[str, Any], name: str) -> None:
    assert kind(row) == name


def test_hostile_names_are_made_visible_bounded_and_unique() -> None:
    names = ["a\x1b]52;c;eA==\x07", "b\nc", "", "  ", "x" * 301, "ok", "ok", "\u202eko"]
    models = read("openai", {"data": [{"id": name} for name in names]}, {})
    assert models is not None
    assert [served.name for served in models.models] == ["a␛]52;c;eA==␇", "b␊c", "ok", "�ko"]


def test_a_name_that_holds_the_key_is_passed_over() -> None:
    models = read("openai", {"data": [{"id": "m-SK-Canary-77"}, {"id": "m"}]}, {}, ["sk-canary-77"])
    assert models is not None
    assert [served.name for served in models.models] == ["m"]


def test_a_list_is_cut_and_says_so() -> None:
    models = read("openai", [f"m{number}" for number in range(MAX_MODELS + 7)], {})
    assert models is not None
    assert (len(models.models), models.left_out) == (MAX_MODELS, 7)
    assert models.models[0].name == "m0"


@pytest.mark.parametrize(
    ("value", "number"),
    [("4096", 4096), (4096.0, 4096), ("4k", None), (0, None), (True, None), ("²", None), (1e300, None)],
)
def test_a_count_is_a_positive_number_within_reason(value: Any, number: int | None) -> None:
    assert count(value) == number


def test_ollamas_context_is_the_one_that_is_set_before_the_one_of_the_training() -> None:
    info = {"model_info": {"general.architecture": "llama", "llama.context_length": 131_072}}
    assert shown_context(info) == 131_072
    assert shown_context({**info, "parameters": "stop  <|x|>\nnum_ctx      8192"}) == 8192
