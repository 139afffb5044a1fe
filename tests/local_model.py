"""The real built-in model for tests, fetched once on each machine. Import `built_in_model` where it is wanted."""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import pytest

from tui.local.fetch import fetch
from tui.local.pinned import cache_folder

# Read at import: each test is cut off from the user's home and environment.
_ENV: Final = dict(os.environ)
_CACHE: Final = Path(_ENV.get("LLM_BACKENDS_TEST_CACHE") or cache_folder())


@pytest.fixture(scope="session")
def built_in_model() -> Path:
    """The GGUF file, in `$LLM_BACKENDS_TEST_CACHE` or the user's cache."""
    if find_spec("xllamacpp") is None and not _ENV.get("LLM_BACKENDS_REQUIRE_REAL"):
        pytest.skip("llama.cpp is not installed: pip install 'llm-backends[local]'")
    with ThreadPoolExecutor(1) as thread:  # a loop of its own, whatever loop the test runs in
        return thread.submit(asyncio.run, _fetched()).result()


async def _fetched() -> Path:
    return await fetch(lambda _done, _total: None, folder=_CACHE, env=_ENV)
