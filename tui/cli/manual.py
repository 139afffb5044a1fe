"""Help as a manual page tells it: after the options come examples, exit codes, files and environment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from tui.cli.manual_pages import Page  # only who asks for help pays for it


class Manual(click.Command):
    """A command whose `--help` ends in the sections of its page in `manual_pages`."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The sections that there is something for."""
        from tui.cli.manual_pages import CODES, ENVIRONMENT, FILES, PAGES  # noqa: PLC0415  # as above

        super().format_epilog(ctx, formatter)
        if (page := PAGES.get(_name(ctx))) is None:
            return
        _write_examples(formatter, page)
        codes = {str(code): CODES[code] for code in page.codes} | dict(page.own_codes)
        _write(formatter, "Exit codes", dict(sorted(codes.items(), key=lambda item: item[0].zfill(3))))
        _write(formatter, "Files", {name: FILES[name] for name in page.files})
        _write(formatter, "Environment", {name: ENVIRONMENT[name] for name in page.environment})


class ManualGroup(Manual, click.Group):
    """A group that has such help, and so have its commands."""

    command_class = Manual

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Each command with the whole first sentence of its help: click would cut it."""
        found = ((name, self.get_command(ctx, name)) for name in self.list_commands(ctx))
        rows = [(name, command.get_short_help_str(limit=200)) for name, command in found if command is not None]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def _name(ctx: click.Context) -> str:
    """The command without the program: "keys set"."""
    return ctx.command_path.removeprefix(ctx.find_root().command_path).strip()


def _write_examples(formatter: click.HelpFormatter, page: Page) -> None:
    """Each line whole, so that it can be copied; below it what it is good for."""
    if not page.examples:
        return
    with formatter.section("Examples"):
        indent = formatter.current_indent
        for line, what in page.examples.items():
            formatter.write(f"{'':{indent}}{line}\n")
            formatter.write(f"{'':{indent + 4}}{what}\n" if what else "")


def _write(formatter: click.HelpFormatter, title: str, rows: Mapping[str, str]) -> None:
    if rows:
        with formatter.section(title):
            formatter.write_dl(list(rows.items()))
