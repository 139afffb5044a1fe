"""Every field on every commented template: only its own line changes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.config.corpus import TEMPLATES
from tests.config.oracle import BOM, changed_lines, header_above, located, sample_value, values, with_value
from tui.config.schema import FIELDS, Field
from tui.config.toml.document import Document

DISGUISES = {
    "as it is": lambda raw: raw,
    "with CRLF": lambda raw: raw.replace(b"\n", b"\r\n"),
    "with a BOM": lambda raw: BOM + raw,
    "with BOM and CRLF": lambda raw: BOM + raw.replace(b"\n", b"\r\n"),
    "without a final newline": lambda raw: raw.rstrip(b"\n"),
}

every_template = pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
every_disguise = pytest.mark.parametrize("disguise", DISGUISES)


def llm_tables(document: Document) -> list[tuple[str, ...]]:
    return [("llm",), *(("llm", name) for name in document.profiles())]


def name_pattern(field: Field, *, commented: bool) -> re.Pattern[bytes]:
    mark = rb"\s*#\s*" if commented else rb"\s*"
    return re.compile(mark + rb"[\"']?" + field.name.encode() + rb"[\"']?\s*=")


@every_template
@every_disguise
def test_setting_any_field_changes_its_own_line_only(path: Path, disguise: str) -> None:
    raw = DISGUISES[disguise](path.read_bytes())
    document = Document(raw)
    for table in llm_tables(document):
        for field in FIELDS.values():
            old = document.table(table).get(field.name)
            value = sample_value(field, old)
            new = document.set(table, field.name, value)
            gone, come = changed_lines(raw, new.raw)
            assert len(gone) <= 1 or "\n" in str(old)
            assert len(come) == 1
            assert name_pattern(field, commented=False).match(come[0])
            if gone:
                assert name_pattern(field, commented=old is None).match(gone[0])
                assert gone[0].endswith(b"\r\n") == come[0].endswith(b"\r\n")
            assert come[0].endswith(b"\r\n") == (b"\r\n" in raw)
            assert values(new.raw) == with_value(raw, table, field.name, value)
            assert header_above(new.raw, new.lines(table)[field.name]).replace('"', "") == ".".join(table)


@every_template
@every_disguise
def test_unsetting_any_field_takes_its_own_lines_only(path: Path, disguise: str) -> None:
    raw = DISGUISES[disguise](path.read_bytes())
    document = Document(raw)
    for table in llm_tables(document):
        for name in FIELDS:
            new = document.unset(table, name)
            if name not in document.table(table):
                assert new is document
                continue
            gone, come = changed_lines(raw, new.raw)
            assert not come
            assert gone[0] == located(document, table, name) + (b"\r\n" if b"\r\n" in raw else b"\n")
            assert name not in new.table(table)
            assert values(new.set(table, name, "back").raw) == with_value(raw, table, name, "back")


@every_template
def test_all_fields_can_be_set_one_after_the_other_and_taken_out_again(path: Path) -> None:
    document = Document(path.read_bytes())
    for table in (*llm_tables(document), ("llm", "brand-new")):
        filled = document
        for field in FIELDS.values():
            filled = filled.set(table, field.name, sample_value(field, filled.table(table).get(field.name)))
        assert set(FIELDS) <= set(filled.table(table))
        for name in FIELDS:
            filled = filled.unset(table, name)
        assert not set(FIELDS) & set(filled.table(table))
        assert b"\n" + filled.raw.strip().splitlines()[-1] in b"\n" + filled.raw


@every_template
def test_every_key_is_where_its_line_number_says(path: Path) -> None:
    document = Document(path.read_bytes())
    for table in llm_tables(document):
        assert set(document.lines(table)) >= set(document.table(table))
        for name in document.table(table):
            assert name.encode() in located(document, table, name)


@every_template
def test_a_new_profile_stands_below_the_last_one_with_a_blank_line_before(path: Path) -> None:
    document = Document(path.read_bytes())
    new = document.set(("llm", "fresh"), "model", "a/b")
    gone, come = changed_lines(document.raw, new.raw)
    assert not gone
    assert b"".join(come).strip() == b'[llm.fresh]\nmodel = "a/b"'
    lines = new.raw.splitlines()
    header = lines.index(b"[llm.fresh]")
    assert not lines[header - 1]
    assert header + 2 == len(lines) or not lines[header + 2]
    above = [line for line in lines[:header] if re.match(rb"\s*\[+\w", line)]
    assert above[-1].strip().startswith(b"[llm")
