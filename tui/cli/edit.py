"""`get`, `set` and `unset`: the file's fields without a screen."""

from __future__ import annotations

import difflib
import math
import sys
from collections.abc import Callable, Mapping

import click

from tui.cli import completing
from tui.cli.exits import CommandFailed, Exit
from tui.cli.json_text import json_text
from tui.cli.manual import Manual
from tui.cli.opened import Choice, chosen
from tui.cli.saving import in_place_option, not_done
from tui.cli.streams import after
from tui.config import storage
from tui.config.resolve import Resolved
from tui.config.schema import FIELDS, Field, InvalidValueError, Value, parsed, plain, shown
from tui.config.storage import ChangedOnDiskError
from tui.config.toml.document import ConfigError
from tui.config.workspace import Preview, Workspace
from tui.text import visible, visible_line

_TRIES = 5
"""How often an edit is made anew because somebody else wrote the file in between."""


@click.command("get", cls=Manual)
@click.argument("keys", nargs=-1, metavar="[KEY]...", shell_complete=completing.fields)
@click.option("--origin", is_flag=True, help="Say where each value comes from.")
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print JSON: for each field its value, origin and problem; nan and inf as text.",
)
@click.pass_context
def get_command(context: click.Context, keys: tuple[str, ...], *, origin: bool, as_json: bool) -> None:
    """Print the effective values of [llm]: of all fields, or of the KEYs given.

    One KEY prints its bare value. A secret is never printed, only whether it is set.
    """
    fields = [named_field(key) for key in keys] or list(FIELDS.values())
    resolved = chosen(context).workspace().resolved()
    items = [resolved[field.name] for field in fields]
    if as_json:
        click.echo(json_text({item.field.name: _as_json(item) for item in items}))
    elif len(keys) == 1:
        click.echo(visible(shown(items[0].field, items[0].value)) + (f"\t{items[0].origin}" if origin else ""))
    else:
        _print_table(items, origin=origin)
    for item in items:
        if item.problem:
            click.echo(f"llm-backends: {visible_line(item.problem)}", err=True)


def _as_json(item: Resolved) -> dict[str, object]:
    value = None if item.value is None or item.field.secret else plain(item.value)
    if isinstance(value, float) and not math.isfinite(value):
        value = shown(item.field, value)  # null would say that it is not set
    secret = {"is_set": item.value is not None} if item.field.secret else {}
    return {"value": value, **secret, "origin": str(item.origin), "problem": item.problem or None}


def _print_table(items: list[Resolved], *, origin: bool) -> None:
    width = max(len(item.field.name) for item in items)
    texts = [visible_line(shown(item.field, item.value)) or "-" for item in items]
    value_width = min(max(map(len, texts)), 60)
    for item, text in zip(items, texts, strict=True):
        end = f"  {item.origin}" if origin else ""
        click.echo(f"{item.field.name:<{width}}  {f'{text:<{value_width}}' if origin else text}{end}")


@click.command("set", cls=Manual, context_settings={"ignore_unknown_options": True})
@click.argument("pairs", nargs=-1, required=True, metavar="KEY VALUE...", shell_complete=completing.pairs)
@click.option("--dry-run", is_flag=True, help="Print the diff and write nothing.")
@in_place_option
@click.pass_context
def set_command(context: click.Context, pairs: tuple[str, ...], *, dry_run: bool, in_place: bool | None) -> None:
    """Set fields of [llm] in the file, and print what changed.

    A secret field takes - for its VALUE: the text is then read from standard input or asked for, so that it
    stands in no process list and no shell history. Keys are better kept in the keyring: llm-backends keys set.
    """
    if len(pairs) % 2:
        named_field(pairs[-1])
        raise click.UsageError(f"{pairs[-1]!r} has no value: give KEY VALUE pairs.", context)
    values = {pairs[i]: _value(named_field(pairs[i]), pairs[i + 1]) for i in range(0, len(pairs), 2)}

    def edit(workspace: Workspace) -> None:
        for name, value in values.items():
            workspace.edit(name, value)

    change(chosen(context), edit, dry_run=dry_run, in_place=in_place, touched=list(values))


