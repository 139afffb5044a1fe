"""Strategies that write TOML files as people do: every spelling, comments, odd spacing, any line end."""

from __future__ import annotations

import tomllib
from typing import Any

from hypothesis import strategies as st

from tests.config.oracle import BOM

NAMES = st.sampled_from(("model", "api_key", "timeout", "top_p", "x", "a b", "é", "1"))
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
PLAIN = st.one_of(TEXT, st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats())

_SPELLED_VALUES = st.sampled_from(
    (
        '"text"', "'it'", '"a \\"quoted\\" # one"', '"""\nmany\n[llm]\n# lines = 1\n"""', "'''raw\n'''",
        '""""two""\\""""', "''''one''''", "1", "-0", "1_000", "0xFF", "1.5", "-0.0", "1e3", "nan", "-inf",
        "true", "false",
        "2026-11-01T07:00:00Z", "2026-11-01 07:00:00", "2026-11-01", "07:00:00.5",
        "[]", "[1, 2, 3,]", '[\n  "a", # one ]\n  "b"\n]', "[[1], ['x']]", "{}", "{ a = 1, b.c = 2 }",
        "{model='m',x = [1]}",
    )
)  # fmt: skip
_COMMENTS = st.sampled_from(
    (
        "# a note", '#model = "off"', "# timeout = 30  # seconds", "#top_p=", "# x = None", "#", "#### banner ####",
        "# [llm.other]", "# say x = 1 if you like", "  # indented", "#[llm]", "# größer = 🐍",
    )
)  # fmt: skip
_TABLES = st.sampled_from(
    ("llm", "llm.p", "core", 'llm."a b"', "agent.X", "llm . q", "[tool]", "[llm.list]", "llm.list.sub")
)


@st.composite
def _statement(draw: st.DrawFn) -> str:
    keys = draw(st.lists(NAMES.map(_spelled), min_size=1, max_size=draw(st.sampled_from((1, 1, 1, 2)))))
    gap = draw(st.sampled_from((" = ", "=", "  =\t")))
    indent = draw(st.sampled_from(("", "", "  ", "\t")))
    note = draw(st.sampled_from(("", "", "  # why", " #x = 1")))
    return indent + ".".join(keys) + gap + draw(_SPELLED_VALUES) + note


_LINES = st.lists(st.one_of(_statement(), _statement(), _COMMENTS, st.just(""), st.just("  ")), max_size=6)


@st.composite
def toml_files(draw: st.DrawFn) -> bytes:
    """Valid TOML of a few sections; statements that would make it invalid are left out."""
    text = ""
    for header in ["", *draw(st.lists(_TABLES, max_size=4))]:
        for line in [f"[{header}]" if header else "# top", *draw(_LINES)]:
            if _valid(text + line + "\n"):
                text += line + "\n"
    raw = text.encode()
    if not draw(st.booleans()):
        raw = raw.rstrip(b"\n")
    ends = draw(st.sampled_from((b"\n", b"\n", b"\r\n")))
    return draw(st.sampled_from((b"", b"", BOM))) + raw.replace(b"\n", ends)


@st.composite
def places(draw: st.DrawFn) -> tuple[tuple[str, ...], str]:
    """A table and a key, there or not."""
    table = draw(st.sampled_from((("llm",), ("llm",), ("llm", "p"), ("llm", "new"), ("llm", "a b"), ("core",), ())))
    return table, draw(NAMES)


def parsed(raw: bytes) -> dict[str, Any]:
    """The values of a file of `toml_files`."""
    return tomllib.loads(raw.removeprefix(BOM).decode())


def _spelled(name: str) -> str:
    return name if name.isascii() and " " not in name else f'"{name}"'


def _valid(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True
