"""The judge of edits sees what is wrong with an edit, and nothing wrong in a good one."""

from __future__ import annotations

import pytest

from tests.reliability.blocks import blocks, lines
from tests.reliability.counts import FAST
from tests.reliability.edits import by_document, by_tomlkit, of_made_files
from tests.reliability.judge import Edit, judged

FILE = b"""\
# mine
[llm]
# the model
model = "a"  # cheap
list = [
  1, # one
]

#### Sandbox ####
#timeout = 1
[sandbox]
image = { name = "x" }
a.b = 1
"""
TIMEOUT = Edit(("llm",), "timeout", 5)


def swapped(old: str, new: str) -> bytes:
    assert old.encode() in FILE
    return FILE.replace(old.encode(), new.encode())


@pytest.mark.parametrize(
    ("after", "edit"),
    [
        (swapped("]\n\n####", "]\ntimeout = 5\n\n####"), TIMEOUT),
        (swapped("#timeout = 1", "timeout = 5"), TIMEOUT),
        (swapped("[llm]\n# the", "[llm]\n# the"), Edit(("llm",), "nothing", None)),
        (swapped('"a"', '"b"'), Edit(("llm",), "model", "b")),
        (swapped('model = "a"  # cheap\n', ""), Edit(("llm",), "model", None)),
        (swapped('"x" }', '"x", tag = 5 }'), Edit(("sandbox", "image"), "tag", 5)),
        (swapped("a.b = 1\n", "a.b = 1\na.c = 5\n"), Edit(("sandbox", "a"), "c", 5)),
        (swapped("]\n\n####", "]\n\n[llm.p]\ntimeout = 5\n\n####"), Edit(("llm", "p"), "timeout", 5)),
    ],
)
def test_a_good_edit_passes(after: bytes, edit: Edit) -> None:
    assert judged(FILE, after, edit) == ""


@pytest.mark.parametrize(
    ("after", "says"),
    [
        (swapped("]\n\n####", "timeout = 5\n]\n\n####"), "parses"),
        (swapped("[llm]\n", "[llm]\ntimeout = 6\n"), "values"),
        (swapped("[sandbox]\n", "timeout = 5\n[sandbox]\n"), "stand"),
        (swapped("# one", "# ONE").replace(b"]\n\n", b"]\ntimeout = 5\n\n"), "other lines"),
        (swapped("]\n\n####", "]\n\ntimeout = 5\n####"), "stand"),
        (b"\xef\xbb\xbf" + swapped("]\n\n####", "]\ntimeout = 5\n\n####"), "byte order"),
        (swapped("# the model", "timeout = 5"), "no twin"),
        (
            swapped("]\n\n####", "]\ntimeout = 5\r\n\n####").replace(b"\n", b"\r\n").replace(b"\r\r", b"\r"),
            "other lines",
        ),
    ],
)
def test_a_bad_addition_is_seen(after: bytes, says: str) -> None:
    assert says in judged(FILE, after, TIMEOUT)


def test_a_line_that_ends_otherwise_is_seen() -> None:
    before = FILE.replace(b"\n", b"\r\n")
    after = before.replace(b"]\r\n\r\n", b"]\r\ntimeout = 5\n\r\n")
    assert "ends otherwise" in judged(before, after, TIMEOUT)


def test_a_twin_under_another_table_s_commented_header_is_seen() -> None:
    before = b"[llm]\nmodel = 'a'\n\n#[other]\n#timeout = 1\n"
    assert "commented header" in judged(before, before.replace(b"#timeout = 1", b"timeout = 5"), TIMEOUT)


def test_a_table_between_a_header_and_its_comment_is_seen() -> None:
    before = b"[llm]\n\n# About core\n[core]\n"
    after = before.replace(b"core\n[", b"core\n\n[llm.p]\ntimeout = 5\n\n[")
    assert "comment" in judged(before, after, Edit(("llm", "p"), "timeout", 5))


def test_an_edit_or_removal_that_changes_more_is_seen() -> None:
    assert "outside" in judged(FILE, swapped('"a"', '"b"').replace(b"# mine", b"#mine"), Edit(("llm",), "model", "b"))
    gone = swapped('model = "a"  # cheap\n', "")
    assert "other lines" in judged(FILE, gone.replace(b"# the model\n", b""), Edit(("llm",), "model", None))


def test_the_usual_library_alone_is_caught_where_the_app_is_not() -> None:
    assert of_made_files(FAST, by_tomlkit).wrong
    assert not of_made_files(FAST, by_document).wrong


def test_statements_are_found_whatever_stands_inside_of_them() -> None:
    text = 'a = """\n[x]\n# no\n"""\n# yes\n\n[[t]]\n[t.u]\nb = [\n1,\n]\n[v.w] # note\n"c d".e = 1'
    found = [(block.kind, block.start, block.end, block.heading) for block in blocks(lines(text))]
    assert found == [
        ("key", 0, 4, ()),
        ("comment", 4, 5, ()),
        ("blank", 5, 6, ()),
        ("header", 6, 7, None),
        ("header", 7, 8, None),
        ("key", 8, 11, None),
        ("header", 11, 12, ("v", "w")),
        ("key", 12, 13, ("v", "w")),
    ]
