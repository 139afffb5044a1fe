"""What a child process of this room may see."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.local.child import without_keys

NAMES = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ_", min_size=1, max_size=12)


@given(NAMES)
def test_no_llm_variable_and_no_api_key_passes(name: str) -> None:
    assert not without_keys({f"LLM_{name}": "canary", f"{name.removeprefix('PIP_')}_API_KEY": "canary"})


@pytest.mark.parametrize("name", ["HF_TOKEN", "AZURE_AD_TOKEN", "AWS_PROFILE", "DB_PASSWORD", "apikey", "MY_SECRET"])
def test_what_looks_like_a_secret_does_not_pass(name: str) -> None:
    assert not without_keys({name: "canary"})


@pytest.mark.parametrize(
    "name", ["PATH", "HOME", "PIP_INDEX_URL", "PIP_KEYRING_PROVIDER", "HTTPS_PROXY", "SSL_CERT_FILE"]
)
def test_what_a_program_needs_passes(name: str) -> None:
    assert without_keys({name: "kept"}) == {name: "kept"}
