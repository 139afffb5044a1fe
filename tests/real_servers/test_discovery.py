"""What the servers say when they are asked for their models."""

from __future__ import annotations

import pytest

from tests.llm.listing import failed, listed
from tests.real_servers.servers import BUILT_IN, Real, built_in_model, litellm_proxy, llama_cpp, oai2ollama
from tui.llm.events import Served

__all__ = ["built_in_model", "litellm_proxy", "llama_cpp", "oai2ollama"]

pytestmark = [pytest.mark.real("llama.cpp"), pytest.mark.timeout(900)]
GPT_4O = Served("gpt-4o", 128_000, 16_384, 2.5, 10.0)


async def test_llama_cpp(llama_cpp: Real) -> None:
    answer = await listed(llama_cpp.base_url, key=None)
    assert (answer.server, answer.models, answer.base_url) == ("llama.cpp", (Served(BUILT_IN, 8192),), "")


@pytest.mark.parametrize("path", ["/v1", "/chat/completions"])
async def test_llama_cpp_with_a_wrong_base_url(llama_cpp: Real, path: str) -> None:
    assert (await listed(llama_cpp.base_url + path, key=None)).base_url == llama_cpp.base_url


async def test_llama_cpp_is_no_ollama_and_speaks_no_tls(llama_cpp: Real) -> None:
    wrong = await failed(llama_cpp.base_url.removesuffix("/v1"), "ollama_chat", key=None)
    assert wrong.reason == "not_found"
    assert "openai/ before the model" in wrong.message
    assert (await failed(llama_cpp.base_url.replace("http:", "https:"), key=None)).reason == "tls"


@pytest.mark.parametrize("path", ["", "/v1"])
@pytest.mark.parametrize("provider", ["litellm_proxy", "openai"])
async def test_the_proxy_says_prices_and_leaves_out_embeddings(litellm_proxy: Real, provider: str, path: str) -> None:
    answer = await listed(litellm_proxy.base_url + path, provider, litellm_proxy.key)
    assert (answer.server, answer.models, answer.base_url) == ("LiteLLM Proxy", (Served("smol"), GPT_4O), "")


async def test_the_proxy_with_v1_twice(litellm_proxy: Real) -> None:
    answer = await listed(f"{litellm_proxy.base_url}/v1/v1", "litellm_proxy", litellm_proxy.key)
    assert answer.base_url == f"{litellm_proxy.base_url}/v1"


async def test_the_proxy_with_a_wrong_key_or_none(litellm_proxy: Real) -> None:
    """Without a database it answers 400 to a wrong key, and 500 or 401 to none."""
    wrong = await failed(litellm_proxy.base_url, "litellm_proxy", "sk-some-other-key-77")
    assert (wrong.reason, wrong.field) == ("key", "api_key")
    assert "sk-some" not in str(wrong)
    missing = await failed(litellm_proxy.base_url, "litellm_proxy", None)
    assert "under API Key" in missing.message


async def test_ollama_s_api(oai2ollama: Real) -> None:
    answer = await listed(oai2ollama.base_url, "ollama_chat", None)
    assert (answer.server, answer.models, answer.base_url) == ("Ollama", (Served(BUILT_IN),), "")
    assert (await listed(f"{oai2ollama.base_url}/v1", "ollama", None)).base_url == oai2ollama.base_url


async def test_openai_s_api_of_the_same_server(oai2ollama: Real) -> None:
    answer = await listed(oai2ollama.base_url, "openai", None)
    assert answer.base_url == f"{oai2ollama.base_url}/v1"
    assert [served.name for served in answer.models] == [BUILT_IN]
