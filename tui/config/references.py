"""Who names a profile: the key `llm_config` of other tables, a variable, OpenHands by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from tui.config.resolve import Table
from tui.text import visible_line

REFERENCE: Final = "llm_config"
"""The key by which other tables name a profile."""
REFERENCE_ENV: Final = "AGENT_LLM_CONFIG"
RESERVED: Final = "draft_editor"
"""The profile that OpenHands' own editor uses; nobody has to name it."""


def references(values: Mapping[str, object]) -> Iterator[tuple[Table, str]]:
    """Each table outside `[llm]` that names a profile, with the name."""
    todo: list[tuple[Table, object]] = [((name,), value) for name, value in values.items() if name != "llm"]
    for table, value in todo:
        if isinstance(value, dict):
            todo += [((*table, name), inner) for name, inner in value.items()]
            if isinstance(value.get(REFERENCE), str):
                yield table, value[REFERENCE]


def named_by(values: Mapping[str, object], name: str) -> tuple[Table, ...]:
    """The tables that name this profile."""
    return tuple(table for table, named in references(values) if named == name)


def users(values: Mapping[str, object], env: Mapping[str, str], name: str) -> tuple[str, ...]:
    """Who uses the profile, in words: tables that name it, a variable, OpenHands by itself."""
    found = [f"[{visible_line('.'.join(table))}]" for table in named_by(values, name)]
    found += [REFERENCE_ENV] if env.get(REFERENCE_ENV) == name else []
    return (*found, *(["OpenHands' editor"] if name == RESERVED else []))
