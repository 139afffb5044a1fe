"""`python -m tests.reliability --full` puts every promise to the test and prints the figures as a Markdown table.

Without `--full` it does so a few times each, as the ordinary test run does; with names of parts only those. `--store`
keeps the figures of a run for tests/README.md. Ends with `N passed, N failed`, and with exit code 1 if any failed.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Iterable, Iterator

from tests.reliability.counts import FAST, FULL, Counts
from tests.reliability.figures import Figure, run_of, store, table
from tests.reliability.parts import PARTS

_KEPT = ("PATH", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV", "PYTHONPATH")


def main() -> None:
    """Run, print, and leave."""
    parser = argparse.ArgumentParser(prog="python -m tests.reliability")
    parser.add_argument("part", nargs="*", help=f"only these: {', '.join(PARTS)}")
    parser.add_argument("--full", action="store_true", help="the full counts; about 36 minutes")
    parser.add_argument("--store", action="store_true", help="keep the figures for tests/README.md")
    options = parser.parse_args()
    if unknown := set(options.part) - set(PARTS):
        parser.error(f"no part is called {', '.join(unknown)}")
    if options.store and options.part:
        parser.error("only the figures of all parts are stored")
    with tempfile.TemporaryDirectory() as home:
        _cut_off(home)
        run = run_of(_played(options.part or PARTS, FULL if options.full else FAST))
    if options.store:
        store(run)
    sys.stdout.write(f"{table(run)}\n\n{len(run.figures) - run.failed} passed, {run.failed} failed\n")
    sys.exit(1 if run.failed else 0)


def _played(names: Iterable[str], counts: Counts) -> Iterator[Figure]:
    for name in names:
        start = time.monotonic()
        try:
            yield from PARTS[name](counts)
        except Exception as error:  # noqa: BLE001  # a part that breaks has failed; the others go on
            traceback.print_exc()
            yield Figure(part=name, what="the part itself", count=1, result=f"it broke: {error!r}", passed=False)
        sys.stderr.write(f"{name}: {time.monotonic() - start:.0f} s\n")


def _cut_off(home: str) -> None:
    """No variable, home or keyring of the user's plays a part."""
    for name in set(os.environ) - set(_KEPT):
        del os.environ[name]
    os.environ |= {"HOME": home, "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent", "TERM": "xterm-256color"}


if __name__ == "__main__":
    main()
