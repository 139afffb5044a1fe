"""Edits of all kinds of valid TOML, and the refusal of all kinds of invalid ones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.config.corpus import INVALID, VALID
from tests.config.oracle import BOM, exact, values, with_value
from tui.config.syntax import read_text, read_values
from tui.config.toml.document import BadFileError, Document, EditRefusedError

pytestmark = pytest.mark.contract


def tables(value: dict[str, object], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], dict[str, object]]]:
    yield path, value
    for key, item in value.items():
        if isinstance(item, dict):
            yield from tables(item, (*path, key))


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_every_key_of_a_valid_file_can_be_set_and_taken_out(path: Path) -> None:
    raw = path.read_bytes()
    document = Document(raw)
    for table, _ in tables(read_values(read_text(raw))):
        for key, old in document.table(table).items():
            for value in ("text", 5, 0.5, True):
                assert values(document.set(table, key, value).raw) == with_value(raw, table, key, value)
            without = document.unset(table, key)
            assert key not in without.table(table)
            assert exact(old) in _leaves(values(raw))


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_a_key_added_to_any_table_of_a_valid_file_leaves_every_line_as_it_was(path: Path) -> None:
    raw = path.read_bytes()
    document = Document(raw)
    for table, _ in tables(read_values(read_text(raw))):
        new = document.set(table, "a new key", "value")
        assert values(new.raw) == with_value(raw, table, "a new key", "value")
        assert new.lines(table)["a new key"] <= new.raw.count(b"\n") + 1
        if b"{" not in raw:
            rest = iter(new.raw.removeprefix(BOM).splitlines())
            assert all(line in rest for line in raw.removeprefix(BOM).splitlines())


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_a_table_added_to_a_valid_file_leaves_every_byte_as_it_was(path: Path) -> None:
    raw = path.read_bytes()
    new = Document(raw).set(("a new", "table"), "key", 1)
    assert new.raw.startswith(raw.rstrip(b"\n"))
    assert values(new.raw) == with_value(raw, ("a new", "table"), "key", 1)


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_every_key_of_a_valid_file_has_a_line(path: Path) -> None:
    document = Document(path.read_bytes())
    for table, members in tables(read_values(read_text(document.raw))):
        assert set(document.lines(table)) == set(members)
        assert document.has(table)


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.stem)
def test_an_invalid_file_is_refused_with_a_place_and_a_reason(path: Path) -> None:
    with pytest.raises(BadFileError) as caught:
        Document(path.read_bytes())
    assert caught.value.reason
    assert caught.value.line >= 1
    assert caught.value.column >= 1


def test_a_list_of_tables_is_not_overwritten() -> None:
    document = Document(b"[[llm]]\nmodel = 'x'\n")
    with pytest.raises(EditRefusedError, match="llm is a list in this file"):
        document.set(("llm",), "model", "y")
    with pytest.raises(EditRefusedError, match="llm is a list of tables"):
        document.set((), "llm", "y")
    assert document.unset((), "llm") is document
    assert document.unset(("llm",), "model") is document


def _leaves(value: object) -> list[object]:
    found = [value]
    match value:
        case ("table", tuple(pairs)):
            for _, item in pairs:
                found += _leaves(item)
        case ("list", tuple(items)):
            for item in items:
                found += _leaves(item)
    return found
