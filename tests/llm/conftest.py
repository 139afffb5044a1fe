"""LiteLLM, imported once for all tests of this folder."""

from __future__ import annotations

import asyncio
import warnings

import pytest


@pytest.fixture(scope="session", autouse=True)
def _warm() -> None:
    """Its deferred imports warn about its own dependencies; that is no news here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from tui.llm import client  # noqa: PLC0415  # three seconds, inside the filter

        asyncio.run(client.warm_up())
