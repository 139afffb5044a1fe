"""`python -m tests.reliability --full` puts every promise to the test and prints the figures as a Markdown table.

Without `--full` it does so a few times each, as the ordinary test run does. `--store` keeps the figures of a run for
the README. Ends with `N passed, N failed`, and with exit code 1 if any failed.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator

from tests.reliability.counts import FAST, FULL, Counts
from tests.reliability.figures import Figure, run_of, store, table
from tests.reliability.parts import PARTS

_KEPT = ("PATH", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV", "PYTHONPATH")


def main() -> None:
    """Run, print, and leave."""
    parser = argparse.ArgumentParser(prog="python -m tests.reliability")
    parser.add_argument("--full", action="store_true", help="the full counts; some minutes")
    parser.add_argument("--store", action="store_true", help="keep the figures for the README")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        _cut_off(home)
        run = run_of(_played(FULL if options.full else FAST))
    if options.store:
        store(run)
    sys.stdout.write(f"{table(run)}\n\n{len(run.figures) - run.failed} passed, {run.failed} failed\n")
    sys.exit(1 if run.failed else 0)


def _played(counts: Counts) -> Iterator[Figure]:
    for name, part in PARTS.items():
        start = time.monotonic()
        yield from part(counts)
        sys.stderr.write(f"{name}: {time.monotonic() - start:.0f} s\n")


def _cut_off(home: str) -> None:
    """No variable, home or keyring of the user's plays a part."""
    for name in set(os.environ) - set(_KEPT):
        del os.environ[name]
    os.environ |= {"HOME": home, "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent", "TERM": "xterm-256color"}


if __name__ == "__main__":
    main()
