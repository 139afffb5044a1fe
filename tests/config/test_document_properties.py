"""What holds for every edit of every file."""

from __future__ import annotations

import contextlib

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.config.made import PLAIN, parsed, places, toml_files
from tests.config.oracle import changed_lines, exact, located, values, with_value
from tui.config.schema import Plain
from tui.config.toml.document import BadFileError, Document, EditRefusedError
from tui.config.toml.layout import scan

many = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
TABLES: list[tuple[str, ...]] = [("llm",), ("llm", "p"), ("llm", "a b"), ("core",), ()]
Place = tuple[tuple[str, ...], str]


def takes_a_value(raw: bytes, place: Place) -> bool:
    """Whether the key can be a plain value there: no table stands in its place, and no value in that of its table."""
    value: object = parsed(raw)
    for name in place[0]:
        value = value.get(name, {}) if isinstance(value, dict) else None
    return isinstance(value, dict) and not _tables(value.get(place[1]))


def _tables(value: object) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and bool(value) and isinstance(value[0], dict))


@many
@given(toml_files(), places(), PLAIN)
def test_a_value_that_is_set_reads_back_and_no_other_value_changes(raw: bytes, place: Place, value: Plain) -> None:
    assume(takes_a_value(raw, place))
    new = Document(raw).set(*place, value)
    assert exact(new.table(place[0])[place[1]]) == exact(value)
    assert values(new.raw) == with_value(raw, *place, value)


@many
@given(toml_files(), places(), PLAIN)
def test_setting_replaces_the_lines_of_the_key_or_adds_lines_and_does_nothing_else(
    raw: bytes, place: Place, value: Plain
) -> None:
    assume(takes_a_value(raw, place))
    document = Document(raw)
    table, key = place
    new = document.set(table, key, value)
    gone, come = changed_lines(raw, new.raw)
    if key in document.table(table):
        assert len(come) <= 1
        assert not gone or gone[0].rstrip(b"\r\n") == located(document, table, key)
    else:
        assert len(gone) <= 1
        assert len(come) <= 4
        assert all(b"{" in line or line.lstrip().startswith((b"#", b"\xef\xbb\xbf#")) for line in gone)


@many
@given(toml_files(), places(), PLAIN)
def test_taking_out_what_was_just_added_gives_the_old_bytes(raw: bytes, place: Place, value: Plain) -> None:
    """It holds where neither a commented key was used up nor a table or an inline table made or filled."""
    document = Document(raw)
    table, key = place
    assume(takes_a_value(raw, place) and key not in document.table(table) and document.has(table))
    new = document.set(table, key, value)
    gone, come = changed_lines(raw, new.raw)
    assume(not gone and len([line for line in come if line.strip()]) == 1)
    assert new.unset(table, key).raw == raw


@many
@given(toml_files(), st.data())
def test_unsetting_takes_lines_out_and_changes_none(raw: bytes, data: st.DataObject) -> None:
    document = Document(raw)
    there = [(table, key) for table in TABLES for key in document.table(table)]
    assume(there)
    table, key = data.draw(st.sampled_from(there))
    new = document.unset(table, key)
    assert key not in new.table(table)
    gone, come = changed_lines(raw, new.raw)
    assert len(come) <= 1
    assert not come or b"{" in gone[0]
    assert gone


@many
@given(toml_files(), places(), PLAIN)
def test_an_added_line_ends_as_its_neighbours_do(raw: bytes, place: Place, value: Plain) -> None:
    assume(takes_a_value(raw, place))
    new = Document(raw).set(*place, value).raw
    if b"\r\n" in raw:
        assert new.count(b"\n") - new.count(b"\r\n") == 0
    else:
        assert b"\r" not in new
    assert new.startswith(b"\xef\xbb\xbf") == raw.startswith(b"\xef\xbb\xbf")


@many
@given(toml_files())
def test_every_value_of_a_made_file_has_its_line(raw: bytes) -> None:
    document = Document(raw)
    lines = raw.decode().splitlines()
    for table in (("llm",), ("llm", "p"), ("core",), ()):
        for key, line in document.lines(table).items():
            assert key in lines[line - 1]


@many
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_with_a_reason(raw: bytes) -> None:
    with contextlib.suppress(BadFileError):
        Document(raw)


@many
@given(toml_files(), st.text(max_size=6), st.text(max_size=6), st.text(max_size=6))
def test_any_key_can_be_written_in_any_table_or_is_refused(raw: bytes, name: str, key: str, value: str) -> None:
    with contextlib.suppress(EditRefusedError):
        assert Document(raw).set(("llm", name), key, value).table(("llm", name))[key] == value


@many
@given(toml_files())
def test_the_layout_covers_the_text_without_gaps(raw: bytes) -> None:
    text = raw.removeprefix(b"\xef\xbb\xbf").decode()
    sections = scan(text)
    assert sections[0].header == sections[0].body == 0
    assert sections[-1].end == len(text)
    for section in sections:
        positions = [section.header, section.body]
        for entry in section.entries:
            positions += [entry.start, entry.value, entry.end]
        assert positions == sorted(positions)
