"""What Settings shows of the fields that are on Advanced."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.app.fakes import running
from tui.config.schema import FIELDS
from tui.widgets.also_set import AlsoSet

FILE = """\
[llm]
model = "openai/gpt-4o"
temperature = 0.25
aws_secret_access_key = "canary-of-a-file"

[llm.cheap]
top_p = 0.5
"""


async def test_settings_lists_what_else_the_file_sets_each_with_its_line_and_no_secret(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml", config=FILE, size=(80, 24)) as bench:
        await bench.sees("Also set", "Secret access key", "••••", "file:4", "Temperature", "0.25", "file:3")
        assert "canary" not in bench.text
        assert "Top p" not in bench.text


async def test_an_edit_and_a_profile_show_in_it(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml", config=FILE) as bench:
        await bench.replace("temperature", "0.75")
        await bench.press("f2")
        await bench.sees("Temperature", "0.75", "edited")
        bench.main.choose_profile("cheap")
        await bench.sees("Temperature", "inherited", "Top p", "0.5", "profile:7")


async def test_with_nothing_set_it_says_how_many_fields_there_are(tmp_path: Path) -> None:
    count = sum(field.screen == "advanced" for field in FIELDS.values())
    async with running(tmp_path / "config.toml", config='[llm]\nmodel = "openai/gpt-4o"\n') as bench:
        await bench.sees(f"F3 Advanced has {count} more fields, none of them set.")


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 20), (40, 10)])
async def test_what_does_not_fit_is_counted_and_nothing_has_to_be_scrolled(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    names = [name for name, field in FIELDS.items() if field.screen == "advanced" and field.kind == "integer"]
    file = '[llm]\nmodel = "openai/gpt-4o"\n' + "".join(f"{name} = 7\n" for name in names)
    async with running(tmp_path / "config.toml", config=file, size=size) as bench:
        also = bench.main.query_one(AlsoSet)
        await bench.until(lambda: len(also.fields) == len(names))
        lines = str(also.render()).splitlines()
        assert len(lines) <= also.size.height
        shown = sum(line.rstrip().endswith(tuple(f"file:{at}" for at in range(100))) for line in lines)
        assert shown == len(names) or not lines or shown + _left(lines) == len(names)


async def test_a_click_goes_to_the_field(tmp_path: Path) -> None:
    async with running(tmp_path / "config.toml", config=FILE) as bench:
        also = bench.main.query_one(AlsoSet)
        await bench.until(lambda: also.fields)
        at = [field.name for field in also.fields].index("temperature")
        await bench.pilot.click(AlsoSet, offset=(5, 2 + at))
        await bench.until(lambda: bench.row("temperature").has_focus_within)


def _left(lines: list[str]) -> int:
    """How many fields the last line says there are besides; all of them if there is only the heading."""
    last = lines[-1].split()
    return int(last[1]) if last[:1] == ["and"] else 0
