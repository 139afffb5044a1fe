"""One way to answer a question, by itself: who offers answers need not have a dialog yet."""

from __future__ import annotations

import msgspec


class Answer(msgspec.Struct, frozen=True):
    """One way to answer."""

    value: str
    label: str
