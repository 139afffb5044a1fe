"""`ping`: one real request through the retry policy, with an exit code that tells what went wrong."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial
from typing import Final, assert_never

import click
import msgspec

from tui.cli.consent import Consent, NoConsentError, named_origin, with_consent
from tui.cli.exits import BY_CAUSE, CommandFailed, Exit
from tui.cli.json_text import json_text
from tui.cli.manual import Manual
from tui.cli.opened import Choice, chosen
from tui.cli.parts import assembled
from tui.cli.running import run
from tui.llm.events import Attempting, Cancelled, Delta, Failed, Finished, Message, Retrying, TurnEvent, Usage
from tui.text import visible
from tui.usage.price import load_of
from tui.usage.question import NotReadyError
from tui.usage.totals import answered_by, finished_words

GREETING: Final = "Say hello in one short sentence."


@click.command("ping", cls=Manual)
@click.argument("text", required=False, default=GREETING)
@click.option(
    "--checkup", is_flag=True, help="Test the backend in stages instead, with fewer than 2,000 tokens in all."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object with the answer or the failure.")
@click.option(
    "--send-key-to",
    metavar="ORIGIN",
    help="Let the key go to this origin (https://host) although it came from elsewhere; else that is refused.",
)
@click.option(
    "--over-limit",
    is_flag=True,
    help="Send it although it may pass a spending limit, or nobody knows its price; else the terminal is asked.",
)
@click.pass_context
def ping_command(
    context: click.Context, text: str, *, checkup: bool, as_json: bool, send_key_to: str | None, over_limit: bool
) -> None:
    """Send TEXT to the configured model, through its retry policy, and print the answer.

    The answer goes to standard output, what happened on the way to standard error. The exit code tells the cause
    of a failure: 3 key, 4 rate limit, quota or spending limit, 5 network, 6 other provider error. With --checkup,
    that of the first stage that failed; 1 if the model answers, but not as an agent needs it.
    """
    if send_key_to is not None:
        named_origin(send_key_to)
    consent = Consent(send_key_to, over_limit, may_ask=not as_json)
    work = _checkup if checkup else partial(_ping, text=text)
    context.exit(run(work(chosen(context), consent, as_json=as_json)))


async def _checkup(choice: Choice, consent: Consent, *, as_json: bool) -> Exit:
    from tui.cli.checkup import allowing, run_checkup  # noqa: PLC0415  # a plain ping has no use for it

    resolved = choice.workspace().resolved()
    async with assembled(choice.env) as parts:
        return await run_checkup(parts, resolved, choice.env, allowing(parts.backend, consent), as_json=as_json)


async def _ping(choice: Choice, consent: Consent, *, text: str, as_json: bool) -> Exit:
    resolved = choice.workspace().resolved()
    messages = (Message("user", text),)
    async with assembled(choice.env) as parts:
        try:
            prepared = await with_consent(
                parts.backend,
                lambda approved: parts.backend.prepare(resolved, approved=approved, load=load_of(messages)),
                consent,
            )
        except (NotReadyError, NoConsentError) as error:
            return _not_sent(error, as_json=as_json)
        async with aclosing(parts.backend.turn(prepared, messages, purpose="ping")) as events:
            return await (_as_json(events) if as_json else _as_text(events, prepared.settings.model))


def _not_sent(error: NotReadyError | NoConsentError, *, as_json: bool) -> Exit:
    code = BY_CAUSE.get(error.cause, Exit.PROBLEM)
    if not as_json:
        raise CommandFailed(error.message, code) from error
    failed = Failed(id="", cause=error.cause, message=error.message, field=error.field, usage=Usage(attempts=0))
    click.echo(_failure(failed, ""))
    return code


async def _as_text(events: AsyncGenerator[TurnEvent, None], model: str) -> Exit:
    said = False
    async for event in events:
        match event:
            case Delta(text=text, thinking=False):
                said = said or bool(text.strip())
                click.echo(visible(text), nl=False)
            case Delta() | Attempting():
                pass
            case Retrying():
                note = f"{event.reason}: attempt {event.attempt} of {event.of} in {event.wait_s:g} s"
                click.echo(visible(note), err=True)
            case Finished():
                click.echo()
                if event.note:
                    click.echo(visible(f"llm-backends: {event.note}"), err=True)
                other = answered_by(model, event.model)
                click.echo(visible(finished_words(event.usage, event.finish_reason, model=other)), err=True)
                return Exit.FINE if said else Exit.PROVIDER
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
                if not text.strip():
                    click.echo(_failure(Failed(id="", cause="protocol", message=event.note, usage=event.usage), text))
                    return Exit.PROVIDER
                answer = {"ok": True, "model": event.model, "text": text, "finish_reason": event.finish_reason}
                note = {"note": event.note} if event.note else {}
                click.echo(json_text(answer | note | {"usage": msgspec.to_builtins(event.usage)}, indent=None))
                return Exit.FINE
            case Failed():
                click.echo(_failure(event, text))
                return BY_CAUSE.get(event.cause, Exit.PROVIDER)
            case _:
                pass
    return Exit.INTERRUPTED


def _failure(event: Failed, text: str) -> str:
    """One object for every failure; `attempts` in its usage is 0 where nothing was sent."""
    told = {name: getattr(event, name) for name in ("cause", "message", "detail", "status", "field")}
    return json_text({"ok": False, **told, "text": text, "usage": msgspec.to_builtins(event.usage)}, indent=None)
