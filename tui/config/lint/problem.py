"""What a rule finds: where, what OpenHands will do because of it, what to do about it, and the edit that does it."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

import msgspec

from tui.config.resolve import Table
from tui.config.schema import Plain

Severity: TypeAlias = Literal["error", "warning"]
"""An error: OpenHands does something else than the file says. A warning: it may, or some of its versions do."""

Loses: TypeAlias = Literal["nothing", "value", "profile", "table", "file"]
"""How much of what was written OpenHands ignores because of the problem."""


ENVIRONMENT: Final = "environment"
"""In place of a table: what is wrong is a variable."""


class SetTo(msgspec.Struct, frozen=True):
    """The repair: write this value."""

    table: Table
    key: str
    value: Plain


class Remove(msgspec.Struct, frozen=True):
    """The repair: take the key out."""

    table: Table
    key: str


class Rename(msgspec.Struct, frozen=True):
    """The repair: give the value to the key that was meant."""

    table: Table
    key: str
    new: str


class Rewrite(msgspec.Struct, frozen=True):
    """The repair of what is no key: the whole file after it."""

    raw: bytes


Repair: TypeAlias = SetTo | Remove | Rename | Rewrite


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to know before OpenHands reads the file."""

    rule: str
    """Name of the rule, for scripts: `unknown-key`."""
    severity: Severity
    line: int = 0
    """Line in the file, from 1; 0 where there is none, as for the environment."""
    table: str = ""
    """The table as its header names it, such as `llm.cheap`; `environment` for a variable; "" for the file itself."""
    key: str = ""
    title: str
    """What is wrong, in a few words."""
    effect: str
    """What OpenHands will do."""
    fix: str
    """What to do about it."""
    loses: Loses = "nothing"
    repair: Repair | None = None
    """The edit that `fix` describes, where it is safe."""

    @property
    def in_environment(self) -> bool:
        """Whether it is a variable's, and not the file's."""
        return self.table == ENVIRONMENT

    @property
    def can_fix(self) -> bool:
        """Whether `check --fix` can do what `fix` says."""
        return self.repair is not None

    def as_dict(self) -> dict[str, str | int | bool]:
        """All but the repair itself, for JSON."""
        names = [name for name in self.__struct_fields__ if name != "repair"]
        return {**{name: getattr(self, name) for name in names}, "can_fix": self.can_fix}
