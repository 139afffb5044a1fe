"""Rules on valid TOML that OpenHands' own reader (the package toml, of TOML 0.5) refuses or reads wrongly."""

from __future__ import annotations

import codecs
import datetime as dt
from collections.abc import Iterator

from tui.config.lint.case import Case, each_table, header
from tui.config.lint.problem import Problem, Rewrite
from tui.config.resolve import Table


def byte_order_mark(case: Case) -> Iterator[Problem]:
    """A mark that some editors on Windows put in front is a stray character to OpenHands."""
    raw = case.document.raw
    if raw.startswith(codecs.BOM_UTF8):
        yield Problem(
            rule="byte-order-mark", severity="error", line=1, title="the file starts with a byte order mark",
            effect="OpenHands can't parse the file and works with its own defaults.",
            fix="Save it as UTF-8 without the mark.", loses="file", repair=Rewrite(raw.removeprefix(codecs.BOM_UTF8)),
        )  # fmt: skip


def mixed_lists(case: Case) -> Iterator[Problem]:
    """A list of values of several types came with TOML 1.0."""
    for table, key, value in _lists(case):
        if _mixed(value):
            yield Problem(
                rule="mixed-list", severity="error", line=case.line(table, key), table=header(table), key=key,
                title=f"{key} is a list of values of several types",
                effect="OpenHands can't parse the file and works with its own defaults.",
                fix="Give the list values of one type.", loses="file",
            )  # fmt: skip


def misread_text(case: Case) -> Iterator[Problem]:
    """In double quotes, text that begins with two of them loses them and what they enclose."""
    lines = case.document.raw.split(b"\n")
    for table, own in each_table(case):
        for key, value in own.items():
            if not isinstance(value, str) or not (value == '"' or value.startswith('""')):
                continue
            line = case.line(table, key)
            if line and lines[line - 1].partition(b"=")[2].lstrip().startswith(b'"'):
                yield Problem(
                    rule="misread-text", severity="error", line=line, table=header(table), key=key,
                    title=f"{key} is text that begins with a double quote, written in double quotes",
                    effect="OpenHands reads something else: it takes the quotes away.",
                    fix="Write it in 'single quotes'.", loses="value",
                )  # fmt: skip


def _lists(case: Case) -> Iterator[tuple[Table, str, list[object]]]:
    todo: list[tuple[Table, object]] = [((), case.values)]
    for table, value in todo:
        if isinstance(value, dict):
            todo += [((*table, name), inner) for name, inner in value.items()]
            yield from ((table, name, inner) for name, inner in value.items() if isinstance(inner, list))


def _mixed(values: list[object]) -> bool:
    kinds = {_kind(value) for value in values}
    return len(kinds) > 1 or any(_mixed(value) for value in values if isinstance(value, list))


def _kind(value: object) -> type:
    return dt.date if isinstance(value, dt.date) else type(value)
