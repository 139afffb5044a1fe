"""What holds for whole-table operations on every file, in every way that a table can be written."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.config.made import parsed, toml_files
from tests.config.oracle import BOM, exact, values
from tui.config.toml.document import Document
from tui.config.toml.tables import create, delete, duplicate, rename

NEW = "brand-new"
NEW_NAMES = st.sampled_from((NEW, "a new one", "grün", "7", "a.b", "a]#=b"))
many = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)

_WRITTEN = (
    "[llm.{0}]\nmodel = 'x'  # mine\n#timeout = 3\n\n[llm.{0}.deep]\nx = 1\n",
    "# about it\n[llm.{0}]\n[[llm.{0}.list]]\nx = 1\n[[llm.{0}.list]]\nx = [\n  2, # two\n]\n",
    "[llm]\n{0}.model = 'x'  # mine\n# between\n{0}.deep.x = 1\ntop_p = 0.5\n{0}.y = '''\n{0}.z\n'''\n",
    "[llm]\nmodel = 'm'\n{0} = {{ model = 'x', deep.x = 1 }}  # mine\n# end\n",
    "llm = {{ {0}.model = 'x', model = 'm', {0}.deep = {{}} }}\n[other]\nx = 1\n",
    "llm.{0}.model = 'x'\n# between\nother.x = 1\nllm.{0}.y = 2\n",
    "[llm]\n{0}.model = 'x'\n[llm.{0}.deep]\nx = 1\n\n##### others\n[other]\n",
    "[llm.{0}.deep]\nx = 1\n# other\n[other]\ny = 2\n\n# about it\n[llm.{0}]\nmodel = 'x'\n\n\n[core]\n",
)
"""A table under the name {0}, as people write it."""


@st.composite
def files(draw: st.DrawFn) -> tuple[bytes, str]:
    """A file and the name of a table in its `[llm]`."""
    if draw(st.booleans()):
        name = draw(st.sampled_from(("p", '"a b"', "'q'")))
        text = draw(st.sampled_from(_WRITTEN)).format(name)
        raw = text.encode() if draw(st.booleans()) else text.encode().rstrip(b"\n")
        raw = draw(st.sampled_from((b"", BOM))) + raw.replace(b"\n", draw(st.sampled_from((b"\n", b"\r\n"))))
        return raw, name.strip("\"'")
    raw = draw(toml_files())
    names = Document(raw).profiles()
    assume(names)
    return raw, draw(st.sampled_from(names))


def meant(raw: bytes, change: Callable[[dict[str, Any]], object]) -> object:
    """The values of a file after a change of the members of `llm`; one that is left empty may be gone."""
    data = copy.deepcopy(parsed(raw))
    change(data.setdefault("llm", {}))
    return exact(data if data["llm"] else {key: value for key, value in data.items() if key != "llm"})


def without_empty(raw: bytes) -> object:
    return meant(raw, lambda _: None)


def lines(raw: bytes) -> list[bytes]:
    return raw.removeprefix(BOM).splitlines()


def is_within(some: list[bytes], all_lines: list[bytes]) -> bool:
    """Whether the lines are there in their order, others between them."""
    rest = iter(all_lines)
    return all(line in rest for line in some)


@many
@given(files(), NEW_NAMES)
def test_a_new_table_is_empty_and_every_line_is_still_there(file: tuple[bytes, str], new: str) -> None:
    raw, _ = file
    after = create(Document(raw), ("llm", new)).raw
    assert values(after) == meant(raw, lambda llm: llm.update({new: {}}))
    inline = [line for line in lines(raw) if line.startswith(b"llm =")]
    assert is_within([line for line in lines(raw) if line not in inline], lines(after))


@many
@given(files(), NEW_NAMES)
def test_renaming_gives_the_same_table_under_the_new_name_and_changes_only_lines_that_name_it(
    file: tuple[bytes, str], new: str
) -> None:
    raw, name = file
    after = rename(Document(raw), ("llm", name), new).raw
    assert values(after) == meant(raw, lambda llm: llm.update({new: llm.pop(name)}))
    assert len(lines(raw)) == len(lines(after))
    changed = [(a, b) for a, b in zip(lines(raw), lines(after), strict=True) if a != b]
    assert changed
    assert all(name.encode() in old and new.encode() in now for old, now in changed)


@many
@given(files(), NEW_NAMES)
def test_renaming_there_and_back_gives_the_old_bytes_but_for_quotes(file: tuple[bytes, str], new: str) -> None:
    raw, name = file
    assume(len(new) > 1)
    back = rename(rename(Document(raw), ("llm", name), new), ("llm", new), name).raw
    assert re.sub(rb"[\"']", b"", back) == re.sub(rb"[\"']", b"", raw)


@many
@given(files(), NEW_NAMES)
def test_a_copy_has_the_same_values_and_the_original_keeps_every_line(file: tuple[bytes, str], new: str) -> None:
    raw, name = file
    after = duplicate(Document(raw), ("llm", name), new).raw
    assert values(after) == meant(raw, lambda llm: llm.update({new: copy.deepcopy(llm[name])}))
    assert is_within([line for line in lines(raw) if not line.startswith(b"llm =")], lines(after))


@many
@given(files(), NEW_NAMES)
def test_deleting_what_was_just_made_or_copied_leaves_at_most_a_blank_line(file: tuple[bytes, str], new: str) -> None:
    raw, name = file
    for made in (create(Document(raw), ("llm", new)), duplicate(Document(raw), ("llm", name), new)):
        after = delete(made, ("llm", new)).raw
        assert [line for line in lines(after) if line.strip()] == [line for line in lines(raw) if line.strip()]
        assert len(lines(after)) <= len(lines(raw)) + 1


@many
@given(files())
def test_deleting_takes_the_table_and_no_line_of_another(file: tuple[bytes, str]) -> None:
    raw, name = file
    after = delete(Document(raw), ("llm", name)).raw
    assert without_empty(after) == meant(raw, lambda llm: llm.pop(name))
    assert all(line.startswith(b"llm =") or line in lines(raw) for line in lines(after))
    assert is_within([line for line in lines(after) if not line.startswith(b"llm =")], lines(raw))
    if b"#" not in b"".join(re.findall(rb"(?s)\"{3}.*?\"{3}|'{3}.*?'{3}", raw)):
        assert is_within(foreign_comments(raw, name), lines(after))


def foreign_comments(raw: bytes, name: str) -> list[bytes]:
    """Comments under the header of another table, but for those right above a header of this one."""
    found, own = [], False
    every = lines(raw)
    for at, line in enumerate(every):
        if re.match(rb"[ \t]*\[", line):
            own = is_header_of(line, name)
        below = next((later for later in every[at:] if not later.lstrip().startswith(b"#")), b"")
        if line.startswith(b"#") and not own and not is_header_of(below, name):
            found.append(line)
    return found


def is_header_of(line: bytes, name: str) -> bool:
    header = re.match(r"[ \t]*\[+ *llm *\. *[\"']?" + re.escape(name) + r"[\"']? *[\].]", line.decode())
    return header is not None


@many
@given(files(), NEW_NAMES)
def test_lines_end_as_they_did_and_the_mark_at_the_start_stays(file: tuple[bytes, str], new: str) -> None:
    raw, name = file
    document, table = Document(raw), ("llm", name)
    for after in (create(document, ("llm", new)), rename(document, table, new), duplicate(document, table, new)):
        assert after.raw.startswith(BOM) == raw.startswith(BOM)
        if b"\r\n" in raw:
            assert after.raw.count(b"\n") == after.raw.count(b"\r\n")
        elif b"\n" in raw:
            assert b"\r" not in after.raw
