"""The benches by name, in the order of the table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeAlias

from tests.bench import commands, path, size, start, stream
from tests.bench.counts import Counts
from tests.bench.figures import Figure

Part: TypeAlias = Callable[[Counts], Iterator[Figure]]

PARTS: Final[Mapping[str, Part]] = {
    "start": start.start,
    "keys": start.keys,
    "streaming": stream.streaming,
    "typing": stream.typing,
    "bytes": size.output,
    "slow link": size.slow,
    "memory": size.memory,
    "path": path.figures,
    "commands": commands.figures,
}
