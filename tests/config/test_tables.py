"""Whole tables, by example: where a new one goes, which comments go along, what is refused; every template."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.config.corpus import TEMPLATES
from tests.config.oracle import BOM, changed_lines
from tui.config.toml.document import Document, EditRefusedError
from tui.config.toml.tables import create, delete, duplicate, rename

CHEAP = ("llm", "cheap")
Change = Callable[[Document], Document]
FILE = b"""\
[llm]
model = "big"

# for summaries,
# and nothing else
[llm.cheap]  # mine
model = "small"
#timeout = 5
# keep it cheap

[llm.judge]
model = "wise"

############ Agents ############
# who uses what
[agent]
llm_config = "cheap"
"""


def test_a_new_table_goes_below_the_last_profile_and_above_the_next_banner() -> None:
    _, come = changed_lines(FILE, create(Document(FILE), ("llm", "new")).raw)
    after = create(Document(FILE), ("llm", "new")).raw
    assert come == [b"[llm.new]\n", b"\n"]
    assert b'model = "wise"\n\n[llm.new]\n\n####' in after


@pytest.mark.parametrize(
    ("name", "header"),
    [("new", b"[llm.new]"), ("a b", b'[llm."a b"]'), ("a.b", b'[llm."a.b"]'), ("grün", '[llm."grün"]'.encode())],
)
def test_a_name_is_quoted_where_it_needs_quotes(name: str, header: bytes) -> None:
    assert header in create(Document(b"[llm]\n"), ("llm", name)).raw
    assert header in rename(Document(FILE), CHEAP, name).raw


def test_renaming_reaches_subtables_and_lists_of_tables_and_nothing_else() -> None:
    raw = FILE + b"[llm.cheap.deep]\n[[llm.cheap.list]]\n[cheap]\n"
    gone, come = changed_lines(raw, rename(Document(raw), CHEAP, "frugal").raw)
    changed = [(old, new) for old, new in zip(gone, come, strict=True) if old != new]
    assert changed == [
        (b"[llm.cheap]  # mine\n", b"[llm.frugal]  # mine\n"),
        (b"[llm.cheap.deep]\n", b"[llm.frugal.deep]\n"),
        (b"[[llm.cheap.list]]\n", b"[[llm.frugal.list]]\n"),
    ]


def test_a_copy_stands_below_its_original_with_the_same_comments() -> None:
    after = duplicate(Document(FILE), CHEAP, "copy").raw
    block = FILE[FILE.index(b"# for") : FILE.index(b"[llm.judge]")]
    assert after == FILE.replace(block, block + block.replace(b"llm.cheap", b"llm.copy"))


def test_deleting_takes_the_table_with_its_own_comments() -> None:
    after = delete(Document(FILE), CHEAP).raw
    assert after == FILE[: FILE.index(b"# for")] + FILE[FILE.index(b"[llm.judge]") :]


def test_deleting_leaves_a_banner_and_the_comments_around_it() -> None:
    after = delete(Document(FILE), ("llm", "judge")).raw
    assert after.endswith(b"# keep it cheap\n\n############ Agents ############\n# who uses what\n" + FILE[-29:])
    banner = b"[llm]\n\n##### profiles #####\n[llm.cheap]\nmodel = 1\n"
    assert delete(Document(banner), CHEAP).raw == b"[llm]\n\n##### profiles #####\n"


def test_a_table_that_is_commented_out_stays_whole() -> None:
    raw = b'[llm]\n\n[llm.cheap]\nmodel = "x"\n#[llm.other]\n#model = "y"\n\n[core]\n'
    assert delete(Document(raw), CHEAP).raw == b'[llm]\n\n#[llm.other]\n#model = "y"\n\n[core]\n'
    assert b'model = "x"\n\n[llm.new]\n\n#[llm.other]\n#model' in create(Document(raw), ("llm", "new")).raw


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("start", [b"", BOM])
def test_deleting_a_copy_gives_the_old_bytes(start: bytes, end: bytes) -> None:
    raw = start + FILE.replace(b"\n", end)
    assert delete(duplicate(Document(raw), CHEAP, "copy"), ("llm", "copy")).raw == raw
    assert delete(create(Document(raw), ("llm", "new")), ("llm", "new")).raw == raw


def test_of_two_gaps_the_larger_stays_and_the_file_ends_as_it_did() -> None:
    assert delete(Document(b"[a]\n\n[llm.cheap]\n\n\n[b]\n"), CHEAP).raw == b"[a]\n\n\n[b]\n"
    assert delete(Document(b"[a]\n\n\n[llm.cheap]\n\n[b]\n"), CHEAP).raw == b"[a]\n\n\n[b]\n"
    assert delete(Document(b"[a]\n[llm.cheap]\n\n[b]\n"), CHEAP).raw == b"[a]\n\n[b]\n"
    assert delete(Document(b"[llm]\n\n\n[llm.cheap]\nx = 1\n\n"), CHEAP).raw == b"[llm]\n\n"
    assert delete(Document(b"[llm]\n\n\n[llm.cheap]\nx = 1\n"), CHEAP).raw == b"[llm]\n"
    assert delete(Document(b"[llm]\n\n[llm.cheap]\nx = 1"), CHEAP).raw == b"[llm]"
    assert delete(Document(b"[llm.cheap]\nx = 1\n"), CHEAP).raw == b""


@pytest.mark.parametrize(
    ("raw", "renamed", "copied", "deleted"),
    [
        (
            b"[llm]\ncheap.model = 1 # a\ntop_p = 1\ncheap.x = 2",
            b"[llm]\nnew.model = 1 # a\ntop_p = 1\nnew.x = 2",
            b"[llm]\ncheap.model = 1 # a\ntop_p = 1\ncheap.x = 2\nnew.model = 1 # a\nnew.x = 2",
            b"[llm]\ntop_p = 1",
        ),
        (
            b"llm = { model = 1, cheap = { x = 2 } }\n",
            b"llm = { model = 1, new = { x = 2 } }\n",
            b"llm = { model = 1, cheap = { x = 2 }, new = { x = 2 } }\n",
            b"llm = { model = 1 }\n",
        ),
        (
            b"llm.model = 1\nllm.cheap = { x = 2 } # c\n",
            b"llm.model = 1\nllm.new = { x = 2 } # c\n",
            b"llm.model = 1\nllm.cheap = { x = 2 } # c\nllm.new = { x = 2 } # c\n",
            b"llm.model = 1\n",
        ),
    ],
    ids=["dotted", "inside an inline table", "inline"],
)
def test_other_ways_to_write_a_table_work_too(raw: bytes, renamed: bytes, copied: bytes, deleted: bytes) -> None:
    document = Document(raw)
    assert rename(document, CHEAP, "new").raw == renamed
    assert duplicate(document, CHEAP, "new").raw == copied
    assert delete(document, CHEAP).raw == deleted


def test_a_name_that_is_taken_is_refused() -> None:
    changes: list[Change] = [
        lambda document: create(document, CHEAP),
        lambda document: rename(document, CHEAP, "judge"),
        lambda document: duplicate(document, CHEAP, "model"),
    ]
    for change in changes:
        with pytest.raises(EditRefusedError, match="in the file already"):
            change(Document(FILE))


def test_a_table_that_is_not_there_is_refused() -> None:
    changes: list[Change] = [
        lambda document: rename(document, CHEAP, "new"),
        lambda document: duplicate(document, CHEAP, "new"),
        lambda document: delete(document, CHEAP),
    ]
    for change in changes:
        with pytest.raises(EditRefusedError, match="is not in the file"):
            change(Document(b"[llm]\n"))


@pytest.mark.parametrize("raw", [b"llm = 1\n", b"[[llm]]\nmodel = 1\n"])
def test_a_file_whose_llm_is_no_table_is_refused(raw: bytes) -> None:
    with pytest.raises(EditRefusedError, match="llm is not a table"):
        create(Document(raw), CHEAP)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_every_profile_of_every_template_can_be_renamed_copied_and_deleted(path: Path, end: bytes) -> None:
    raw = path.read_bytes().replace(b"\n", end)
    document = Document(raw)
    assert written(delete(create(document, ("llm", "new")), ("llm", "new")).raw) == written(raw)
    for name in document.profiles():
        table = ("llm", name)
        assert rename(rename(document, table, "new"), ("llm", "new"), name).raw == raw
        assert written(delete(duplicate(document, table, "new"), ("llm", "new")).raw) == written(raw)
        gone, come = changed_lines(raw, delete(document, table).raw)
        assert not come
        values = tomllib.loads(raw.decode())
        del values["llm"][name]
        assert delete(document, table).values == values
        assert b"##" not in b"".join(gone)


def written(raw: bytes) -> list[bytes]:
    """The lines that are not blank: where tables stand without a gap, one that was added stays."""
    return [line for line in raw.split(b"\n") if line.strip()]