@click.command("unset", cls=Manual)
@click.argument("keys", nargs=-1, required=True, metavar="KEY...", shell_complete=completing.fields)
@click.option("--dry-run", is_flag=True, help="Print the diff and write nothing.")
@in_place_option
@click.pass_context
def unset_command(context: click.Context, keys: tuple[str, ...], *, dry_run: bool, in_place: bool | None) -> None:
    """Take fields of [llm] out of the file, so that their defaults hold, and print what changed."""
    names = [named_field(key).name for key in keys]

    def edit(workspace: Workspace) -> None:
        for name in names:
            workspace.clear(name)

    change(chosen(context), edit, dry_run=dry_run, in_place=in_place, touched=names)


def named_field(key: str) -> Field:
    """The field of this name, or of this variable; raises `CommandFailed` with the nearest names."""
    name = key.lower().removeprefix("llm_") if key.upper().startswith("LLM_") else key
    if name in FIELDS:
        return FIELDS[name]
    near = difflib.get_close_matches(name, FIELDS, n=3)
    hint = f" Did you mean {' or '.join(near)}?" if near else " `llm-backends get` lists them."
    raise CommandFailed(f"[llm] has no field {key!r}.{hint}", Exit.USAGE)


def _value(field: Field, text: str) -> Value:
    if field.secret:
        if text != "-":
            raise CommandFailed(
                f"{field.name} is a secret, and a command line can be read by others. "
                f"Keep it in the keyring with `llm-backends keys set`, or write `set {field.name} -` "
                "and enter it when asked.",
                Exit.USAGE,
            )
        text = read_secret(f"{field.name}: ")
    try:
        return parsed(field, text)
    except InvalidValueError as error:
        raise CommandFailed(str(error), Exit.USAGE) from error


def read_secret(prompt: str) -> str:
    """A secret from the terminal without echo, or the first line of standard input; raises if it is empty."""
    if sys.stdin.isatty():
        import getpass  # noqa: PLC0415  # only a prompt needs it

        text = getpass.getpass(prompt)
    else:
        text = sys.stdin.readline().rstrip("\r\n")
    if not text.strip():
        raise CommandFailed("no secret was entered, so nothing was changed.", Exit.USAGE)
    return text.strip()


def change(
    choice: Choice, edit: Callable[[Workspace], None], *, dry_run: bool, in_place: bool | None, touched: list[str]
) -> None:
    """Edit the file that `choice` names and print the diff; tried anew if another program writes in between."""
    for tries_left in reversed(range(_TRIES)):
        workspace = choice.workspace()
        try:
            edit(workspace)
            preview = workspace.preview()
            if preview.after != preview.snapshot.raw and not dry_run:
                storage.save(preview.snapshot, preview.after, in_place=in_place)
        except ChangedOnDiskError:
            if tries_left:
                continue
            raise CommandFailed(f"{choice.path} keeps being changed by another program. Try again.") from None
        except ConfigError as error:
            raise not_done(choice.path, error) from error
        report(preview, dry_run=dry_run)
        _warn_shadowed(workspace.resolved(), touched)
        return


def report(preview: Preview, *, dry_run: bool, err: bool = False) -> None:
    """Print what a save changed, or would change; with `err` to standard error."""
    if preview.after == preview.snapshot.raw:
        click.echo("Nothing to change: the file says so already.", err=True)
        return
    colour = {"+": "green", "-": "red", "@": "cyan"}
    with after("Nothing was written to the file." if dry_run else "The file was saved."):
        for line in preview.diff():
            shade = colour.get(line[:1]) if not line.startswith(("+++", "---")) else None
            click.secho(visible_line(line), fg=shade, err=err)
    if dry_run:
        click.echo("Nothing was written (--dry-run).", err=True)


def _warn_shadowed(resolved: Mapping[str, Resolved], touched: list[str]) -> None:
    for name in touched:
        if resolved[name].env_name:
            click.echo(
                f"llm-backends: {resolved[name].env_name} is set in the environment and wins over the file.", err=True
            )
