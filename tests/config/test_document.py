"""Single edits of small files, and what is said about bad ones."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from tests.config.oracle import BOM
from tui.config.schema import Plain
from tui.config.syntax import MOST_BYTES
from tui.config.toml.document import BadFileError, Document, EditRefusedError

pytestmark = pytest.mark.contract


def edited(text: str, key: str, value: Plain, table: tuple[str, ...] = ("llm",)) -> str:
    return Document(text.encode()).set(table, key, value).raw.decode()


def without(text: str, key: str, table: tuple[str, ...] = ("llm",)) -> str:
    return Document(text.encode()).unset(table, key).raw.decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[llm]\nmodel = 'a'  # why\n", '[llm]\nmodel = "new"  # why\n'),
        ("[llm]\n\t\"model\"='a'#why\n", '[llm]\n\t"model"="new"#why\n'),
        ('[llm]\nmodel = """\na\nb\\\n"""\nx = 1\n', '[llm]\nmodel = "new"\nx = 1\n'),
        ("[llm]\nmodel = [\n 1, # one\n 2\n] # end\n", '[llm]\nmodel = "new" # end\n'),
        ("[llm]\r\nmodel = 1\r\nx = 2\n", '[llm]\r\nmodel = "new"\r\nx = 2\n'),
        ("llm.model = 1\nz = 2\n", 'llm.model = "new"\nz = 2\n'),
        ("llm = {model = 1, x = 2}\n", 'llm = {model = "new", x = 2}\n'),
        ("llm = {model.a = 1}\n[x]\n", None),
        ('[ "llm" ]\nmodel = 1', '[ "llm" ]\nmodel = "new"'),
        ("[llm.p]\nx=1\n[core]\n[llm]\nmodel=1\n", '[llm.p]\nx=1\n[core]\n[llm]\nmodel="new"\n'),
    ],
)
def test_setting_a_key_that_is_there_replaces_its_value_only(before: str, after: str | None) -> None:
    if after is None:
        with pytest.raises(EditRefusedError, match=r"llm\.model is a table"):
            edited(before, "model", "new")
    else:
        assert edited(before, "model", "new") == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[llm]\na = 1\n\n# Agents\n[agent]\nb = 2\n", "[llm]\na = 1\ntimeout = 5\n\n# Agents\n[agent]\nb = 2\n"),
        ("[llm]\n[agent]\n", "[llm]\ntimeout = 5\n[agent]\n"),
        ("[llm]\n# The model.\n\n[agent]\n", "[llm]\n# The model.\ntimeout = 5\n\n[agent]\n"),
        ("[llm]\n# Model\n#model = 1\n\n[agent]\n", "[llm]\ntimeout = 5\n# Model\n#model = 1\n\n[agent]\n"),
        ("[llm]\n##### Agents #####\n# All\n\n[agent]\n", "[llm]\ntimeout = 5\n##### Agents #####\n# All\n\n[agent]\n"),
        ("[llm]\n# Agents\n[agent]\n", "[llm]\ntimeout = 5\n# Agents\n[agent]\n"),
        ("[llm]", "[llm]\ntimeout = 5"),
        ("[llm]\r\na = 1", "[llm]\r\na = 1\r\ntimeout = 5"),
        ("[llm]\n  a = 1\n", "[llm]\n  a = 1\n  timeout = 5\n"),
        ("[llm]\r\na = 1\r\n[b]\n", "[llm]\r\na = 1\r\ntimeout = 5\r\n[b]\n"),
        ("llm.a = 1\nz = 2\n[llm.p]\n", "llm.a = 1\nllm.timeout = 5\nz = 2\n[llm.p]\n"),
        ("llm = {}\n", "llm = { timeout = 5 }\n"),
        ("llm = { a = 1 } # x\n", "llm = { a = 1, timeout = 5 } # x\n"),
        ('[llm]\na = """\n[agent]\n"""\n[agent]\n', '[llm]\na = """\n[agent]\n"""\ntimeout = 5\n[agent]\n'),
        ("[core]\n", "[core]\n\n[llm]\ntimeout = 5\n"),
        ("", "[llm]\ntimeout = 5\n"),
        ("[core]\n\n", "[core]\n\n[llm]\ntimeout = 5\n"),
        ("[core]\r\na = 1", "[core]\r\na = 1\r\n\r\n[llm]\r\ntimeout = 5\r\n"),
        ("[llm.p]\na = 1\n", "[llm.p]\na = 1\n\n[llm]\ntimeout = 5\n"),
    ],
)
def test_a_new_key_goes_below_the_last_key_of_its_own_table(before: str, after: str) -> None:
    assert edited(before, "timeout", 5) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[llm]\n#timeout = 0\nz = 1\n", "[llm]\ntimeout = 5\nz = 1\n"),
        ("[llm]\n  # timeout=0  # in s\n", "[llm]\n  timeout=5  # in s\n"),
        ("[llm]\n#timeout = 1\n#timeout = 2\nz = 1\n", "[llm]\n#timeout = 1\ntimeout = 5\nz = 1\n"),
        ("[llm]\n#timeout = None\n", "[llm]\ntimeout = 5\n"),
        ("[llm]\n#timeout =\n", "[llm]\ntimeout = 5\n"),
        ('[llm]\n#"timeout" = 1 # x\n', '[llm]\n"timeout" = 5 # x\n'),
        ("[llm]\r\n#timeout = 1\r\n", "[llm]\r\ntimeout = 5\r\n"),
        ("[llm]\na = 1\n\n#timeout = 1\n[b]\n", "[llm]\na = 1\n\ntimeout = 5\n[b]\n"),
        ("llm.a = 1\n#llm.timeout = 1\n", "llm.a = 1\nllm.timeout = 5\n"),
        # prose, other tables, other keys
        ("[llm]\na = 1\n# timeout = how long to wait\n", "[llm]\na = 1\ntimeout = 5\n# timeout = how long to wait\n"),
        ("[llm]\na = 1\n#timeouts = 3\n", "[llm]\na = 1\ntimeout = 5\n#timeouts = 3\n"),
        ("[llm]\na = 1\n[b]\n#timeout = 3\n", "[llm]\na = 1\ntimeout = 5\n[b]\n#timeout = 3\n"),
        ("#timeout = 3\n[llm]\na = 1\n", "#timeout = 3\n[llm]\na = 1\ntimeout = 5\n"),
        ("[llm]\na = 1\n#[llm.p]\n#timeout = 3\n", "[llm]\na = 1\ntimeout = 5\n#[llm.p]\n#timeout = 3\n"),
        (
            "[llm]\na = 1\n\n# timeout = 3\n# is the default of\n[b]\n",
            "[llm]\na = 1\ntimeout = 5\n\n# timeout = 3\n# is the default of\n[b]\n",
        ),
        ('[llm]\na = """\n#timeout = 1\n"""\n', '[llm]\na = """\n#timeout = 1\n"""\ntimeout = 5\n'),
        ("[llm]\na = [\n#timeout = 1\n]\n", "[llm]\na = [\n#timeout = 1\n]\ntimeout = 5\n"),
    ],
)
def test_a_commented_key_of_the_same_table_is_uncommented_in_place(before: str, after: str) -> None:
    assert edited(before, "timeout", 5) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[llm]\na = 1\n\n\n## Agents\n[b]\n", "[llm]\na = 1\n\n[llm.p]\nx = 1\n\n\n## Agents\n[b]\n"),
        ("[llm]\na = 1\n#b = 2\n\n# Agents\n[b]\n", "[llm]\na = 1\n#b = 2\n\n[llm.p]\nx = 1\n\n# Agents\n[b]\n"),
        ("[llm]\na = 1\n[b]\n", "[llm]\na = 1\n\n[llm.p]\nx = 1\n\n[b]\n"),
        ("[llm.q]\na = 1\n\n[b]\n[llm]\n", "[llm.q]\na = 1\n\n[b]\n[llm]\n\n[llm.p]\nx = 1\n"),
        ("[b]\n", "[b]\n\n[llm.p]\nx = 1\n"),
        ("llm.a = 1\n[b]\n", "llm.a = 1\n[b]\n\n[llm.p]\nx = 1\n"),
        ("llm = {a = 1}\n", "llm = {a = 1, p.x = 1}\n"),
    ],
)
def test_a_new_profile_goes_below_the_last_table_of_its_family(before: str, after: str) -> None:
    assert edited(before, "x", 1, ("llm", "p")) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[llm]\n# why\nmodel = 1 # c\n\nz = 1\n", "[llm]\n# why\n\nz = 1\n"),
        ("[llm]\nmodel = '''\na\n'''\nz = 1\n", "[llm]\nz = 1\n"),
        ("[llm]\r\nz = 1\r\nmodel = 1", "[llm]\r\nz = 1"),
        ("llm.model = 1\nz = 1\n", "z = 1\n"),
        ("llm = {model = 1}\n", "llm = {}\n"),
        ("llm = {model = 1, z = 1}\n", "llm = {z = 1}\n"),
        ("llm = { z = 1 , model = 1 }\n", "llm = { z = 1 }\n"),
        ("[core]\nllm = 1\n[llm]\nmodel = 1\n[llm.p]\nmodel=2\n", "[core]\nllm = 1\n[llm]\n[llm.p]\nmodel=2\n"),
        ("model = 1", ""),
    ],
)
def test_unsetting_removes_the_lines_of_the_key_and_leaves_the_comment_above(before: str, after: str) -> None:
    table = () if before == "model = 1" else ("llm",)
    assert without(before, "model", table) == after


