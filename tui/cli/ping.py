"""`ping`: one real request through the retry policy, with an exit code that tells what went wrong."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Final, assert_never

import click
import msgspec

from tui.chat.backend import ApprovalNeededError, NotReadyError, Prepared
from tui.chat.words import usage_words
from tui.cli.exits import BY_CAUSE, CommandFailed, Exit
from tui.cli.opened import Choice, chosen
from tui.cli.parts import Parts, assembled
from tui.config.resolve import Resolved
from tui.config.visible import visible
from tui.llm.events import Attempting, Cancelled, Delta, Failed, Finished, Message, Retrying, TurnEvent
from tui.vault.places import BadURLError, canonical_origin

GREETING: Final = "Say hello in one short sentence."


@click.command("ping")
@click.argument("text", required=False, default=GREETING)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object with the answer or the failure.")
@click.option(
    "--send-key-to",
    metavar="ORIGIN",
    help="Let the key go to this origin (https://host) although it came from elsewhere; else that is refused.",
)
@click.pass_context
def ping_command(context: click.Context, text: str, *, as_json: bool, send_key_to: str | None) -> None:
    """Send TEXT to the configured model, through its retry policy, and print the answer.

    The answer goes to standard output, what happened on the way to standard error. The exit code tells the cause
    of a failure: 3 key, 4 rate limit or quota, 5 network, 6 other provider error.
    """
    try:
        outcome = asyncio.run(_ping(chosen(context), text, as_json=as_json, send_key_to=send_key_to))
    except KeyboardInterrupt:
        context.exit(Exit.INTERRUPTED)
    context.exit(outcome)


async def _ping(choice: Choice, text: str, *, as_json: bool, send_key_to: str | None) -> Exit:
    resolved = choice.workspace().resolved()
    async with assembled(choice.env) as parts:
        try:
            prepared = await _prepared(parts, resolved, send_key_to)
        except NotReadyError as error:
            code = BY_CAUSE.get(error.cause, Exit.PROBLEM)
            if as_json:
                click.echo(
                    json.dumps({"ok": False, "cause": error.cause, "message": error.message, "field": error.field})
                )
                return code
            raise CommandFailed(error.message, code) from error
        messages = (Message("user", text),)
        async with aclosing(parts.backend.turn(prepared, messages)) as events:
            return await (_as_json(events) if as_json else _as_text(events))


async def _prepared(parts: Parts, resolved: Mapping[str, Resolved], send_key_to: str | None) -> Prepared:
    try:
        return await parts.backend.prepare(resolved)
    except ApprovalNeededError as needed:
        allowed = needed.wanted.place.origin
        if send_key_to is None or _origin(send_key_to) != allowed:
            raise CommandFailed(
                f"{needed.question} Nothing was sent. If it may go there, add --send-key-to {allowed}", Exit.KEY
            ) from needed
        return await parts.backend.prepare(resolved, approved=needed)


def _origin(text: str) -> str:
    try:
        return canonical_origin(text)
    except BadURLError as error:
        raise CommandFailed(f"--send-key-to: {error}", Exit.USAGE) from error


async def _as_text(events: AsyncGenerator[TurnEvent, None]) -> Exit:
    async for event in events:
        match event:
            case Delta(text=text, thinking=False):
                click.echo(visible(text), nl=False)
            case Delta() | Attempting():
                pass
            case Retrying():
                note = f"{event.reason}: attempt {event.attempt} of {event.of} in {event.wait_s:g} s"
                click.echo(visible(note), err=True)
            case Finished():
                click.echo()
                click.echo(usage_words(event.usage), err=True)
                return Exit.FINE
            case Failed():
                return _failed(event)
            case Cancelled():
                return Exit.INTERRUPTED
            case _:
                assert_never(event)
    return Exit.PROVIDER


def _failed(event: Failed) -> Exit:
    if event.partial:
        click.echo()
    click.echo(f"llm-backends: {visible(event.message)}", err=True)
    if event.detail:
        click.echo(visible(event.detail), err=True)
    return BY_CAUSE.get(event.cause, Exit.PROVIDER)


async def _as_json(events: AsyncGenerator[TurnEvent, None]) -> Exit:
    text = ""
    async for event in events:
        match event:
            case Delta(text=piece, thinking=False):
                text += piece
            case Finished():
                answer = {"ok": True, "model": event.model, "text": text, "finish_reason": event.finish_reason}
                click.echo(json.dumps(answer | {"usage": msgspec.to_builtins(event.usage)}))
                return Exit.FINE
            case Failed():
                failure = {name: getattr(event, name) for name in ("cause", "message", "detail", "status", "field")}
                click.echo(
                    json.dumps({"ok": False, **failure, "text": text, "usage": msgspec.to_builtins(event.usage)})
                )
                return BY_CAUSE.get(event.cause, Exit.PROVIDER)
            case _:
                pass
    return Exit.INTERRUPTED
