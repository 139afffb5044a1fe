"""`schema`: the JSON Schema of a config.toml, so that editors complete and check the file."""

from __future__ import annotations

import click

from tui.cli.json_text import json_text
from tui.cli.manual import Manual
from tui.config.json_schema import json_schema


@click.command("schema", cls=Manual)
def schema_command() -> None:
    """Print the JSON Schema of a config.toml: every field of [llm] and its profiles.

    For taplo and the editors that use it, write it to a file and name that in the first line of config.toml.
    """
    click.echo(json_text(json_schema()))
