"""Keys that are not in the key line, but in the help."""

from __future__ import annotations

from textual.binding import Binding


def hidden(keys: str, action: str, name: str, tooltip: str, *, priority: bool = False) -> Binding:
    """A binding with the id `name`, told of by the help alone; `keys` are separated by commas.

    With `priority` it acts before the next key is looked at: what is typed right after it goes to where it leads.
    """
    return Binding(keys, action, tooltip, id=name, show=False, tooltip=tooltip, priority=priority)
