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
    "first-token": "a process lies between: a JSON line each way, and a thread that prepares the request for LiteLLM",
    "reply-bytes-50": (
        "ten frames a second with twenty characters each: the way to the line and back to the cursor, and each change "
        "of colour, weigh as much as the text"
    ),
    "update-prose": "the first 200 deltas hold the first paint of an answer; the longer it is, the smaller the share",
    "typing-prose": _LAYOUT,
    "typing-code": _LAYOUT,
    "typing-tables": (
        "each cell of a table is a widget of Textual's, so twenty tables a second make thousands: a layout of all of "
        "them takes up to 0.4 s near the end; the median key does not wait for one"
    ),
    "memory": "the catalogue of some 2,000 models, and the settings, chat and key handling beside Textual",
    "narrowing": (
        "all that match are sorted by how well and made into lines, so the slowest is the letter that all names have"
    ),
}
