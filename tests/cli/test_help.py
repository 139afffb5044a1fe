"""`--help` of every command: like a manual page, and its examples are real."""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from tests.terminal import Terminal
from tui.cli.main import COMMANDS, command
from tui.cli.manual_pages import PAGES


def names() -> Iterator[str]:
    """Every command, and those of groups."""
    yield ""
    for name in COMMANDS:
        yield name
        found = command.get_command(click.Context(command), name)
        if isinstance(found, click.Group):
            yield from (f"{name} {inner}" for inner in found.list_commands(click.Context(found)))


NAMES = tuple(names())


@pytest.mark.parametrize("name", NAMES)
def test_every_command_has_examples_and_exit_codes(name: str) -> None:
    shown = CliRunner().invoke(command, [*name.split(), "--help"])
    assert shown.exit_code == 0
    assert "\nExamples:\n" in shown.output
    assert "\nExit codes:\n" in shown.output
    assert "..." not in shown.output.partition("Commands:")[2].partition("\n\n")[0]


def test_no_page_is_for_a_command_that_is_gone() -> None:
    assert PAGES.keys() == set(NAMES)


EXAMPLES = [line for page in PAGES.values() for line in page.examples if "llm-backends " in line and "CO" not in line]


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_parses(example: str) -> None:
    """Options and arguments are taken as they stand; nothing is run."""
    for call in example.split("llm-backends ")[1:]:
        line = re.split(r"[|<>)]", call.replace("$(", "made"))[0]
        parse(command, [__file__ if word.endswith(".gguf") else word for word in shlex.split(line)])


def parse(group: click.Command, words: list[str]) -> None:
    context = group.make_context("llm-backends", list(words))
    rest = [*context._protected_args, *context.args]
    if isinstance(group, click.Group) and rest:
        _, found, args = group.resolve_command(context, rest)
        assert found is not None
        parse(found, args)


def test_no_color_is_honoured_where_lines_are_coloured(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[llm]\nnum_retries = "4"\n')
    root = Path(__file__).parents[2]
    for extra, coloured in (({}, True), ({"NO_COLOR": "1"}, False)):
        env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(root), "LANG": "C.UTF-8", **extra}
        line = [sys.executable, "-m", "tui", "--config", str(path), "check", "--fix", "--dry-run"]
        with Terminal(line, env=env, cwd=tmp_path) as terminal:
            terminal.leave(within_s=30)
            assert "+num_retries = 4" in terminal.text
            assert (b"\x1b[" in terminal.raw) is coloured
