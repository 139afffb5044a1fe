"""`export`: the settings for OpenHands in another form; secrets by name only."""

from __future__ import annotations

import sys
from typing import Final, get_args

import click

from tui.cli.manual import Manual
from tui.cli.opened import chosen
from tui.config.export import Format, collected, written
from tui.config.schema import FIELDS
from tui.providers.passed_on import names_for
from tui.text import visible

_KEY: Final = FIELDS["api_key"].env_name


@click.command("export", cls=Manual)
@click.option(
    "--format",
    "form",
    type=click.Choice(get_args(Format)),
    default="shell",
    show_default=True,
    help="What to print.",
)
@click.option("--changed", is_flag=True, help="Leave out what has its default.")
@click.option("--image", default="IMAGE", show_default=True, help="The image that docker and compose are to start.")
@click.pass_context
def export_command(context: click.Context, form: Format, *, changed: bool, image: str) -> None:
    """Print the effective settings as LLM_* variables for a shell, a .env file or a container, or as a config.toml.

    A secret is never printed: its variable is named, and `llm-backends exec -- COMMAND` gives COMMAND its value, from
    the keyring too. For docker and compose an address of this machine becomes host.docker.internal.
    """
    resolved = chosen(context).workspace().resolved()
    export = collected(resolved, names_for(resolved, chosen(context).env), changed=changed)
    text = written(export, form, image)
    click.echo(visible(text) if sys.stdout.isatty() else text, nl=False)  # a shell gets the value, a terminal its signs
    if form != "toml":
        for name in export.silent:
            click.echo(f"llm-backends: {name} is left out: no variable can hold its value.", err=True)
    if export.names:
        names = ", ".join(export.names)
        more = f" `llm-backends exec` sets {_KEY}." if _KEY in export.names else ""
        click.echo(f"llm-backends: passed on by name only: {names}.{more}", err=True)
