"""Markdown as lines of few widgets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Offset
from textual.selection import Selection

from tests.widgets.chat_host import screen, until
from tui.widgets.markdown.fence import Fence
from tui.widgets.markdown.lines import Line
from tui.widgets.markdown.prose import Prose
from tui.widgets.markdown.reading import Reader, parser
from tui.widgets.markdown.table import shares
from tui.widgets.reply import Reply

pytestmark = pytest.mark.contract

TABLE = "| name | value |\n|---|---:|\n| alpha | 1 |\n| beta | 22 |\n\n"
SAMPLE = f"""# One

A paragraph of *several* words, with `code` and a [link](https://a.example).

{TABLE}- an item
  - in it another
- an item with code
  ```sh
  echo nested
  ```

> quoted
>
> 3. third
> 4. fourth

---

```python
x = 1
```

The end.
"""


class Host(App[None]):
    def compose(self) -> ComposeResult:
        with VerticalScroll():
            yield Reply(flush_s=0.01)

    @property
    def reply(self) -> Reply:
        return self.query_one(Reply)

    @property
    def text(self) -> str:
        return "\n".join(prose.plain for prose in self.query(Prose))


def lines(text: str, width: int) -> Iterator[Line]:
    for one in Reader(lambda code, _language: Content(code)).read(text):
        if not isinstance(one.block, tuple):
            yield from one.block.lines(width)


def said(text: str) -> Iterator[str]:
    """What the parser finds to be text, but for code that stands by itself."""
    for token in parser().parse(text):
        if token.type in ("fence", "code_block") and token.level:
            yield token.content
        yield from (child.content for child in token.children or () if child.type in ("text", "code_inline"))


def looks(text: str, width: int) -> str:
    return "\n".join(line.content.plain.rstrip() for line in lines(text, width))


async def shown(app: Host, *pieces: str) -> None:
    for piece in pieces:
        app.reply.take(piece)
        await app.reply._tick()
    await app.reply.finish()


async def test_many_tables_are_one_widget() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await shown(app, TABLE * 30, "The end.")
        await until(pilot, lambda: app.text.endswith("The end."))
        assert len(app.query(Prose)) == 1
        assert len(app.query("*")) < 15


async def test_an_answer_is_the_same_however_it_comes() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await shown(app, SAMPLE)
        await until(pilot, lambda: "The end." in app.text)
        whole, fences = app.text, len(app.query(Fence))
        for size in (1, 7, 40):
            await app.query_one(VerticalScroll).remove_children()
            await app.query_one(VerticalScroll).mount(Reply(flush_s=60))
            await shown(app, *(SAMPLE[at : at + size] for at in range(0, len(SAMPLE), size)))
            await until(pilot, lambda: "The end." in app.text)
            assert app.text == whole
            assert len(app.query(Fence)) == fences == 1


PIECES: Final = [*SAMPLE.split("\n\n"), "w" * 50, "日本語 " * 9, "<b>", "|a|\n|-|\n||", "&amp; ![of it](x.png)"]
PARTS: Final = st.lists(st.sampled_from(PIECES) | st.text("ab `*_>|-#[]()1.\n\\", max_size=20), max_size=6)


@given(PARTS, st.integers(16, 60))  # below, marks and frames alone may be wider
def test_no_line_is_wider_than_the_screen(parts: list[str], width: int) -> None:
    for line in lines("\n\n".join(parts), width):
        assert line.content.cell_length <= width


@given(PARTS, st.integers(16, 60))
def test_no_character_is_lost_at_any_width(parts: list[str], width: int) -> None:
    text = "\n\n".join(parts)
    drawn = Counter("".join(line.content.plain for line in lines(text, width)))
    written = Counter("".join(said(text)))
    assert all(drawn[character] >= count for character, count in written.items() if not character.isspace())


@given(st.lists(st.tuples(st.integers(1, 16), st.integers(1, 80)), min_size=1, max_size=9), st.integers(0, 90))
def test_columns_get_no_more_than_there_is_and_no_more_than_they_want(wanted: list[tuple[int, int]], more: int) -> None:
    room = 3 * len(wanted) + more
    pairs = [(min(words, whole), whole) for words, whole in wanted]
    widths = shares(pairs, room)
    assert sum(widths) <= room
    assert all(1 <= width <= whole for width, (_, whole) in zip(widths, pairs, strict=True))
    if sum(whole for _, whole in pairs) <= room:
        assert widths == [whole for _, whole in pairs]


def test_a_table_has_frames_and_aligned_columns() -> None:
    assert looks(TABLE, 40) == (
        "┌───────┬───────┐\n│ name  │ value │\n├───────┼───────┤\n│ alpha │     1 │\n"
        "├───────┼───────┤\n│ beta  │    22 │\n└───────┴───────┘"
    )


def test_a_table_of_too_many_columns_is_a_list() -> None:
    row = "|" + "|".join(f"c{number}" for number in range(9)) + "|\n"
    assert looks(row + "|-" * 9 + "|\n" + row, 40).startswith("c0: c0\nc1: c1\n")


def test_a_list_in_a_quote_stands_beside_its_bar() -> None:
    assert looks("> - one\n>   - two\n", 20) == "▌ • one\n▌   ▪ two"


@pytest.mark.parametrize(("width", "height"), [(120, 40), (80, 24), (60, 20), (20, 10)])
async def test_an_answer_fits_after_a_resize(width: int, height: int) -> None:
    app = Host()
    async with app.run_test(size=(100, 30)) as pilot:
        await shown(app, SAMPLE)
        await pilot.resize_terminal(width, height)
        await pilot.pause()
        for prose in app.query(Prose):
            assert prose.size.width <= width
            assert all(cell_len(prose.render_line(y).text) == prose.size.width for y in range(prose.size.height))


async def test_what_is_copied_has_no_breaks_of_lines_and_tables_are_markdown() -> None:
    app = Host()
    words = "these are some words that do not fit in one line of this narrow screen"
    async with app.run_test(size=(30, 20)) as pilot:
        await shown(app, f"{words}\n\n- {words}\n\n> {words}\n\n{TABLE}")
        await until(pilot, lambda: "beta" in app.text)
        assert app.text.rstrip().split("\n\n") == [
            words,
            f"• {words}",
            words,
            "| name  | value |\n|-------|-------|\n| alpha |     1 |\n| beta  |    22 |",
        ]


async def test_a_selection_may_begin_and_end_within_a_line() -> None:
    app = Host()
    async with app.run_test(size=(30, 20)) as pilot:
        await shown(app, "one two\n\nthree four")
        prose = app.query_one(Prose)
        await until(pilot, lambda: "four" in prose.plain)
        assert prose.get_selection(Selection(Offset(4, 0), Offset(5, 2))) == ("two\n\nthree", "\n")


async def test_a_heading_may_become_one_when_the_next_line_has_come() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await shown(app, "Title\n", "=====\n", "\nText")
        await until(pilot, lambda: "Text" in screen(app))
        assert "=" not in screen(app)
        assert app.text.split() == ["Title", "Text"]
