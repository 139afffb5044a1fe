"""Keys that are not in the key line, but in the help."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from textual.binding import Binding


@runtime_checkable
class Explaining(Protocol):
    """Has keys that, while there is nothing for them to do, say so; the key line leaves them out then."""

    def in_vain(self, action: str) -> bool:
        """Whether the action would only say so now."""


def hidden(keys: str, action: str, name: str, tooltip: str, *, priority: bool = False) -> Binding:
    """A binding with the id `name`, told of by the help alone; `keys` are separated by commas.

    With `priority` it acts before the next key is looked at: what is typed right after it goes to where it leads.
    """
    return Binding(keys, action, tooltip, id=name, show=False, tooltip=tooltip, priority=priority)