@pytest.mark.parametrize(
    "text", ["", "[llm]\n", "[llm.model]\n", "llm = {model = {}}\n", "[[llm]]\nmodel = 1\n", "llm = 3\n"]
)
def test_unsetting_what_is_not_there_gives_the_same_document(text: str) -> None:
    document = Document(text.encode())
    assert document.unset(("llm",), "model") is document


def test_setting_the_value_that_is_there_gives_the_same_document() -> None:
    document = Document(b"[llm]\nmodel = 'a'\ntop_p = 1\n")
    assert document.set(("llm",), "model", "a") is document
    assert document.set(("llm",), "top_p", 1.0).raw == b"[llm]\nmodel = 'a'\ntop_p = 1.0\n"
    assert document.set(("llm",), "top_p", value=True).raw == b"[llm]\nmodel = 'a'\ntop_p = true\n"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("llm = 3\n", "llm is a value in this file, not a table"),
        ("llm = []\n", "llm is a list in this file, not a table"),
        ("[[llm]]\n", "llm is a list in this file, not a table"),
        ("[llm.model]\n", "llm.model is a table in this file, not a value"),
        ("[llm]\n[[llm.model]]\n", "llm.model is a list of tables"),
    ],
)
def test_an_edit_that_the_file_has_no_place_for_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(EditRefusedError, match=reason):
        edited(text, "model", "new")


