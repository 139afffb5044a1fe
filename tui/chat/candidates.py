"""Who can take part in a comparison: the default table and every profile of the file, with what holds for each now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from tui.config.resolve import Resolved
from tui.config.schema import shown
from tui.config.workspace import Workspace
from tui.text import visible_line

LEAST: Final = 2
MOST: Final = 4
"""So many at a time: more would wait for each other, and none could be read."""
_DEFAULT: Final = "default"
_DEFAULT_TABLE: Final = "[llm]"
"""What the default table is called beside a profile with the name "default"."""


class Contender(msgspec.Struct, frozen=True):
    """Who takes part: a profile's name, and what holds for it now."""

    name: str
    resolved: Mapping[str, Resolved]

    @property
    def model(self) -> str:
        """Its model, safe to show; empty if none is set."""
        model = self.resolved["model"]
        return visible_line(shown(model.field, model.value))

    @property
    def draft(self) -> bool:
        """Whether any of its values is not saved."""
        return any(item.origin.kind == "edited" for item in self.resolved.values())


def contenders(workspace: Workspace) -> tuple[Contender, ...]:
    """Everybody, the default table first; nobody while the file can't be read."""
    if workspace.problem:
        return ()
    own = Contender(_default_name(workspace), workspace.resolved_for(None))
    return own, *(Contender(name, workspace.resolved_for(name)) for name in workspace.profiles)


def name_shown(workspace: Workspace) -> str:
    """The name of the one whose settings the form shows."""
    return workspace.profile or _default_name(workspace)


def filled(wanted: Iterable[str], all_: Sequence[Contender]) -> tuple[str, ...]:
    """Those wanted who are still there, and the first others until there are enough; in the order of `all_`."""
    names = [one.name for one in all_]
    chosen = [name for name in wanted if name in names]
    others = [name for name in names if name not in chosen]
    chosen += others[: max(0, LEAST - len(chosen))]
    return tuple(name for name in names if name in chosen)


def _default_name(workspace: Workspace) -> str:
    return _DEFAULT_TABLE if _DEFAULT in workspace.profiles else _DEFAULT
