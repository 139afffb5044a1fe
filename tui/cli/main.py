"""The command `llm-backends`: its options, and its subcommands by name, each imported when it is called."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import click
from click.shell_completion import CompletionItem

from tui import __version__
from tui.cli import completing
from tui.cli.exits import Exit
from tui.cli.gc_tuning import put_off
from tui.cli.manual import ManualGroup
from tui.cli.opened import Choice
from tui.cli.streams import OutputError, abandon, open_all

COMMANDS: Final[Mapping[str, tuple[str, str]]] = {
    "demo": ("tui.cli.run", "Open the app on a scratch file with the built-in model."),
    "get": ("tui.cli.edit", "Print effective values."),
    "set": ("tui.cli.edit", "Change fields in the file."),
    "unset": ("tui.cli.edit", "Take fields out of the file."),
    "check": ("tui.cli.check", "Say what OpenHands will not do as the file says."),
    "ping": ("tui.cli.ping", "Send one real request."),
    "models": ("tui.cli.models", "List models, or those that your endpoint serves."),
    "usage": ("tui.cli.usage", "What your requests have used and cost."),
    "keys": ("tui.cli.keys", "Keys in the keyring."),
    "export": ("tui.cli.export", "Print the settings for OpenHands; secrets by name only."),
    "import": ("tui.cli.import_", "Write LLM_* variables into the file."),
    "exec": ("tui.cli.exec", "Run a command with the settings and the key in its environment."),
    "schema": ("tui.cli.schema", "Print the JSON Schema of the file, for editors."),
    "completion": ("tui.cli.completion", "Print the script that makes your shell complete commands."),
    "local": ("tui.cli.local", "The built-in model."),
}
"""Module and one-line help of each subcommand; the help stands here so that `--help` imports none of them."""


_WORDS: Final = "llm-backends.words"


@contextmanager
def _discreet(words: Sequence[str]) -> Iterator[None]:
    try:
        yield
    except click.ClickException as error:
        from tui.cli.misplaced import discreet  # noqa: PLC0415  # only a mistake needs it

        raise discreet(error, words) from None


class LazyGroup(ManualGroup):
    """A group that imports a subcommand when it is called, so that none pays for another's imports."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """Names in the order in which a newcomer needs them."""
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command itself, imported now."""
        if cmd_name not in COMMANDS:
            return None
        command = getattr(import_module(COMMANDS[cmd_name][0]), f"{cmd_name}_command")
        assert isinstance(command, click.Command)  # noqa: S101  # a slip in the table above, not user input
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Like click's, with the nearest name for one that is not there."""
        import difflib  # noqa: PLC0415  # only a wrong name needs it

        if args and args[0] not in COMMANDS and (near := difflib.get_close_matches(args[0], COMMANDS, n=1)):
            raise click.UsageError(f"There is no command {args[0]!r}. Did you mean {near[0]!r}?", ctx)
        return super().resolve_command(ctx, args)

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Like click's; keeps the words, so that no error repeats a key among them."""
        words = tuple(args)
        with _discreet(words):
            context = super().make_context(info_name, args, parent, **extra)
        context.meta[_WORDS] = words
        return context

    def invoke(self, ctx: click.Context) -> Any:
        """Like click's, with errors that repeat no key."""
        with _discreet(ctx.meta[_WORDS]):
            return super().invoke(ctx)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Options, and the commands with their one-line help; click's own would import them all."""
        named = [CompletionItem(name, help=text) for name, (_, text) in COMMANDS.items() if name.startswith(incomplete)]
        return [*named, *click.Command.shell_complete(self, ctx, incomplete)]

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table of commands, from their one-line help."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=True),
    metavar="FILE",
    help="The config.toml to work on; without it ./config.toml if it is there, else the one in your config directory.",
)
@click.option(
    "--profile",
    metavar="NAME",
    shell_complete=completing.profile,
    help="Work on the table [llm.NAME] instead of [llm].",
)
@click.option("--plain", is_flag=True, help="Work line by line instead of on a screen: for screen readers and scripts.")
@click.version_option(__version__, "-V", "--version", prog_name="llm-backends")
@click.pass_context
def command(context: click.Context, config: Path | None, profile: str | None, *, plain: bool) -> None:
    """Set up, check and try any LLM backend.

    Without a command, opens the app on the [llm] table of a config.toml.
    """
    if os.environ.get("NO_COLOR"):
        context.color = False
    context.obj = Choice(config, profile, dict(os.environ))
    if plain and context.invoked_subcommand is not None:
        raise click.UsageError("--plain goes without a command: each command works line by line anyway.", context)
    if plain:
        from tui.cli.plain.loop import run_plain  # noqa: PLC0415  # the same

        context.exit(run_plain(context, context.obj))
    if context.invoked_subcommand is None:
        put_off()
        from tui.cli.run import run  # noqa: PLC0415  # the app's imports are the app's to pay

        run(context.obj)


def main() -> None:
    """The entry point that the package installs."""
    open_all()
    try:
        try:
            command(prog_name="llm-backends")
        except SystemExit:  # how click ends; after an output error a second flush would hide what the first one said
            sys.stdout.flush()
            raise
    except OutputError as error:
        abandon()
        if not error.nobody_reads:
            click.echo(f"llm-backends: {error.message}", err=True)
        sys.exit(Exit.PROBLEM)
    except Exception as error:  # noqa: BLE001  # the last edge: a mistake of ours is told without values
        from tui.crash import report  # noqa: PLC0415  # only a crash needs it

        click.echo(report(error), err=True)
        sys.exit(Exit.PROBLEM)
