"""What `check` finds in a draft: the file with the edits that nobody has saved yet."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from tui.config.errors import BadFileError, ConfigError
from tui.config.lint import targets
from tui.config.lint.check import lint
from tui.config.lint.problem import Problem
from tui.config.resolve import Resolved
from tui.config.schema import ENV_PREFIX, FIELDS
from tui.config.workspace import NEW_FILE, Preview


class Found(msgspec.Struct, frozen=True):
    """The problems of one draft for one target."""

    problems: tuple[Problem, ...] = ()
    note: str = ""
    """Why the draft could not be looked at, or not all of it."""

    @property
    def errors(self) -> int:
        """How many of the problems are errors."""
        return sum(problem.severity == "error" for problem in self.problems)


def look(draft: Callable[[], Preview], raw: bytes | None, env: Mapping[str, str], target: str | None) -> Found:
    """Check a draft.

    Args:
        draft: what a save would write, from `Workspace.pending`.
        raw: the file as it is on the disk; None if there is none.
        env: the variables that OpenHands will see.
        target: the version of OpenHands, as `--target` takes it; None for all of them.
    """
    versions, saved = targets.chosen(target), NEW_FILE if raw is None else raw
    try:
        return Found(lint(draft().after, env, versions))
    except BadFileError as error:
        return Found(lint(saved, env, versions) if raw is not None else (), "" if raw is not None else str(error))
    except ConfigError as error:
        return Found(lint(saved, env, versions), f"Your edits are not counted here: {error}")


def field_of(problem: Problem) -> tuple[str | None, str] | None:
    """The profile (None for `[llm]` itself) and the field in which the problem can be put right; None without one."""
    table, _, profile = problem.table.partition(".")
    if problem.in_environment:
        name = problem.key.removeprefix(ENV_PREFIX).lower()
        return (None, name) if problem.key.startswith(ENV_PREFIX) and name in FIELDS else None
    if table != "llm" or problem.key not in FIELDS or problem.rule == "profile-name":
        return None
    return profile or None, problem.key


def failing(found: Found, profile: str | None, resolved: Mapping[str, Resolved]) -> dict[str, str]:
    """Why values of this table will not work, and what to do, by the field's name; of errors alone.

    Not of a value in the file that a variable overrides, nor where another source's value stands in for a lost one.
    """
    told: dict[str, str] = {}
    for problem in found.problems:
        spot = field_of(problem)
        if spot is None or spot[0] != profile or problem.severity != "error":
            continue
        item = resolved[spot[1]]
        stands_in = bool(item.problem) and item.origin.kind != "default"
        if not stands_in and problem.in_environment == bool(item.env_name):
            told.setdefault(spot[1], f"{problem.title}. {problem.fix}")
    return told


def moves_key(problem: Problem) -> bool:
    """Whether the problem goes when the key moves to the keyring."""
    return problem.rule == "plain-key" and problem.key == "api_key"
