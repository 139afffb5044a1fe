"""How often the screen may be drawn: twice as often as Textual would, so that a key waits half as long for its turn.

Textual reads this once, from the environment, when it is imported; so this module comes before it. A frame that changes
nothing costs nothing; a frame that was late makes Textual leave out the next one, which a person who types waits for.
"""

from __future__ import annotations

import os
from typing import Final

_NAME: Final = "TEXTUAL_FPS"
_FRAMES_S: Final = 120
"""At most, a second."""


def _set() -> None:
    """Have Textual read it; programs that the app starts don't get it."""
    if _NAME in os.environ:
        return
    os.environ[_NAME] = str(_FRAMES_S)
    try:
        import textual.constants  # noqa: F401, PLC0415  # which reads it
    finally:
        del os.environ[_NAME]


_set()
