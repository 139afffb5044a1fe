"""Why a figure is what it is, for those that may miss their target: shown in the table beside them, by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

FLOORS: Final[Mapping[str, str]] = {
    "start": (
        "of the CPU time beyond a bare app's, two thirds are imports before the first paint (`python -X importtime -c "
        "'import tui.cli.run'`): click, msgspec and tomllib 10 ms, the schema and the file 9, screens and widgets 20 "
        "to 25; the rest is a form with more styles, and the list of providers that the first letter opens"
    ),
    "memory": (
        "41 MB at the first paint; then come the chat with its Markdown (4 MB), vault, books and the worker's client "
        "(3), and the catalogue (4)"
    ),
    "turns": (
        "the worker does not grow; the last twelve turns stay in full, some six widgets of Textual's and 0.6 MB each, "
        "and what became of older ones is collected every eight turns"
    ),
}
