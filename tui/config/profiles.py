"""Profiles, the tables `[llm.NAME]`: what each changes, who uses it, which names will do, renaming with all of it."""

from __future__ import annotations

from difflib import get_close_matches
from itertools import count
from typing import Final

import msgspec

from tui.config.lint.targets import NEWER
from tui.config.references import REFERENCE, named_by, users
from tui.config.resolve import DEFAULT_TABLE, Table
from tui.config.schema import FIELDS, shown
from tui.config.toml import tables
from tui.config.toml.document import Document
from tui.config.workspace import Workspace
from tui.text import visible_line

_UNREADABLE: Final = '"\\'
"""OpenHands reads no escapes in the names of tables."""


class Profile(msgspec.Struct, frozen=True):
    """What a list says of `[llm]` or of one profile."""

    name: str | None
    """None is `[llm]` itself."""
    model: str
    inherits_model: bool
    own: tuple[str, ...]
    """The fields that the table has itself, with the draft."""
    users: tuple[str, ...]
    """Who uses it, as `users` gives them."""


def overview(workspace: Workspace) -> tuple[Profile, ...]:
    """`[llm]`, then every profile in the order of the file, with the draft."""
    return tuple(_profile(workspace, name) for name in (None, *workspace.profiles))


def _profile(workspace: Workspace, name: str | None) -> Profile:
    values = workspace.document.values if workspace.document else {}
    model = workspace.resolved_for(name)["model"]
    return Profile(
        name=name,
        model=shown(model.field, model.value),
        inherits_model=model.in_profile and model.origin == model.beneath_origin,
        own=workspace.own(name),
        users=users(values, workspace.env, name) if name else (),
    )


def name_problem(name: str, document: Document) -> str:
    """Why a new profile can't have this name, and what to do; "" if it can."""
    llm = document.values.get("llm")
    taken = isinstance(llm, dict) and name in llm
    return _unfit(name) or (f"[llm] has {name} already. Choose another name." if taken else "")


def _unfit(name: str) -> str:
    problems = (
        (not name.strip(), "A profile needs a name, such as cheap."),
        (name != name.strip(), "Leave out the blanks at the ends of the name."),
        (name != visible_line(name), "The name holds characters that can't be seen. Leave them out."),
        (any(letter in _UNREADABLE for letter in name), 'OpenHands reads no name with " or \\ in it. Leave it out.'),
        (name in FIELDS or name in NEWER, f"{name} is a field of [llm]. Choose another name."),
        (name == "llm" or name.startswith("llm."), "OpenHands takes llm for [llm] itself. Choose a name without it."),
        (name == "default", "default is what [llm] itself is called here. Choose another name."),
    )
    return next((words for is_so, words in problems if is_so), "")


def free_name(name: str, document: Document) -> str:
    """A name for a copy: `cheap-2`, or the first of its kind that is free."""
    stem = "copy" if _unfit(f"{name}-2") else name
    return next(free for n in count(2) if not name_problem(free := f"{stem}-{n}", document))


def table_of(name: str) -> Table:
    """The table of a profile."""
    return (*DEFAULT_TABLE, name)


def renamed(document: Document, name: str, new: str, *, follow: bool) -> Document:
    """The document with another name for the profile, and for those that name it if they are to `follow`.

    Raises `EditRefusedError`.
    """
    after = tables.rename(document, table_of(name), new)
    for table in named_by(document.values, name) if follow else ():
        after = after.set(table, REFERENCE, new)
    return after


def not_there(name: str, names: tuple[str, ...]) -> str:
    """What is said of a profile that a file does not have: the nearest names, then all."""
    near = get_close_matches(name, names, n=3, cutoff=0.5)
    meant = f" Did you mean {' or '.join(near)}?" if near else ""
    others = f" It has: {', '.join(names)}." if names else " It has none: F9 in the app makes one."
    return visible_line(f"no profile [llm.{name}].{meant}{others}")
