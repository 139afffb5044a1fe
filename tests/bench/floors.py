"""Why a figure is what it is, for those that may miss their target: shown in the table beside them, by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_LAYOUT: Final = (
    "Textual places every block of the transcript anew for each line that is added, so the slowest frames of a long "
    "answer take 40 to 80 ms; the median key does not wait for one"
)

FLOORS: Final[Mapping[str, str]] = {
    "start": (
        "of the CPU time beyond a bare app's, two thirds are imports before the first paint (`python -X importtime -c "
        "'import tui.cli.run'`): click, msgspec and tomllib 10 ms, the schema and the file 9, screens and widgets 20 "
        "to 25; the rest is a form with more styles, and the list of providers that the first letter opens"
    ),
    "reply-bytes-50": (
        "ten frames a second with twenty characters each: the way to the line and back to the cursor, and each change "
        "of colour, weigh as much as the text"
    ),
    "update-prose": (
        "`update()` costs the square of the length and has hardly begun at this one; ours is the whole turn, with "
        "prompt, waiting line and usage"
    ),
    "typing-prose": _LAYOUT,
    "typing-code": _LAYOUT,
    "typing-tables": (
        "each cell of a table is a widget of Textual's, so twenty tables a second make thousands: a layout of all of "
        "them takes up to 0.4 s near the end; the median key does not wait for one"
    ),
    "memory": (
        "41 MB at the first paint; then come the chat with its Markdown (4 MB), vault, books and the worker's client "
        "(3), and the catalogue (4)"
    ),
}
