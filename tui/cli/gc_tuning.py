"""The collector of unreachable objects, which stops the app while it looks at all others: up to 0.1 s without a key."""

from __future__ import annotations

import gc
from typing import Final

_YOUNG: Final = 5_000
_MIDDLE: Final = 3
"""So many looks at the youngest for each look at younger ones; Python has 10, which takes 20 ms of a key's time."""
_OLD: Final = 150
"""So many looks at younger objects for each look at all; Python has 10, but what an answer makes stays."""


def put_off() -> None:
    """Don't look while the app starts: what is imported stays, and looking at it takes an eighth of the time."""
    gc.disable()


def settle() -> None:
    """The app stands: look from now on, but never again at what is there now, which stays to the end."""
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)
    gc.enable()
