"""When the collector of unreachable objects looks at what: it stops the app for up to 0.1 s, while a key waits."""

from __future__ import annotations

import gc


def settle() -> None:
    """What is there now, modules and catalogue above all, stays to the end: never look at it again.

    The collector may be off before: while the app starts it would only look at what stays.
    """
    gc.freeze()
    gc.enable()
