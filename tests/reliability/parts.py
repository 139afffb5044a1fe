"""The parts of the harness by name, in the order of the table. A part gives its figures for the counts it is given."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeAlias

from tests.reliability import (
    edits,
    faults,
    injection,
    keyrings,
    keys,
    kills,
    leaks,
    long_chat,
    races,
    raw_bytes,
    reading,
    supply,
    windows,
    wire,
    wire_cancels,
)  # fmt: skip
from tests.reliability.counts import Counts
from tests.reliability.figures import Figure

Part: TypeAlias = Callable[[Counts], Iterator[Figure]]

PARTS: Final[Mapping[str, Part]] = {
    "edits": edits.figures,
    "kills": kills.figures,
    "faults": faults.figures,
    "races": races.figures,
    "bad files": reading.figures,
    "keys": keys.figures,
    "leaks": leaks.figures,
    "injection": injection.figures,
    "raw bytes": raw_bytes.figures,
    "wire": wire.figures,
    "cancels": wire_cancels.figures,
    "long chat": long_chat.figures,
    "windows": windows.figures,
    "keyrings": keyrings.figures,
    "supply": supply.figures,
}
