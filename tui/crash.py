"""What is said when the program itself fails: a sentence, and where it happened. No values: one may be a key."""

from __future__ import annotations

import traceback
from collections.abc import Iterator

from tui.text import visible

_WHAT = "llm-backends made a mistake and had to stop ({kind}). Files are as they were last saved."
_TODO = "Start it again; if it stops again, please report it with the lines above, which hold no values of yours."


def report(error: BaseException) -> str:
    """Frames and types of the error and of what led to it, then the sentence; never messages, arguments or locals."""
    steps = [_step(one) for one in _chain(error)]
    return visible("\n".join([*steps, _WHAT.format(kind=type(error).__name__), _TODO]))


def _step(error: BaseException) -> str:
    frames = traceback.StackSummary.extract(traceback.walk_tb(error.__traceback__), lookup_lines=True)
    return f"{''.join(frames.format())}{type(error).__qualname__}"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The first cause first."""
    seen: list[BaseException] = []
    one: BaseException | None = error
    while one is not None and one not in seen:
        seen.append(one)
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
    return reversed(seen)
