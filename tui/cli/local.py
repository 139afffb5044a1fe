"""`local`: fetch, serve and find the built-in model, or serve any GGUF file."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

import click

from tui.cli.exits import CommandFailed, Exit
from tui.cli.manual import ManualGroup
from tui.cli.running import run
from tui.local.errors import FetchError, ServerError
from tui.local.fetch import fetch, find_model
from tui.local.process import LocalServer


@click.group("local", cls=ManualGroup)
def local_command() -> None:
    """The built-in model: SmolLM2-135M-Instruct through llama.cpp, on this machine alone."""


@local_command.command("pull")
def pull() -> None:
    """Fetch the built-in model (93 MB, once), and print its path."""
    click.echo(run(_model()))


@local_command.command("path")
def path() -> None:
    """Print where the built-in model is; exit code 1 if it was not fetched yet."""
    found = find_model()
    if found is None:
        raise CommandFailed("the built-in model is not here yet. `llm-backends local pull` fetches it.")
    click.echo(found)


@local_command.command("serve")
@click.argument(
    "gguf", required=False, type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="[PATH.gguf]"
)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="Port on 127.0.0.1; 0, the default, takes a free one."
)
def serve(gguf: Path | None, port: int) -> None:
    """Serve the built-in model, or any GGUF file, as an OpenAI-compatible server on loopback, until Ctrl+C."""
    run(_serve(gguf, port))


async def _model() -> Path:
    found = find_model()
    if found is not None:
        return found
    with click.progressbar(length=1, label="Fetching the built-in model", file=sys.stderr) as bar:

        def progress(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        try:
            return await fetch(progress)
        except FetchError as error:
            code = Exit.PROBLEM if error.on_this_machine else Exit.NETWORK
            raise CommandFailed(str(error), code) from error


async def _serve(gguf: Path | None, port: int) -> None:
    path = gguf if gguf is not None else await _model()
    server = LocalServer()
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        except NotImplementedError:  # Windows: Ctrl+C raises KeyboardInterrupt in the loop instead
            break
    try:
        running = await server.start(path, port)
        click.echo(f"model    openai/{running.model}\nbase_url {running.base_url}")
        click.echo("Ctrl+C ends it.", err=True)
        await stop.wait()
    except ServerError as error:
        raise CommandFailed(str(error)) from error
    finally:
        await server.close()
