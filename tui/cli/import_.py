"""`import`: `LLM_*` variables into the file, from the environment or a `.env`; secrets stay out of it."""

from __future__ import annotations

from collections.abc import Mapping
from io import StringIO
from pathlib import Path

import click
import msgspec

from tui.cli.edit import change
from tui.cli.exits import CommandFailed
from tui.cli.manual import Manual
from tui.cli.opened import chosen
from tui.cli.saving import in_place_option
from tui.config import storage
from tui.config.errors import BadFileError, ConfigError
from tui.config.lint.case import meant
from tui.config.schema import ENV_PREFIX, FIELDS, InvalidValueError, Value, checked, read_env
from tui.config.syntax import read_text
from tui.config.workspace import Workspace
from tui.text import visible_line

_OURS = "LLM_BACKENDS_"


class Found(msgspec.Struct, frozen=True):
    """What the variables give."""

    values: Mapping[str, Value]
    notes: tuple[str, ...]
    """What was left out, and why."""


@click.command("import", cls=Manual)
@click.argument("file", required=False, type=click.Path(path_type=Path), metavar="[FILE]")
@click.option("--dry-run", is_flag=True, help="Print the diff and write nothing.")
@in_place_option
@click.pass_context
def import_command(context: click.Context, file: Path | None, *, dry_run: bool, in_place: bool | None) -> None:
    """Write LLM_* variables into [llm] of the file, and print what changed.

    They come from FILE, read as python-dotenv reads a .env, or from the environment. A secret is never written:
    `llm-backends keys set` puts it into the keyring. What does not fit its field is left out and named.
    """
    choice = chosen(context)
    found = collected(choice.env if file is None else _dotenv(file))
    for note in found.notes:
        click.echo(f"llm-backends: {visible_line(note)}", err=True)
    if not found.values:
        where = "the environment" if file is None else visible_line(str(file))
        click.echo(f"llm-backends: {where} has no LLM_* variable to import.", err=True)
        return

    def edit(workspace: Workspace) -> None:
        for name, value in found.values.items():
            workspace.edit(name, value)

    touched = [] if file is None else list(found.values)
    change(choice, edit, dry_run=dry_run, in_place=in_place, touched=touched)


def collected(variables: Mapping[str, str]) -> Found:
    """The values of the variables that OpenHands would read, each as it would read it."""
    values: dict[str, Value] = {}
    notes = []
    for variable in sorted(filter(_is_meant, variables), key=_place):
        name = variable.removeprefix(ENV_PREFIX).lower()
        field = FIELDS.get(name)
        if field is None or variable != field.env_name:
            near = meant(name, frozenset(FIELDS))
            hint = f" Did you mean {FIELDS[near].env_name}?" if near else ""
            notes.append(f"{variable} is not a variable that OpenHands reads; left out.{hint}")
        elif not variables[variable]:
            continue
        elif field.secret:
            notes.append(f"{variable} is a secret and was not written to the file. {_instead(name)}")
        else:
            try:
                values[name] = checked(field, read_env(field, variables[variable]))
            except InvalidValueError as error:
                notes.append(f"{variable} was left out: {error}")
    return Found(values, tuple(notes))


def _is_meant(variable: str) -> bool:
    return variable.startswith(ENV_PREFIX) and not variable.startswith(_OURS)


def _place(variable: str) -> tuple[int, str]:
    """The order of the schema, in which new keys are then written; unknown names come first."""
    names = [field.env_name for field in FIELDS.values()]
    return (names.index(variable) if variable in names else -1, variable)


def _instead(name: str) -> str:
    if name == "api_key":
        return "`llm-backends keys set` puts it into the keyring."
    return f"Keep it in the environment; `llm-backends set {name} -` would write it all the same."


def _dotenv(path: Path) -> dict[str, str]:
    try:
        raw = storage.read(path).raw
        text = None if raw is None else read_text(raw)
    except BadFileError as error:
        raise CommandFailed(f"{path} can't be read: {error}") from error
    except ConfigError as error:
        raise CommandFailed(str(error)) from error
    if text is None:
        raise CommandFailed(f"{path} does not exist. Name a .env file, or none to import the environment.")
    from dotenv import dotenv_values  # noqa: PLC0415  # only a file needs it

    return {name: value for name, value in dotenv_values(stream=StringIO(text)).items() if value is not None}
