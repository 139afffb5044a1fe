"""The real built-in model for tests, fetched once on each machine. Import `built_in_model` where it is wanted."""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import pytest

from tests.conftest import go_without
from tests.parts import absent
from tui.local.errors import FetchError
from tui.local.fetch import fetch
from tui.local.pinned import cache_folder

# Read at import: each test is cut off from the user's home and environment.
_ENV: Final = dict(os.environ)
_CACHE: Final = Path(_ENV.get("LLM_BACKENDS_TEST_CACHE") or cache_folder())


@pytest.fixture(scope="session")
def built_in_model() -> Path:
    """The GGUF file, in `$LLM_BACKENDS_TEST_CACHE` or the user's cache."""
    if reason := absent("llama.cpp"):
        go_without(reason)
    with ThreadPoolExecutor(1) as thread:  # a loop of its own, whatever loop the test runs in
        try:
            return thread.submit(asyncio.run, _fetched()).result()
        except FetchError as error:
            go_without(f"the built-in model is not on this machine and can't be fetched: {error}")


async def _fetched() -> Path:
    return await fetch(lambda _done, _total: None, folder=_CACHE, env=_ENV)
