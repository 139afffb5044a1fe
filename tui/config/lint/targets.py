"""What the versions of OpenHands differ in, as data: the fields that each knows, and how it reads the file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from tui.config.schema import FIELDS

NEWER: Final[Mapping[str, str]] = {
    "top_k": "a number",
    "disable_stop_word": "true or false",
    "seed": "a whole number",
    "safety_settings": "a list of tables",
    "for_routing": "true or false",
    "correct_num": "a whole number",
    "completion_kwargs": "a table",
}
"""Fields that came after 0.29, with what they take."""

_TODAY: Final = frozenset(name for name, field in FIELDS.items() if not field.until)


class Target(msgspec.Struct, frozen=True):
    """One version of OpenHands, which stands for those that read the file as it does."""

    name: str
    """As `--target` takes it."""
    fields: frozenset[str]
    """Every other key in `[llm]` makes this version ignore the whole table."""
    needs_core: bool
    """Whether a file without `[core]` is not read as this app reads it."""
    any_case: bool
    """Whether `[LLM]` counts as `[llm]`."""
    chained: bool
    """Whether a bad table keeps profiles from inheriting: a bad `[llm]` all of them, a bad profile those after it."""
    nested: bool
    """Whether a table inside a profile is overlooked; else it costs the profile."""
    azure_api_version: str
    """What it fills in for an azure model without one."""


TARGETS: Final[Mapping[str, Target]] = {
    target.name: target
    for target in (
        Target(
            name="0.26",
            fields=frozenset(FIELDS),
            needs_core=True,
            any_case=True,
            chained=True,
            nested=True,
            azure_api_version="2024-08-01-preview",
        ),
        Target(
            name="0.29",
            fields=_TODAY,
            needs_core=False,
            any_case=False,
            chained=False,
            nested=False,
            azure_api_version="2024-08-01-preview",
        ),
        Target(
            name="latest",
            fields=_TODAY | frozenset(NEWER),
            needs_core=False,
            any_case=False,
            chained=False,
            nested=False,
            azure_api_version="2024-12-01-preview",
        ),
    )
}


def chosen(name: str | None) -> tuple[Target, ...]:
    """The version of that name, or all of them: then what only some of them do is a warning."""
    return (TARGETS[name],) if name is not None else tuple(TARGETS.values())
