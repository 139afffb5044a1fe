"""Saves a file over and over in a child that is killed at a random moment; prints how often the file was torn.

Run as `python -m tests.config.kill_saves FILE ROUNDS SEED [naive|in-place]`. A save has one letter throughout: a mix is
a torn file. With `naive` the child writes in place, as most programs do, to show that the kills come at bad moments.
With `in-place` it does so as this app does, in small pieces, and is killed between two of them; a torn file is restored
from the copy that the next reader names.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from pathlib import Path

from tui.config.storage import Snapshot, read, save

SIZE = 300_000
LETTERS = b"abcdefgh"


PIECE = 3_000
PIECES = 500


def _save_until_killed(snapshot: Snapshot, how: str) -> None:
    turn = 0
    while True:
        turn += 1
        raw = LETTERS[turn % 8 : turn % 8 + 1] * SIZE
        if how == "naive":
            snapshot.path.write_bytes(raw)
        else:
            snapshot = save(snapshot, raw, in_place=True if how else None)


def _die_after(pieces: int) -> None:
    """Have the disk take a little at a time, and kill this process after so many pieces."""
    write = os.write
    left = pieces

    def piece(descriptor: int, data: memoryview) -> int:
        nonlocal left
        left -= 1
        if not left and sys.platform != "win32":
            os.kill(os.getpid(), signal.SIGKILL)
        return write(descriptor, data[:PIECE])

    os.write = piece  # type: ignore[assignment]  # it takes what the app hands it


def _killed(snapshot: Snapshot, how: str, chance: random.Random) -> None:
    wait_s, pieces = chance.uniform(0.001, 0.03), chance.randint(1, PIECES)
    if sys.platform != "win32":
        child = os.fork()
        if not child:
            try:
                if how == "in-place":
                    _die_after(pieces)
                _save_until_killed(snapshot, how)
            finally:
                os._exit(1)
        if how != "in-place":
            time.sleep(wait_s)
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            sys.exit("the saving child ended by itself")


def main() -> None:
    """Play the rounds."""
    path, rounds, chance = Path(sys.argv[1]), int(sys.argv[2]), random.Random(int(sys.argv[3]))  # noqa: S311  # not a secret
    path.write_bytes(b"a" * SIZE)
    torn = left = unswept = restored = 0
    snapshot, how = read(path), "".join(sys.argv[4:])
    for _ in range(rounds):
        _killed(snapshot, how, chance)
        left += len(list(path.parent.iterdir())) - 1
        snapshot = Snapshot(path, path.read_bytes()) if how == "naive" else read(path)
        if snapshot.before is not None:
            restored += 1
            path.write_bytes(snapshot.before.read_bytes())
            snapshot = read(path)
        raw = snapshot.raw or b""
        torn += len(raw) != SIZE or len(set(raw)) != 1
        unswept += len(list(path.parent.iterdir())) - 1
    print(json.dumps({"torn": torn, "left": left, "unswept": unswept, "restored": restored}))  # noqa: T201  # the answer to the caller


if __name__ == "__main__":
    main()
