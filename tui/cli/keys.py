"""`keys`: the keyring's keys, each under a provider and an origin."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar

import click
import msgspec

from tui.cli import completing
from tui.cli.edit import change, read_secret
from tui.cli.exits import CommandFailed, Exit
from tui.cli.manual import ManualGroup
from tui.cli.opened import Choice, chosen
from tui.cli.parts import make_vault
from tui.cli.running import run
from tui.cli.saving import in_place_option
from tui.config.resolve import Resolved, settings
from tui.config.secret import Secret
from tui.config.workspace import Workspace
from tui.providers.registry import providers
from tui.request.prepare import place_of
from tui.text import visible_line
from tui.usage.question import NotReadyError
from tui.vault.approvals import Approval
from tui.vault.keyring_store import KeyringError
from tui.vault.places import Place
from tui.vault.vault import Stored, Vault

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])

_SOURCES: Final = {"env": "LLM_API_KEY", "file": "the file", "provider env": "the provider's own variable"}
"""What a key's source is called on the screen."""


def _placed(command: F) -> F:
    """The options that name another place than the file's own."""
    command = click.option(
        "--provider",
        metavar="NAME",
        shell_complete=completing.provider,
        help="The provider, as a model's prefix spells it.",
    )(command)
    return click.option("--base-url", metavar="URL", help="Where its requests go, if not the provider's own address.")(
        command
    )


@click.group("keys", cls=ManualGroup)
def keys_command() -> None:
    """Keys in the operating system's keyring, each for one provider at one origin.

    Without --provider and --base-url these are the ones that the file's model and base_url name.
    """


@keys_command.command("list")
@click.pass_context
def list_keys(context: click.Context) -> None:
    """List the places that the keyring holds a key for, and the places you let a key go to. Never prints a key."""
    vault = make_vault(chosen(context).env)
    stored, approved = _run(_listed(vault))
    for item in stored:
        click.echo(f"key\t{item.place.provider}\t{item.place.origin}")
    for approval in approved:
        click.echo(f"allowed\t{approval.place.provider}\t{approval.place.origin}\tkey from {_source(approval)}")
    if not stored:
        click.echo("No key is stored. `llm-backends keys set` stores one.", err=True)


@keys_command.command("set")
@_placed
@click.argument("typed", nargs=-1, metavar="")
@click.pass_context
def set_key(context: click.Context, typed: tuple[str, ...], provider: str | None, base_url: str | None) -> None:
    """Store a key in the keyring: asked for without echo, or the first line of standard input."""
    if typed:  # not repeated, because it is most likely the key
        raise CommandFailed(
            "a key is not taken from the command line, which others can read and the shell remembers. Nothing was "
            "stored. Leave it away and enter it when asked; if it was a key, have the provider make a new one.",
            Exit.USAGE,
        )
    choice = chosen(context)
    place = _place(choice, provider, base_url)
    secret = Secret(read_secret(f"Key for {visible_line(str(place))}: "))
    _run(make_vault(choice.env).keep(place, secret))
    click.echo(f"The keyring now holds a key for {visible_line(str(place))}.", err=True)


@keys_command.command("delete")
@_placed
@click.pass_context
def delete_key(context: click.Context, provider: str | None, base_url: str | None) -> None:
    """Delete a key from the keyring, and forget where keys for that place were allowed to come from."""
    choice = chosen(context)
    place = _place(choice, provider, base_url)
    vault = make_vault(choice.env)
    if not _run(_deleted(vault, place)):
        raise CommandFailed(f"the keyring holds no key for {place}. `llm-backends keys list` lists them.")
    click.echo(f"Deleted the key for {visible_line(str(place))}.", err=True)


@keys_command.command("revoke")
@_placed
@click.option("--all", "everywhere", is_flag=True, help="Take back every yes.")
@click.pass_context
def revoke(context: click.Context, provider: str | None, base_url: str | None, *, everywhere: bool) -> None:
    """Take back the yes that lets a key go to another address, so that the question comes again.

    Keys stay where they are. `llm-backends keys list` shows what is allowed.
    """
    choice = chosen(context)
    place = None if everywhere else _place(choice, provider, base_url)
    revoked = _run(_revoked(make_vault(choice.env), place))
    if not revoked:
        where = "anywhere" if place is None else f"to go to {place}"
        raise CommandFailed(f"no key is allowed {where}. `llm-backends keys list` lists what is.")
    for approval in revoked:
        click.echo(f"The key from {_source(approval)} for {visible_line(str(approval.place))}: asked again.", err=True)


@keys_command.command("move")
@in_place_option
@click.pass_context
def move_key(context: click.Context, *, in_place: bool | None) -> None:
    """Move `api_key` from the file into the keyring, and print what changed in the file."""
    choice = chosen(context)
    resolved = choice.workspace().resolved()
    secret = _in_file(resolved["api_key"])
    place = _place(choice, None, None)
    _run(make_vault(choice.env).keep(place, secret))
    click.echo(f"The keyring now holds the key for {visible_line(str(place))}.", err=True)

    def edit(workspace: Workspace) -> None:
        workspace.clear("api_key")

    change(choice, edit, dry_run=False, in_place=in_place, touched=["api_key"])


def _in_file(item: Resolved) -> Secret:
    if item.saved_origin.kind not in ("file", "profile") or not isinstance(item.saved, Secret) or not item.saved:
        where = f" It comes from {item.origin}." if item.saved else ""
        raise CommandFailed(f"the file has no api_key to move.{where}")
    return item.saved


def _place(choice: Choice, provider: str | None, base_url: str | None) -> Place:
    wanted = settings(choice.workspace().resolved())
    if provider is not None:
        if provider not in providers():
            raise CommandFailed(f"LiteLLM knows no provider {provider!r}.", Exit.USAGE)
        wanted = msgspec.structs.replace(wanted, custom_llm_provider=provider, base_url=None)
    if base_url is not None:
        wanted = msgspec.structs.replace(wanted, base_url=base_url)
    try:
        return place_of(wanted)
    except NotReadyError as error:
        raise CommandFailed(
            f"{error.message} Or name the place: --provider NAME --base-url URL.", Exit.USAGE
        ) from error


async def _listed(vault: Vault) -> tuple[tuple[Stored, ...], tuple[Approval, ...]]:
    return await vault.places(), await vault.approved()


async def _deleted(vault: Vault, place: Place) -> bool:
    deleted = await vault.forget(place)
    return bool(await _revoked(vault, place)) or bool(deleted)


async def _revoked(vault: Vault, place: Place | None) -> list[Approval]:
    """The answers that were taken back: those for the place, or all."""
    approvals = [approval for approval in await vault.approved() if place in (None, approval.place)]
    return [approval for approval in approvals if await vault.revoke(approval)]


def _source(approval: Approval) -> str:
    return _SOURCES.get(approval.source, visible_line(approval.source))


def _run(work: Coroutine[Any, Any, T]) -> T:
    try:
        return run(work)
    except KeyringError as error:
        raise CommandFailed(f"{error} Or set the provider's variable, such as OPENAI_API_KEY.", Exit.KEY) from error
