"""`check`: what OpenHands would quietly not do, with the line, and the repairs that are safe."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import click
import msgspec

from tui.cli.edit import report
from tui.cli.exits import Exit
from tui.cli.json_text import json_text
from tui.cli.manual import Manual
from tui.cli.opened import chosen, tell_of_cut_off
from tui.cli.saving import in_place_option, not_done
from tui.config import storage
from tui.config.lint import check, targets
from tui.config.lint.problem import Problem, Severity
from tui.config.storage import ChangedOnDiskError, Snapshot
from tui.config.toml.document import ConfigError
from tui.config.workspace import NEW_FILE, Preview
from tui.text import visible_line

_TRIES: Final = 5
"""How often repairs are made anew because somebody else wrote the file in between."""
_COLOURS: Final[Mapping[Severity, str]] = {"error": "red", "warning": "yellow"}


class Checked(msgspec.Struct, frozen=True):
    """One file and what was found in it."""

    path: Path
    problems: tuple[Problem, ...]


class Repair(msgspec.Struct, frozen=True):
    """How files are checked and repaired."""

    env: Mapping[str, str]
    versions: tuple[targets.Target, ...]
    dry_run: bool
    quiet: bool
    """Whether standard output is for something else than the change."""
    in_place: bool | None


@click.command("check", cls=Manual)
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE]...")
@click.option(
    "--target",
    type=click.Choice(list(targets.TARGETS)),
    help="The version of OpenHands that will read the file. Without it, what only some versions do is a warning.",
)
@click.option("--fix", is_flag=True, help="Repair what can be repaired safely, and print what changed.")
@click.option("--dry-run", is_flag=True, help="With --fix: print the diff and write nothing.")
@in_place_option
@click.option("--no-env", is_flag=True, help="Leave the LLM_* variables of this environment out.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON: each file with its problems.")
@click.pass_context
def check_command(
    context: click.Context,
    files: tuple[Path, ...],
    *,
    target: str | None,
    fix: bool,
    dry_run: bool,
    in_place: bool | None,
    no_env: bool,
    as_json: bool,
) -> None:
    """Say what OpenHands will not do as the file says, and what to do about it.

    Looks at the FILEs, or at the file that the other commands work on, and at the LLM_* variables. Exits with 1 if
    there is an error; warnings alone give 0. A key in plain text is not moved by --fix: `llm-backends keys move` does
    that.
    """
    if dry_run and not fix:
        raise click.UsageError("--dry-run goes with --fix.", context)
    if in_place is not None and not fix:
        raise click.UsageError("--in-place and --replace go with --fix.", context)
    choice = chosen(context)
    env = {} if no_env else choice.env
    paths = files or (choice.path,)
    versions = targets.chosen(target)
    repair = Repair(env, versions, dry_run=dry_run, quiet=as_json, in_place=in_place)
    found = [_checked(path, repair, fix=fix) for path in paths]
    if as_json:
        click.echo(json_text([_as_json(item) for item in found]))
    else:
        for item in found:
            _print(item)
    if any(problem.severity == "error" for item in found for problem in item.problems):
        context.exit(Exit.PROBLEM)


def _checked(path: Path, repair: Repair, *, fix: bool) -> Checked:
    try:
        raw = _fixed(path, repair) if fix else _read(path).raw
    except ConfigError as error:
        raise not_done(path, error) from error
    if raw is None:
        click.echo(f"llm-backends: {visible_line(str(path))} does not exist; the defaults hold.", err=True)
    return Checked(path, check.lint(NEW_FILE if raw is None else raw, repair.env, repair.versions))


def _read(path: Path) -> Snapshot:
    snapshot = storage.read(path)
    tell_of_cut_off(snapshot)
    return snapshot


def _fixed(path: Path, repair: Repair) -> bytes | None:
    """The file's bytes after the repairs; also those of a dry run."""
    for tries_left in reversed(range(_TRIES)):
        snapshot = _read(path)
        if snapshot.raw is None:
            return None
        preview = Preview(snapshot, check.fixed(snapshot.raw, repair.env, repair.versions))
        try:
            if preview.after != snapshot.raw and not repair.dry_run:
                storage.save(snapshot, preview.after, in_place=repair.in_place)
        except ChangedOnDiskError:
            if tries_left:
                continue
            raise
        if preview.after != snapshot.raw:
            report(preview, dry_run=repair.dry_run, err=repair.quiet)
        return preview.after
    return None


def _as_json(item: Checked) -> dict[str, object]:
    return {"file": str(item.path), "problems": [problem.as_dict() for problem in item.problems]}


def _print(item: Checked) -> None:
    name = visible_line(str(item.path))
    for problem in item.problems:
        where = f"{name}:{problem.line}" if problem.line else problem.table if problem.in_environment else name
        kind = click.style(problem.severity, fg=_COLOURS[problem.severity])
        table = f"[{problem.table}] " if problem.table and not problem.in_environment else ""
        click.echo(f"{where}: {kind}: {visible_line(table)}{visible_line(problem.title)}")
        click.echo(f"    {visible_line(problem.effect)}")
        click.echo(f"    {visible_line(problem.fix)}{' (check --fix does it)' if problem.can_fix else ''}")
    click.echo(f"{name}: {_counted(item.problems)}")


def _counted(problems: tuple[Problem, ...]) -> str:
    counts = Counter(problem.severity for problem in problems)
    words = [f"{count} {severity}{'s' if count > 1 else ''}" for severity, count in sorted(counts.items())]
    return ", ".join(words) or "no problems"
