"""Configurations from a seed, most of them written as the app writes, some with what people get wrong."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Final

import msgspec

from tests.config.corpus import TEMPLATES
from tui.config.resolve import DEFAULT_TABLE, Table
from tui.config.schema import FIELDS, Field, Plain
from tui.config.storage import Snapshot
from tui.config.toml.document import Document
from tui.config.workspace import NEW_FILE, Workspace

_TEXTS: Final = (
    "openai/gpt-4o", "azure/my deployment", "http://localhost:11434/v1", "https://host.example/v1/chat/completions",
    "it's", 'say "hello"', r"C:\users\me", "$HOME and ${HOME}", "a\nb", "tab\there", "ünïcode 中文 😀", "#no comment",
    " blanks ", "a=b;c|d&e", "`id`", "back\\", "\\", '"', "'", "true", "0", "null", "%s {x}", "[llm]", "--flag", "é",
)  # fmt: skip
_SIGNS: Final = "ab01 \t\n\"'\\$`{}[]#=:;,.-_%&|<>!*?~éß中😀\u00a0"
_ODD: Final = (
    "4", " 5 ", "6.0", "1_000", "0.5", "yes", "off", "TRUE", "soon", "", "None", "inf", 0, 1, 2, -1, 7.0, 1.5, 1e20,
    True, False, 2**63 - 1, float("inf"), float("nan"),
)  # fmt: skip
_VARIABLES: Final = (
    "1", "0", "true", "TRUE", "yes", "on", " true", "false", "5", "5.0", " 6 ", "1e3", "-1", "nan", "soon", "low", "",
    "openai/o3", "azure/other", "1_0", "٣",
)  # fmt: skip


class Made(msgspec.Struct, frozen=True):
    """One configuration and its environment."""

    raw: bytes
    env: Mapping[str, str]

    def asks(self) -> dict[str, Any]:
        """The case as the loader takes it."""
        return {"toml": self.raw.decode(), "env": dict(self.env), "dotenv": None}


def configurations(seed: int, count: int) -> list[Made]:
    """So many configurations; the same for the same seed."""
    random = Random(seed)  # noqa: S311  # not for secrets
    return [_made(random) for _ in range(count)]


def _made(random: Random) -> Made:
    raw = _edited(random, random.choice(_bases()), None)
    for profile in random.sample(("cheap", "judge", "draft_editor", "a b", "é"), random.choice((0, 0, 1, 2))):
        raw = _edited(random, raw, profile)
    if random.random() < 0.4:
        raw = _spoiled(random, raw)
    if random.random() < 0.1:
        raw = raw.replace(b"\n", b"\r\n") if b'"""' not in raw and b"'''" not in raw else raw
    names = random.sample(list(FIELDS), random.choice((0, 0, 1, 3)))
    return Made(raw, {FIELDS[name].env_name: random.choice(_VARIABLES) for name in names})


@cache
def _bases() -> tuple[bytes, ...]:
    """New files, one without `[core]`, and commented ones; none with a table that needs more than the loader."""
    files = [path.read_bytes() for path in TEMPLATES]
    return (
        NEW_FILE,
        NEW_FILE,
        b"[llm]\n",
        *(raw for raw in files if not {b"[mcp]", b"[condenser]"} & set(raw.splitlines())),
    )


def _edited(random: Random, raw: bytes, profile: str | None) -> bytes:
    """The file after edits of the app's own kind."""
    if profile is not None and profile not in Document(raw).profiles():
        raw = raw.rstrip(b"\n") + f'\n\n[llm."{profile}"]\n'.encode()
    workspace = Workspace(Snapshot(Path("config.toml"), raw), {}, profile)
    for name in random.sample(list(FIELDS), random.randint(1, 8)):
        workspace.edit(name, _fitting(random, FIELDS[name]))
    return workspace.preview().after


def _fitting(random: Random, field: Field) -> Plain:
    match field.kind:
        case "text":
            own = "".join(random.choice(_SIGNS) for _ in range(random.randint(1, 12)))
            return random.choice((*_TEXTS, own, own, own))
        case "choice":
            return random.choice(field.choices)
        case "switch":
            return random.random() < 0.5
        case "integer":
            return random.choice((int(field.ge or 0), random.randint(1, 100), random.randint(1, 10**9)))
        case "number":
            return random.choice((0.0, 1.0, random.random(), random.random() * 10.0 ** -random.randint(0, 9)))


def _spoiled(random: Random, raw: bytes) -> bytes:
    """The file with one to three things that do not fit."""
    for _ in range(random.randint(1, 3)):
        tables: list[Table] = [DEFAULT_TABLE, *((*DEFAULT_TABLE, name) for name in Document(raw).profiles())]
        table = random.choice(tables)
        if random.random() < 0.2:
            raw = Document(raw).set(table, random.choice(("num_retry", "top_k", "Base-URL", "foo bar")), 1).raw
        else:
            raw = Document(raw).set(table, random.choice(list(FIELDS)), random.choice(_ODD)).raw
    return raw
