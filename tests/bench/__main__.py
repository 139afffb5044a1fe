"""`python -m tests.bench` measures the app beside its baselines and prints a Markdown table; about ten minutes.

`--only NAME` runs one bench (`--only list` names them); `--store` keeps the figures for the README. A missed target is
told in the table and is no failure: a busy machine misses some. Run it on a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence

from tests.bench.counts import FULL, Counts
from tests.bench.figures import Figure, run_of, store, table
from tests.bench.parts import PARTS
from tests.bench.watched import NeverShownError


def main() -> None:
    """Run, print, and leave."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("--only", action="append", choices=[*PARTS, "list"], metavar="NAME", help="one of the benches")
    parser.add_argument("--store", action="store_true", help="keep the figures for tests/README.md")
    options = parser.parse_args()
    if options.only == ["list"]:
        sys.stdout.write("\n".join(PARTS) + "\n")
        return
    run = run_of(_measured(FULL, options.only or list(PARTS)))
    if options.store:
        store(run)
    sys.stdout.write(f"{table(run)}\n\n{run.missed} of {len(run.figures)} targets missed\n")


def _measured(counts: Counts, names: Sequence[str]) -> Iterator[Figure]:
    for name in names:
        began = time.monotonic()
        try:
            for figure in PARTS[name](counts):
                sys.stderr.write(f"  {figure.what}: {figure.ours}; {figure.beside}\n")
                yield figure
        except NeverShownError as error:  # on a machine that is far too busy; the others can still be measured
            sys.stderr.write(f"{name} was not measured: {error}\n")
        sys.stderr.write(f"{name}: {time.monotonic() - began:.0f} s\n")


if __name__ == "__main__":
    main()
