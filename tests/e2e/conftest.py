"""Fixtures for tests in a real terminal."""

from __future__ import annotations

from tests.local_model import built_in_model

__all__ = ["built_in_model"]
