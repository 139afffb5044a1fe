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
        "a third of what is imported before the first paint is not Textual: the command line, TOML, the schema, the "
        "catalogue's and the vault's rules; the form is styled by more rules than a bare one"
    ),
    "first-token": (
        "with our path in one process the first token takes as long as with LiteLLM alone; the rest lies between app "
        "and worker, and has not been taken apart further"
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
    "memory": "45 MB at the first paint; then come the catalogue (5 MB) and the chat",
    "narrowing": (
        "matching and sorting take 2 ms; the rest makes a line of each match, though the list shows only the first ones"
    ),
}
