"""Saves a file over and over in a child that is killed at a random moment; prints how often the file was torn.

Run as `python -m tests.config.kill_saves FILE ROUNDS SEED [naive]`. A save has one letter throughout: a mix is a torn
file. With `naive` the child writes in place, as most programs do, to show that the kills come at bad moments.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from pathlib import Path

from tui.config.storage import Snapshot, read, write

SIZE = 300_000
LETTERS = b"abcdefgh"


def _save_until_killed(snapshot: Snapshot, *, naive: bool) -> None:
    turn = 0
    while True:
        turn += 1
        raw = LETTERS[turn % 8 : turn % 8 + 1] * SIZE
        if naive:
            snapshot.path.write_bytes(raw)
        else:
            snapshot = write(snapshot, raw)


def _killed_after(snapshot: Snapshot, wait_s: float, *, naive: bool) -> None:
    if sys.platform != "win32":
        child = os.fork()
        if not child:
            try:
                _save_until_killed(snapshot, naive=naive)
            finally:
                os._exit(1)
        time.sleep(wait_s)
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            sys.exit("the saving child ended by itself")


def main() -> None:
    """Play the rounds."""
    path, rounds, chance = Path(sys.argv[1]), int(sys.argv[2]), random.Random(int(sys.argv[3]))  # noqa: S311  # not a secret
    path.write_bytes(b"a" * SIZE)
    torn = left = unswept = 0
    snapshot, naive = read(path), sys.argv[4:] == ["naive"]
    for _ in range(rounds):
        _killed_after(snapshot, chance.uniform(0.001, 0.03), naive=naive)
        left += len(list(path.parent.iterdir())) - 1
        snapshot = Snapshot(path, path.read_bytes()) if naive else read(path)
        raw = snapshot.raw or b""
        torn += len(raw) != SIZE or len(set(raw)) != 1
        unswept += len(list(path.parent.iterdir())) - 1
    print(json.dumps({"torn": torn, "left": left, "unswept": unswept}))  # noqa: T201  # the answer to the caller


if __name__ == "__main__":
    main()
