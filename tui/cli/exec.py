"""`exec`: a command with the settings and the key in its environment, and nowhere else."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Final, NoReturn

import click

from tui.cli.exits import BY_CAUSE, CommandFailed, Exit
from tui.cli.manual import Manual
from tui.cli.opened import Choice, chosen
from tui.cli.parts import make_vault
from tui.cli.running import run
from tui.config.export import as_text, collected
from tui.config.resolve import Resolved
from tui.config.schema import FIELDS
from tui.config.secret import Secret
from tui.request.key import wanted_key
from tui.request.prepare import checked_settings, known_provider, needs_key, origin_of
from tui.usage.question import NotReadyError
from tui.vault.places import BadURLError, canonical_origin, is_loopback
from tui.vault.vault import FoundKey, Search, Wanted

_KEY: Final = FIELDS["api_key"].env_name
_NOT_FOUND: Final = 127
_NOT_RUNNABLE: Final = 126


@click.command("exec", cls=Manual, context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED, metavar="-- COMMAND [ARG]...")
@click.option(
    "--send-key-to",
    metavar="ORIGIN",
    help="Let the key go to this origin (https://host) although it came from elsewhere; else that is refused.",
)
@click.pass_context
def exec_command(context: click.Context, command: tuple[str, ...], *, send_key_to: str | None) -> None:
    """Run COMMAND with the effective settings as LLM_* variables, and the key from the keyring as LLM_API_KEY.

    They are in COMMAND's environment alone: not on the disk, and not in a command line. The key is found, and the
    address it would go to is judged, as for a request. Exits as COMMAND does; 127 if there is none of that name.
    """
    choice = chosen(context)
    resolved = choice.workspace().resolved()
    key = run(_key(choice, resolved, send_key_to))
    _replace_by(command, child_environment(choice.env, resolved, key))


def child_environment(env: Mapping[str, str], resolved: Mapping[str, Resolved], key: Secret | None) -> dict[str, str]:
    """`env` with the settings in place of every variable that could be one, and the key that may be used."""
    fields = {field.env_name for field in FIELDS.values()}
    child = {name: text for name, text in env.items() if name not in fields}
    exported = collected(resolved)
    child |= {item.variable: item.text for item in exported.items if item.variable not in exported.silent}
    secrets = {item.field.env_name: item.value for item in resolved.values() if isinstance(item.value, Secret)}
    secrets = {name: secret for name, secret in secrets.items() if secret and name != _KEY}
    if key is not None:
        secrets[_KEY] = key
    return child | {name: as_text(secret) for name, secret in secrets.items()}


async def _key(choice: Choice, resolved: Mapping[str, Resolved], send_key_to: str | None) -> Secret | None:
    try:
        settings = checked_settings(resolved)
        provider = known_provider(settings)
        origin = origin_of(settings, provider)
        local = origin is not None and is_loopback(origin)
        required = needs_key(settings, provider, choice.env) and not local
        if origin is None and not required:
            return None
        wanted = wanted_key(resolved)
    except NotReadyError as error:
        raise CommandFailed(error.message, BY_CAUSE.get(error.cause, Exit.PROBLEM)) from error
    search = await make_vault(choice.env).find(wanted)
    if search.found is None:
        if required:
            raise _no_key(wanted, search)
        return None
    if local and search.found.question and search.found.source == "provider env":
        return None  # it is meant for the provider's own address
    return _allowed(search.found, wanted, send_key_to)


def _no_key(wanted: Wanted, search: Search) -> CommandFailed:
    trouble = f" {search.trouble}" if search.trouble else ""
    message = f"no key for {wanted.title}: `llm-backends keys set` stores one. The command was not run.{trouble}"
    return CommandFailed(message, Exit.KEY)


def _allowed(found: FoundKey, wanted: Wanted, send_key_to: str | None) -> Secret:
    origin = wanted.place.origin
    if found.question and (send_key_to is None or _origin(send_key_to) != origin):
        raise CommandFailed(
            f"{found.question} The command was not run. If it may go there, add --send-key-to {origin}", Exit.KEY
        )
    return found.secret


def _origin(text: str) -> str:
    try:
        return canonical_origin(text)
    except BadURLError as error:
        raise CommandFailed(f"--send-key-to: {error}", Exit.USAGE) from error


def _replace_by(command: tuple[str, ...], env: Mapping[str, str]) -> NoReturn:
    """Become the command; where a process can't, wait for it."""
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        if os.name == "posix":
            os.execvpe(command[0], command, env)  # noqa: S606  # the user's own command, without a shell
        sys.exit(subprocess.run(command, env=env, check=False).returncode)
    except FileNotFoundError as error:
        click.echo(f"llm-backends: there is no command {command[0]!r}.", err=True)
        raise SystemExit(_NOT_FOUND) from error
    except (OSError, ValueError) as error:
        click.echo(f"llm-backends: {command[0]!r} can't be run: {error.__class__.__name__}.", err=True)
        raise SystemExit(_NOT_RUNNABLE) from error
