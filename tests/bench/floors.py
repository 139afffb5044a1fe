"""Why a figure is what it is, for those that miss their target: shown in the table beside them, by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

FLOORS: Final[Mapping[str, str]] = {}