def test_text_that_utf8_has_no_bytes_for_is_refused() -> None:
    with pytest.raises(EditRefusedError, match="UTF-8"):
        edited("", "model", "\udc80")


def test_a_bom_stays_first_when_a_key_is_added_on_the_first_line() -> None:
    assert Document(BOM + b"# top\n").set((), "a", 1).raw == BOM + b"# top\na = 1\n"
    assert Document(BOM + b"a = 1").set((), "b", 1).raw == BOM + b"a = 1\nb = 1"
    assert Document(BOM).set((), "b", 1).raw == BOM + b"b = 1\n"


def test_the_tables_and_profiles_are_read_as_plain_values() -> None:
    document = Document(b"llm.z.model = 1\n[llm.a]\n[core]\nx = 1\n[core.sub]\n[[llm.list]]\n")
    assert document.profiles() == ("z", "a")
    assert document.table(("core",)) == {"x": 1}
    assert document.table(("llm",)) == document.table(("nowhere",)) == document.table(("core", "x")) == {}
    assert document.has(("llm",))
    assert document.has(("llm", "z"))
    assert not document.has(("core", "x"))
    assert not document.has(("nowhere",))


@pytest.mark.parametrize(
    ("raw", "line", "column", "reason"),
    [
        (b"[llm]\nnative_tool_calling = None\n", 2, 23, "Invalid value: TOML has no None; remove the line"),
        (b"[llm]\r\nx = null\r\n", 2, 5, "Invalid value: TOML has no null; remove the line"),
        (b"a = True\n", 1, 5, "Invalid value: TOML writes true and false in small letters"),
        (b"a = gpt-4o\n", 1, 5, "Invalid value: text needs quotes"),
        (b"a = \n", 1, 5, "Invalid value: the value is missing; add one or remove the line"),
        (b"a = .5\n", 1, 5, "Invalid value: a number needs a digit before the point"),
        (
            b"a = 1\na = 2\n",
            2,
            6,
            "Cannot overwrite a value: this key is already set in this table; remove one of the two",
        ),
        (
            b'a = "C:\\work"\n',
            1,
            10,
            "Unescaped '\\' in a string: write \\\\ for a backslash, or put the text in 'single quotes'",
        ),
        (b"a = [1,\n", 2, 1, "Invalid value"),
        (b"x\n", 1, 2, "Expected '=' after a key in a key/value pair"),
        (b"# caf\xc3\xa9\nx = '\xe9\xe8'\n", 2, 6, "the text is not UTF-8; save the file as UTF-8"),
        (BOM + b"a\n\xff", 2, 1, "the text is not UTF-8; save the file as UTF-8"),
        (b"a = 1\nb\0", 2, 2, "the file holds a NUL byte, so it is not a text file"),
        ("[llm]".encode("utf-16"), 1, 1, "the file is UTF-16; save it as UTF-8"),
    ],
)
def test_a_bad_file_says_where_and_why(raw: bytes, line: int, column: int, reason: str) -> None:
    with pytest.raises(BadFileError) as caught:
        Document(raw)
    assert (caught.value.line, caught.value.column, caught.value.reason) == (line, column, reason)
    assert str(caught.value) == f"line {line}, column {column}: {reason}"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"#" * (MOST_BYTES + 1), "larger than"),
        (b"a = " + b"[" * 100_000, "nested too deeply"),
        (b"a = 1\n[t]\nb = [{c = 0x" + b"F" * 5_000 + b"}]", "line 3, column 1: this number has thousands of digits"),
        (b"a = " + b"9" * 5_000, "a number can't be read"),
    ],
)
def test_a_file_that_would_overwhelm_the_parser_is_a_bad_file(raw: bytes, reason: str) -> None:
    with pytest.raises(BadFileError, match=reason):
        Document(raw)


def test_deep_nesting_that_can_be_read_can_be_edited_beside() -> None:
    text = "a = " + "[" * 200 + "]" * 200 + "\n"
    assert edited(text, "b", 1, ()) == text + "b = 1\n"


@pytest.mark.slow
def test_an_edit_of_ten_thousand_lines_takes_well_under_a_fifth_of_a_second() -> None:
    lines = "".join(f"# about {n}\n#off{n} = 3\n[table{n}]\nkey = 'value {n}'  # note\n" for n in range(2_500))
    document = Document((lines + "[llm]\nmodel = 'a'\n").encode())
    document.set(("llm",), "model", "warm")
    taken = []
    for seconds in range(5):
        started = time.process_time()
        document.set(("llm",), "timeout", seconds)
        taken.append(time.process_time() - started)
    assert min(taken) < 0.2


def test_reading_does_not_import_tomlkit() -> None:
    code = (
        "import sys; from tui.config.toml.document import Document; d = Document(b'[llm]\\na = 1'); "
        "d.table(('llm',)), d.lines(('llm',)); sys.exit('tomlkit' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
