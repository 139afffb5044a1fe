"""A process that makes calls through the real `KeyringStore` and reports on each.

`python -m tests.vault.keyring_child BOUND CALL…`: the bound of an unlock in seconds, then any of state, get, set,
delete, list, unlock. The key to set, if any, comes on standard input. Each call gives one line of JSON.
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

import msgspec

from tui.config.secret import Secret
from tui.vault.approvals import Approvals
from tui.vault.index import Index
from tui.vault.keyring_store import KeyringError, KeyringStore
from tui.vault.places import Place
from tui.vault.session import SessionStore
from tui.vault.vault import Stored, Vault

PLACE = Place("openai", "https://api.openai.com")
_TICK_S = 0.002
_SCHEDULED = Path("/proc/thread-self/schedstat")


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """How one call went."""

    answer: str
    """What it gave: "ok", "none", "same" (the key that was given), "other"; or the error's class."""
    state: str = ""
    message: str = ""
    took_s: float
    gap_s: float
    """The longest time for which the event loop did not run, although it could have."""


async def ticking(gaps: list[float]) -> None:
    last, last_kept_off = time.perf_counter(), kept_off_s()
    while True:
        await asyncio.sleep(_TICK_S)
        now, now_kept_off = time.perf_counter(), kept_off_s()
        gaps.append(now - last - (now_kept_off - last_kept_off))
        last, last_kept_off = now, now_kept_off


def kept_off_s() -> float:
    """For how long this thread has waited for a processor that others had, on a busy machine; 0 where nobody tells."""
    try:
        return int(_SCHEDULED.read_text(encoding="ascii").split()[1]) / 1e9
    except OSError:
        return 0.0


def in_a_word(result: object, given: Secret) -> str:
    match result:
        case None:
            return "none"
        case Secret():
            return "same" if result == given else "other"
        case _:
            return "ok" if result is True else "none"


async def call(store: KeyringStore, name: str, given: Secret) -> Report:
    gaps: list[float] = []
    ticker = asyncio.create_task(ticking(gaps))
    answer, state, message, start = "", "", "", time.perf_counter()
    try:
        match name:
            case "state":
                if error := await store.state():
                    raise error
                answer = "ok"
            case "get":
                answer = in_a_word(await store.get(PLACE), given)
            case "set":
                await store.set(PLACE, given)
                answer = "ok"
            case "delete":
                answer = in_a_word(await store.delete(PLACE), given)
            case "list":
                vault = Vault(store, SessionStore(), Approvals(), Index(), {})
                answer = in_a_word(Stored(PLACE, "keyring") in await vault.places() or None, given)
            case _:
                await store.unlock()
                answer = "ok"
    except KeyringError as error:
        answer, state, message = type(error).__name__, error.state, str(error)
    took_s = time.perf_counter() - start
    ticker.cancel()
    return Report(answer=answer, state=state, message=message, took_s=took_s, gap_s=max(gaps, default=0))


async def main(unlock_s: float, names: list[str]) -> None:
    store, given = KeyringStore(unlock_s=unlock_s), Secret(sys.stdin.read())
    Index().add(PLACE)
    for name in names:
        report = await call(store, name, given)
        sys.stdout.write(msgspec.json.encode(report).decode() + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1]), sys.argv[2:]))
