"""Puts `client.py` in the place of `tui.llm.client`, in every Python that has this folder on its path."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType


class _Light:
    """Finds one module, and no other."""

    def find_spec(
        self,
        name: str,
        path: Sequence[str] | None = None,  # noqa: ARG002  # how importlib calls a finder
        target: ModuleType | None = None,  # noqa: ARG002  # as above
    ) -> ModuleSpec | None:
        """The replacement for LiteLLM's module."""
        if name != "tui.llm.client":
            return None
        return spec_from_file_location(name, Path(__file__).with_name("client.py"))


sys.meta_path.insert(0, _Light())
